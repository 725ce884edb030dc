import Testing

@testable import Decoders

private let several = ECHONETBuilder.frame(
  .getResponse, [(0xE7, [0, 0, 1, 0x10]), (0xE8, [0x10, 0x81, 0, 1]), (0x80, [0x30])])

@Suite struct SKSTACKReaderTests {
  @Test(
    "datagrams of every dialect are read, in pieces of any size", arguments: ["1 ", "1 0 ", "C8 1 0 ", "C8 1 "],
    [false, true])
  private func dialects(_ middle: String, isBinary: Bool) {
    let data = isBinary ? several : Array(Hexadecimal.text(several).utf8)
    let before = "EVENT 21 X 00\r\nOK\r" + ECHONETBuilder.datagram(middle, several)
    let stream = Array(before.utf8) + data + Array("\r\nOK\r\n".utf8)
    for piece in [stream.count, 1, 5] {
      var reader = SKSTACKReader()
      var pieces: [SKSTACKReader.Piece] = []
      var position = 0
      while position < stream.count {
        let end = min(stream.count, position + piece)
        reader.append(Array(stream[position..<end]).span)
        while let next = reader.next() { pieces.append(next) }
        position = end
      }
      let expected = SKSTACKDatagram(
        sourcePort: 0x0E1A, destinationPort: 0x0E1A, linkQuality: middle.hasPrefix("C8") ? 0xC8 : nil,
        isProtected: true,
        data: several)
      #expect(
        pieces == [
          .line(Array("EVENT 21 X 00".utf8)), .line(Array("OK".utf8)), .datagram(expected), .line(Array("OK".utf8)),
        ])
      #expect(!reader.isInside)
    }
    #expect(goodFrames(frames(ECHONETFramer(), stream)) == [several])
  }

  @Test("the lines behind a datagram that lost its end are read") func lostEnd() {
    var reader = SKSTACKReader()
    let stream =
      Array(ECHONETBuilder.datagram("1 0 ", several).utf8) + several.prefix(10)
      + Array("\r\nEVENT 33 X 0\r\nOK\r\n".utf8)
    reader.append(stream.span)
    reader.finish()
    var lines: [String] = []
    while let piece = reader.next() {
      if case .line(let line) = piece { lines.append(String(decoding: line, as: UTF8.self)) }
    }
    #expect(lines.suffix(2) == ["EVENT 33 X 0", "OK"])
  }

  /// Found by fuzzing: what came behind the announced bytes was a line of its own, where the line came in pieces.
  @Test("an authentication longer than announced is not handed out in pieces") func longAuthentication() {
    let secret = Array("SM00000000000000000000000000000001".utf8)
    var reader = SKSTACKReader()
    var pieces: [SKSTACKReader.Piece] = []
    for byte in Array(ECHONETBuilder.datagram("0 0 ", port: "02CC", [0] + secret).utf8) + [0] + secret + secret
      + Array("\rOK\r".utf8)
    {
      reader.append([byte].span)
      while let piece = reader.next() { pieces.append(piece) }
    }
    #expect(pieces.count == 2 && pieces.last == .line(Array("OK".utf8)))
    guard case .rejected(let bytes, let error) = pieces.first else {
      Issue.record("\(pieces)")
      return
    }
    #expect(error.code == .badFrame && !String(decoding: bytes, as: UTF8.self).contains("SM00"))
  }
}
