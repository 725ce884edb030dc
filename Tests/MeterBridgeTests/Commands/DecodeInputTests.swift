import Testing

@testable import Decoders
@testable import MeterBridge
@testable import Meters

private let telegram = "0E4435063322117021077801FD1704"

private func lines(_ text: [UInt8]) throws -> [String] {
  let heard = try #require(ProtocolDescription.wmbus.heard)
  return DecodeInput.lines(text, heard).map { Hexadecimal.text($0.bytes) }
}

@Suite struct DecodeInputTests {
  @Test("each line of a wireless receiver is a telegram; comments and noise are none")
  func wirelessLines() throws {
    let text = "# from a receiver\n\(telegram)\n\nT1;1;1;time;1;2;3;0x\(telegram)\nT1;0;0;time;1;2;3;0xAA\r\n"
    #expect(try lines(Array(text.utf8)) == [telegram, telegram])
  }

  @Test("the level of a line is in the header of its telegram, and in no other")
  func levels() {
    let settings = MeterSettings(id: "x", meterProtocol: .wmbus, source: .standardInput, sourceText: "-")
    let text = "C1;1;1;time;-71;;;0x\(telegram)\n\(telegram)\n"
    let results = DecodeCommand(meterProtocol: .wmbus, settings: settings).decode(Array(text.utf8))
    #expect(results.map { $0.json.contains(#","rssi":-71}"#) } == [true, false])
    #expect(results.map { $0.table.contains("layers 78, -71 dBm") } == [true, false])
  }

  @Test("what no receiver prints is still shown")
  func otherLines() throws {
    #expect(try lines(Array("hello\n".utf8)) == ["68656C6C6F"])
  }

  @Test("raw bytes are one piece, whatever line ends are in them")
  func rawBytes() throws {
    #expect(try lines([0x0E, 0x44, 0x0A, 0x80]) == ["0E440A80"])
  }
}
