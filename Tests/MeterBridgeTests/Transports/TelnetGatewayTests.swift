import Glibc
import Testing
import TestSupport

@testable import Base
@testable import MeterBridge
@testable import Meters

/// A gateway with RFC 2217 that answers each setting, as `answer` says.
private final class ComPortGateway {
  let gateway: Gateway
  private var peer: Int32?
  private var heard: [UInt8] = []
  /// The baud rates and parities that it was asked for.
  private(set) var baudRates: [Int] = []
  private(set) var parities: [UInt8] = []
  private let answer: (_ command: UInt8, _ value: [UInt8]) -> [UInt8]?

  init(answer: @escaping (_ command: UInt8, _ value: [UInt8]) -> [UInt8]? = { $1 }) throws {
    gateway = try Gateway()
    self.answer = answer
  }

  func write(_ bytes: [UInt8]) {
    if let peer { put(bytes, to: peer) }
  }

  /// Does what is possible; true once a connection is there.
  @discardableResult func step() -> Bool {
    if let new = gateway.accept() {
      peer = new
      heard = []
    }
    guard let peer else { return false }
    // Bytes of the line are not looked at.
    heard = Array((heard + read(peer)).drop { $0 != 0xFF })
    while let items = next() { reply(items) }
    return true
  }

  /// The next command that is complete.
  private func next() -> [UInt8]? {
    guard heard.count >= 3, heard[0] == 0xFF else { return nil }
    let end = heard[1] == 0xFA ? heard.indices.dropFirst().first { heard[$0 - 1] == 0xFF && heard[$0] == 0xF0 } : 2
    guard let end else { return nil }
    defer { heard.removeFirst(end + 1) }
    return Array(heard[...end])
  }

  private func reply(_ command: [UInt8]) {
    if command == [0xFF, 0xFB, 44] { write([0xFF, 0xFD, 44]) }
    guard command.starts(with: [0xFF, 0xFA, 44]) else { return }
    let value = Array(command[4...].dropLast(2))
    if command[3] == 1 { baudRates.append(value.reduce(0) { $0 << 8 | Int($1) }) }
    if command[3] == 3 { parities += value }
    if let answer = answer(command[3], value) { write([0xFF, 0xFA, 44, command[3] + 100] + answer + [0xFF, 0xF0]) }
  }
}

/// Sends bytes to a peer that may be gone.
private func put(_ bytes: [UInt8], to peer: Int32) {
  _ = unsafe Glibc.send(peer, bytes, bytes.count, Int32(MSG_NOSIGNAL))
}

private let line = LineSettings(baud: 2400, dataBits: 8, parity: .even, stopBits: 1)

private func driver(_ port: UInt16, others: [LineSettings] = [], isControlled: Bool = true) -> SourceDriver {
  let address =
    isControlled ? SourceAddress.rfc2217(host: "127.0.0.1", port: port) : .tcp(host: "127.0.0.1", port: port)
  return SourceDriver(
    SourceConnection(address, line: line, others: others, dialogue: mbusListener(), lookup: nil))
}

extension SourceDriver {
  fileprivate var warnings: [String] { events.compactMap { if case .warning(let text) = $0 { text } else { nil } } }
}

