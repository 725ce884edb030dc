import Decoders
import Glibc
import Testing
import TestSupport

@testable import Base
@testable import MeterBridge
@testable import Meters
@testable import Platform

private func driver(_ address: String, datagrams: Bool = false, _ dialogue: (any Dialogue)? = nil) -> SourceDriver {
  SourceDriver(
    SourceConnection(
      .listen(at: address, takesDatagrams: datagrams), line: ProtocolDescription.mbus.line,
      dialogue: dialogue ?? ClientListeners(interval: nil) { mbusListener() }, lookup: nil))
}

/// A client that sends datagrams.
private final class DatagramClient {
  private let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)

  deinit { close(descriptor) }

  func send(_ bytes: [UInt8], to port: UInt16) {
    _ = unsafe withLoopback(port) { Int32(unsafe sendto(descriptor, bytes, bytes.count, 0, $0, $1)) }
  }
}

@Suite struct ListeningTransportTests {
  @Test("gateways connect at the same time, and each has a line of its own", arguments: ["127.0.0.1", "[::]"])
  func clients(address: String) throws {
    let port = try freePort()
    let driver = driver("\(address):\(port)")
    driver.step()
    let (first, second) = try (RawClient(port: port), RawClient(port: port))
    let telegrams = (shortTelegram(7), shortTelegram(8))
    first.send(Array(telegrams.0.prefix(4)))
    #expect(driver.run { driver.opened == 1 })
    second.send(telegrams.1)
    #expect(driver.run { driver.frames == [telegrams.1] })
    first.send(Array(telegrams.0.dropFirst(4)))
    #expect(driver.run { driver.frames == [telegrams.1, telegrams.0] })
    #expect(driver.rejected.isEmpty && driver.lost.isEmpty)
  }

  @Test("a gateway that leaves in the middle of a telegram costs that telegram, and may come again")
  func cut() throws {
    let port = try freePort()
    let driver = driver("127.0.0.1:\(port)")
    driver.step()
    var client: RawClient? = try RawClient(port: port)
    let other = try RawClient(port: port)
    other.send(Array(shortTelegram(8).prefix(5)))
    client?.send(shortTelegram(7) + shortTelegram(7).prefix(6))
    client = nil
    #expect(driver.run { driver.rejected == [Array(shortTelegram(7).prefix(6))] })
    other.send(Array(shortTelegram(8).dropFirst(5)))
    client = try RawClient(port: port)
    client?.send(shortTelegram(9))
    #expect(driver.run { driver.frames.count == 3 })
    #expect(driver.frames[0] == shortTelegram(7) && driver.frames.contains(shortTelegram(8)))
    #expect(driver.lost.isEmpty)
  }

  @Test("an endless gateway is read slowly, and holds nobody up")
  func endless() throws {
    let port = try freePort()
    let driver = driver("127.0.0.1:\(port)")
    driver.step()
    let (noisy, other) = try (RawClient(port: port), RawClient(port: port))
    let noise = [UInt8](repeating: 0x55, count: 64 * 1024)
    var isTold = false
    let isLimited = driver.run {
      noisy.send(noise)
      // A deadline that is not over means that nothing is read meanwhile.
      isTold = driver.connection.deadline.map { $0 > driver.now } ?? false
      return isTold && driver.rejected.reduce(0) { $0 + $1.count } > Limits.noiseBytes
    }
    #expect(isLimited)
    let before = driver.rejected.reduce(0) { $0 + $1.count }
    other.send(shortTelegram(7))
    #expect(driver.run { driver.frames == [shortTelegram(7)] })
    let after = driver.rejected.reduce(0) { $0 + $1.count }
    #expect(after - before <= 64 * Limits.readBytes)
  }

  @Test("a gateway that was read slowly is read at once again when a telegram of it has come")
  func heardAgain() throws {
    let port = try freePort()
    let driver = driver("127.0.0.1:\(port)")
    driver.step()
    let client = try RawClient(port: port)
    let noise = [UInt8](repeating: 0x55, count: 64 * 1024)
    for round in 1...Limits.noiseBytes / noise.count {
      client.send(noise)
      #expect(driver.run { driver.rejected.reduce(0) { $0 + $1.count } == round * noise.count })
    }
    client.send(noise.prefix(100) + shortTelegram(7))
    #expect(driver.run { driver.frames == [shortTelegram(7)] })
    driver.connection.decoded()
    client.send(shortTelegram(8))
    #expect(driver.run { driver.frames == [shortTelegram(7), shortTelegram(8)] })
  }

  @Test("connections that a gateway leaves behind make room for new ones, which is told once")
  func crowd() throws {
    let port = try freePort()
    let driver = driver("127.0.0.1:\(port)")
    driver.step()
    var clients: [RawClient] = []
    for _ in 0..<Limits.clients + 3 {
      clients.append(try RawClient(port: port))
      driver.skip(10)
      driver.step(waiting: 0)
    }
    let areClosed = driver.run {
      for client in clients { client.receive() }
      return clients.filter(\.isClosed).count == 3
    }
    #expect(areClosed)
    #expect(clients.prefix(3).allSatisfy { $0.isClosed })
    clients.last?.send(shortTelegram(7))
    #expect(driver.run { driver.frames == [shortTelegram(7)] })
    let warnings = driver.events.filter { if case .warning = $0 { true } else { false } }
    #expect(warnings.count == 1)
  }

  @Test("a port that another program has is told once, and taken when it is free")
  func taken() throws {
    let (descriptor, port) = try listeningSocket()
    let driver = driver("127.0.0.1:\(port)")
    for _ in 0..<20 { driver.step() }
    #expect(driver.lost.count == 1)
    #expect(driver.lost.first?.hasPrefix("cannot listen on 127.0.0.1:\(port): another program listens there") == true)
    close(descriptor)
    let isTaken =
      driver.run {
        guard let client = try? RawClient(port: port) else { return false }
        client.send(shortTelegram(7))
        return driver.run { driver.frames == [shortTelegram(7)] }
      }
    #expect(isTaken)
  }

  @Test("datagrams of several gateways are put together by their sender")
  func datagrams() throws {
    let port = try freePort()
    let driver = driver("127.0.0.1:\(port)", datagrams: true)
    driver.step()
    let (first, second) = (DatagramClient(), DatagramClient())
    first.send(Array(shortTelegram(7).prefix(4)), to: port)
    second.send(shortTelegram(8), to: port)
    first.send([], to: port)
    first.send(Array(shortTelegram(7).dropFirst(4)), to: port)
    #expect(driver.run { driver.frames == [shortTelegram(8), shortTelegram(7)] })
    #expect(driver.rejected.isEmpty && driver.lost.isEmpty && driver.opened == 1)
  }

  @Test("silence is told, and closes no connection")
  func silence() throws {
    let port = try freePort()
    let driver = driver("127.0.0.1:\(port)")
    driver.step()
    let client = try RawClient(port: port)
    driver.step()
    driver.skip(.minutes(60))
    driver.step()
    driver.skip(.minutes(60))
    driver.step()
    let told = driver.events.filter { if case .silent = $0 { true } else { false } }.count
    client.receive()
    #expect(told == 1 && !client.isClosed && driver.lost.isEmpty)
    client.send(shortTelegram(7))
    #expect(driver.run { driver.frames == [shortTelegram(7)] })
  }
}
