import Glibc
import Testing
import TestSupport

@testable import Base
@testable import MeterBridge
@testable import Meters
@testable import Platform

/// A gateway that takes requests as datagrams, and answers when told.
private final class DatagramGateway {
  let port: UInt16
  private let descriptor: Int32
  private var client = sockaddr_in()

  init(port: UInt16? = nil) throws {
    let port = try port ?? freePort()
    self.port = port
    descriptor = socket(
      AF_INET, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
    let descriptor = descriptor
    guard unsafe withLoopback(port, { unsafe bind(descriptor, $0, $1) }) == 0 else { throw Failure(what: "bind") }
  }

  deinit { close(descriptor) }

  /// The next datagram; nil for nothing.
  func receive() -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: 300)
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let count = unsafe withUnsafeMutablePointer(to: &client) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe recvfrom(descriptor, &bytes, bytes.count, 0, $0, &size)
      }
    }
    return count < 0 ? nil : Array(bytes[..<count])
  }

  func send(_ bytes: [UInt8]) {
    unsafe withUnsafePointer(to: &client) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        _ = unsafe sendto(descriptor, bytes, bytes.count, 0, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
  }
}

@Suite struct UDPTransportTests {
  private static func driver(_ port: UInt16, addresses: [UInt8] = [7]) throws -> SourceDriver {
    let meters = addresses.map { address in
      var settings = MeterSettings(
        id: "m\(address)", meterProtocol: .mbus, source: .udp(host: "127.0.0.1", port: port), sourceText: "udp://gw")
      settings.address = .primary(address)
      settings.interval = .minutes(1)
      return settings
    }
    return SourceDriver(try #require(SourceConnection(for: meters, lookup: nil)))
  }

  /// The next request, which comes in one datagram.
  private static func request(_ gateway: DatagramGateway, _ driver: SourceDriver) throws -> [UInt8] {
    var request: [UInt8]?
    let isThere = driver.run {
      request = request ?? gateway.receive()
      return request != nil
    }
    try #require(isThere)
    return try #require(request)
  }

  @Test("a request is one datagram, and an answer may come in parts") func readout() throws {
    let gateway = try DatagramGateway()
    let driver = try Self.driver(gateway.port)
    #expect(try Self.request(gateway, driver) == [0x10, 0x40, 0x07, 0x47, 0x16])
    gateway.send([0xE5])
    #expect(try Self.request(gateway, driver) == [0x10, 0x7B, 0x07, 0x82, 0x16])
    let answer = shortTelegram(7)
    gateway.send(Array(answer.prefix(4)))
    gateway.send([])
    gateway.send(Array(answer.dropFirst(4)))
    #expect(driver.run { driver.frames == [answer] })
    #expect(driver.rejected.isEmpty && driver.lost.isEmpty && driver.opened == 1)
  }

  @Test("an answer that comes twice is one reading, and counted") func double() throws {
    let gateway = try DatagramGateway()
    let driver = try Self.driver(gateway.port, addresses: [7, 8])
    var asked: [UInt8] = []
    while asked.count < 2 {
      let request = try Self.request(gateway, driver)
      let address = request[2]
      if request[1] == 0x40 {
        gateway.send([0xE5])
        gateway.send([0xE5])
      } else {
        asked.append(address)
        gateway.send(shortTelegram(address))
        gateway.send(shortTelegram(address))
      }
    }
    #expect(driver.run { driver.frames.count == 2 && (driver.connection.bus?.doubled ?? 0) >= 3 })
    #expect(Set(driver.frames) == [shortTelegram(7), shortTelegram(8)])
    #expect(driver.rejected.isEmpty)
  }

  @Test("a gateway that is off is told once, and found when it is back") func refused() throws {
    let port = try freePort()
    let driver = try Self.driver(port)
    #expect(driver.run { !driver.lost.isEmpty })
    #expect(
      driver.lost == ["127.0.0.1:\(port) takes no datagrams: is the port right, and is the gateway on?"])
    let gateway = try DatagramGateway(port: port)
    #expect(try Self.request(gateway, driver)[1] == 0x40)
    #expect(driver.lost.count == 1)
  }
}
