import Testing

@testable import Decoders

@Suite struct ByteReaderTests {
  @Test("numbers are read least significant byte first, and never past the end") func littleEndian() throws {
    let bytes: [UInt8] = [0x78, 0x56, 0x34]
    var reader = ByteReader(bytes.span)
    #expect(try reader.littleEndian(2) == 0x5678)
    var error: DecodeError?
    do throws(DecodeError) { _ = try reader.littleEndian(2) } catch let caught { error = caught }
    #expect(error == DecodeError(.truncated, at: 2, expected: 2, found: 1))
  }

  @Test("a number is the same whatever follows it", arguments: 0...8) func anyFollower(_ count: Int) throws {
    let number = (0..<count).map { UInt8(0xF1 - 0x11 * $0) }
    let value = number.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    for more in 0...9 {
      let bytes = [0xAA] + number + [UInt8](repeating: 0xFF, count: more)
      var reader = ByteReader(bytes.span, at: 1)
      #expect(try reader.littleEndian(count) == value)
      #expect(reader.position == 1 + count)
    }
  }

  @Test("a byte is found wherever it stands, and no other one") func places() {
    for byte in UInt8.min...UInt8.max {
      let neighbours = (byte ^ 0x80, byte &+ 1, byte &- 1)
      var bytes = [UInt8](repeating: neighbours.0, count: 21)
      for index in bytes.indices where index % 3 > 0 { bytes[index] = index % 3 == 1 ? neighbours.1 : neighbours.2 }
      for start in 0...21 {
        let place = bytes.span.place(of: byte, from: start)
        #expect(place == 21)
      }
      for place in bytes.indices {
        var found = bytes
        found[place] = byte
        for start in 0...place {
          let first = found.span.place(of: byte, from: start)
          #expect(first == place)
        }
        if let word = found.span.word(at: place / 8 * 8) {
          #expect(word.places(of: byte) == 0x80 << UInt64(8 * (place % 8)))
        }
      }
    }
  }
}
