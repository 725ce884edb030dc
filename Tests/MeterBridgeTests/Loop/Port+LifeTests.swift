import Decoders
import Testing

@testable import Base
@testable import Meters

@Suite struct PortLifeTests {
  /// A P1 telegram of version 5 with its checksum.
  private static func telegram(_ lines: String..., power: Int = 472) -> [UInt8] {
    let all =
      ["1-3:0.2.8(50)", "0-0:96.1.1(4530303433)", "1-0:1.8.1(000123.456*kWh)", "1-0:1.7.0(00.\(power)*kW)"] + lines
    let text = "/ISK5\\2M550T-1013\r\n\r\n" + all.map { $0 + "\r\n" }.joined() + "!"
    let checksum = String(CRC16.arc(Array(text.utf8).span), radix: 16, uppercase: true)
    return Array((text + String(repeating: "0", count: 4 - checksum.count) + checksum + "\r\n").utf8)
  }

  private static let gas = [
    "0-1:24.1.0(003)", "0-1:96.1.0(4730303339303031323334353637383930)", "0-1:24.2.1(261120120000W)(01234.567*m3)",
  ]

  private static func damaged() -> [UInt8] { telegram().map { $0 == UInt8(ascii: "4") ? UInt8(ascii: "5") : $0 } }

  @Test("the first telegram is told once, with the meters behind it") func firstTelegram() throws {
    let port = try PushingPort(.p1)
    for _ in 0..<3 { port.send(Self.telegram(Self.gas[0], Self.gas[1], Self.gas[2])) }
    let first = port.logs.filter { $0.contains("first telegram") }
    #expect(
      first == ["grid: first telegram: ISK 2M550T-1013, number E0043, 3 values; behind it grid_gas"], "\(port.logs)")
    #expect(port.logs.count == 2 && port.logs[0] == "/dev/ttyUSB0: open", "\(port.logs)")
  }

  @Test("a silent port says what to look at, once, and the return says for how long") func silentPort() throws {
    let port = try PushingPort(.p1)
    port.wait(.minutes(5))
    let advice = try #require(port.logs.last)
    #expect(advice.hasPrefix("/dev/ttyUSB0: no telegram for 30 s: is the port of the meter switched on"))
    port.send(Self.telegram())
    port.wait(.minutes(12))
    #expect(port.logs.count { $0.contains("no telegram for 30 s") } == 2)
    port.send(Self.telegram())
    #expect(port.logs.last == "grid: again after 12 min", "\(port.logs)")
  }

  @Test("a short pause of a meter is told once an hour at most") func shortPauses() throws {
    let port = try PushingPort(.p1) { $0.interval = .seconds(1) }
    for _ in 0..<20 { port.send(Self.telegram(), pause: .seconds(5)) }
    #expect(port.logs.count { $0.hasPrefix("grid: again after ") } == 1, "\(port.logs)")
  }

  @Test("a share of damaged telegrams is told each hour, in figures") func damagedShare() throws {
    let port = try PushingPort(.p1)
    port.send(Self.telegram())
    for _ in 0..<901 {
      for _ in 0..<3 { port.send(Self.damaged()) }
      port.send(Self.telegram())
    }
    let told = port.logs.filter { $0.contains("telegrams were damaged") }
    #expect(
      told.count == 1 && told[0].hasPrefix("grid: 2700 of 3600 telegrams were damaged in the last hour"), "\(told)")
    #expect(!port.logs.contains { $0.contains("line settings") })
    port.wait(.minutes(70))
    let before = port.logs.count
    port.wait(.minutes(120))
    #expect(port.logs.count == before)
  }

  @Test("whole telegrams with bad checksums end the search for other line settings") func badChecksums() throws {
    let port = try PushingPort(.p1)
    for _ in 0..<100 { port.send(Self.damaged()) }
    #expect(!port.logs.contains { $0.contains("line settings") }, "\(port.logs)")
    #expect(port.logs.contains { $0.hasPrefix("/dev/ttyUSB0: no telegram for 30 s that is not damaged;") })
  }

  @Test("noise tells the line settings once") func noise() throws {
    let port = try PushingPort(.p1)
    var random = SplitMix64(seed: 3)
    // An hour. What noise is takes long to find out, and is asked every two seconds at most.
    for _ in 0..<720 {
      port.send((0..<300).map { _ in UInt8.random(in: 0...255, using: &random) }, pause: .seconds(5))
    }
    let told = port.logs.filter { $0.contains("line settings") }
    #expect(
      told == [
        "\(port.cable.path): no telegram is recognised; trying the line settings 9600 7E1 and 115200 8N1 in turn. If it "
          + "stays so, check the cable"
      ])
    #expect(port.logs.count < 5, "\(port.logs)")
    for _ in 0..<130 { port.send(Self.telegram()) }
    #expect(port.logs.last?.contains("first telegram") == true)
  }

  @Test("an inverted line is named, and the line settings stay") func inverted() throws {
    let port = try PushingPort(.p1)
    for _ in 0..<100 { port.send(Self.telegram().map { ~$0 }) }
    #expect(port.logs.count { $0.hasPrefix("/dev/ttyUSB0: the bytes are inverted") } == 1, "\(port.logs)")
    #expect(!port.logs.contains { $0.contains("line settings") }, "\(port.logs)")
  }

  @Test("bytes of another protocol are named once") func otherProtocol() throws {
    let port = try PushingPort(.dlms)
    for _ in 0..<100 { port.send(Self.telegram()) }
    #expect(port.logs.count { $0 == "/dev/ttyUSB0: these bytes are P1: protocol: p1" } == 1, "\(port.logs)")
    #expect(!port.logs.contains { $0.contains("line settings") || $0.contains("no telegram for") }, "\(port.logs)")
  }

  @Test("bytes that give no telegram are not called silence") func bytesComeIn() throws {
    let port = try PushingPort(.p1) { $0.line = LineSettings(baud: 9600, dataBits: 8, parity: .none, stopBits: 1) }
    for _ in 0..<40 { port.send([0x55, 0x00, 0x55, 0x13, 0x55]) }
    #expect(
      port.logs.contains(
        "/dev/ttyUSB0: no telegram for 30 s, although bytes come: are the cable and the line settings (9600 8N1) right?"
      ),
      "\(port.logs)")
  }
}
