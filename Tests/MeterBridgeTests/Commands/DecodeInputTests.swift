import Testing

@testable import Decoders
@testable import MeterBridge
@testable import Meters

private let telegram = "0E4435063322117021077801FD1704"

private func lines(_ text: [UInt8]) throws -> [String] {
  let bytes = try #require(ProtocolDescription.wmbus.lineBytes)
  return DecodeInput.lines(text, bytes).map { Hexadecimal.text($0) }
}

@Suite struct DecodeInputTests {
  @Test("each line of a wireless receiver is a telegram; comments and noise are none")
  func wirelessLines() throws {
    let text = "# from a receiver\n\(telegram)\n\nT1;1;1;time;1;2;3;0x\(telegram)\nT1;0;0;time;1;2;3;0xAA\r\n"
    #expect(try lines(Array(text.utf8)) == [telegram, telegram])
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