@Suite struct TelnetGatewayTests {
  @Test("a tcp:// gateway with Telnet is understood and answered") func telnet() throws {
    let gateway = try Gateway()
    let driver = driver(gateway.port, isControlled: false)
    let connected = try driver.peer(of: gateway)
    // An M-Bus telegram with FF in it, doubled, behind the greeting of ser2net.
    let telegram = shortTelegram(0xFF)
    let doubled = telegram.flatMap { $0 == 0xFF ? [$0, $0] : [$0] }
    for byte in [0xFF, 0xFB, 0x03, 0xFF, 0xFB, 0x01, 0xFF, 0xFE, 0x01, 0xFF, 0xFD, 0x00] + doubled {
      put([byte], to: connected)
      driver.step()
    }
    #expect(driver.run { driver.frames == [telegram] })
    #expect(driver.rejected.isEmpty)
    var heard: [UInt8] = []
    #expect(
      driver.run {
        heard += read(connected)
        return heard.count >= 12
      })
    #expect(heard.starts(with: [0xFF, 0xFD, 0x03]))
  }

  @Test("a gateway's port is set before the line counts as open") func setUp() throws {
    let gateway = try ComPortGateway()
    let driver = driver(gateway.gateway.port)
    #expect(
      driver.run {
        gateway.step()
        return gateway.parities == [3]
      })
    #expect(gateway.baudRates == [2400])
    #expect(
      driver.run {
        gateway.write(shortTelegram(7))
        gateway.step()
        return !driver.frames.isEmpty
      })
    #expect(driver.warnings.isEmpty && driver.lost.isEmpty && driver.opened == 1)
  }

  @Test("a gateway with another speed is told once, and read") func otherSpeed() throws {
    let gateway = try ComPortGateway { $0 == 1 ? [0, 0, 0x25, 0x80] : $1 }
    let driver = driver(gateway.gateway.port)
    for round in 1...2 {
      #expect(
        driver.run {
          gateway.step()
          return gateway.baudRates.count == round
        })
      #expect(
        driver.run {
          gateway.step()
          gateway.write(shortTelegram(UInt8(round)))
          return driver.frames.contains(shortTelegram(UInt8(round)))
        })
      gateway.gateway.hangUp()
      #expect(driver.run { driver.lost.count == round })
    }
    let start = "127.0.0.1:\(gateway.gateway.port) has set its port to 9600 baud instead of 2400 8E1"
    #expect(driver.warnings.count == 1 && driver.warnings[0].hasPrefix(start), "\(driver.warnings)")
  }

  @Test("other line settings are tried in the gateway too") func lineSearch() throws {
    let gateway = try ComPortGateway()
    let other = LineSettings(baud: 2400, dataBits: 8, parity: .none, stopBits: 1)
    let driver = driver(gateway.gateway.port, others: [other])
    var isNoisy = false
    #expect(
      driver.run {
        gateway.step()
        // Noise, then the silence that ends it.
        isNoisy = !isNoisy && gateway.parities == [3]
        if isNoisy { gateway.write((0..<400).map { UInt8($0 % 7) }) } else { driver.skip(Milliseconds(300)) }
        return gateway.parities == [3, 1]
      })
    #expect(
      driver.run {
        gateway.step()
        gateway.write(shortTelegram(7))
        return driver.frames.contains(shortTelegram(7))
      })
  }

  @Test("a gateway's port gets other settings on the same connection", arguments: [true, false])
  func tuned(takesThem: Bool) throws {
    let gateway = try ComPortGateway { $0 == 1 && !takesThem ? [0, 0, 0x09, 0x60] : $1 }
    let fast = LineSettings(baud: 9600, dataBits: 8, parity: .none, stopBits: 1)
    let driver = SourceDriver(
      SourceConnection(
        .rfc2217(host: "127.0.0.1", port: gateway.gateway.port), line: line, dialogue: Tuner([0xE5], then: fast),
        lookup: nil))
    #expect(
      driver.run {
        gateway.step()
        return !driver.frames.isEmpty
      })
    #expect(driver.frames == [[takesThem ? 1 : 0]] && driver.lost.isEmpty)
    #expect(
      driver.run {
        gateway.step()
        return gateway.parities == (takesThem ? [3, 1] : [3, 1, 3])
      })
    #expect(gateway.baudRates == (takesThem ? [2400, 9600] : [2400, 9600, 2400]))
    let refusal = "127.0.0.1:\(gateway.gateway.port) has set its port to 2400 baud instead of 9600 8N1"
    #expect(driver.warnings == (takesThem ? [] : [refusal]))
  }

  @Test("a gateway without RFC 2217 is told, and its bytes are one letter") func plainGateway() throws {
    let gateway = try Gateway()
    let driver = driver(gateway.port)
    let connected = try driver.peer(of: gateway)
    for byte in shortTelegram(7) {
      put([byte], to: connected)
      driver.step()
    }
    driver.skip(.seconds(6))
    #expect(driver.run { !driver.lost.isEmpty })
    #expect(driver.lost[0].contains("does not speak RFC 2217: write tcp://127.0.0.1:\(gateway.port)"))
    #expect(driver.rejected == [shortTelegram(7)])
    #expect(driver.opened == 0)
  }

  @Test("the words of a busy gateway are shown here too") func busy() throws {
    let gateway = try Gateway()
    let driver = driver(gateway.port)
    #expect(
      driver.run {
        if let peer = gateway.accept() {
          put(Array("Port already in use\r\n".utf8), to: peer)
          gateway.hangUp()
        }
        return !driver.lost.isEmpty
      })
    #expect(driver.lost[0].contains("says \"Port already in use\" and closes"))
    #expect(driver.rejected == [Array("Port already in use\r\n".utf8)])
  }
}
