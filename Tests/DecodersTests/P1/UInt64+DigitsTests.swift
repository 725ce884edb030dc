import Testing

@testable import Decoders

@Suite struct DigitsOfWordsTests {
  private func word(_ characters: [UInt8]) -> UInt64 { characters.reversed().reduce(0) { $0 << 8 | UInt64($1) } }

  /// Eight bytes, one of which is another one than its neighbours.
  private func each(_ test: (_ bytes: [UInt8]) -> Void) {
    for neighbour in [UInt8(ascii: "0"), UInt8(ascii: "9"), 0x00, 0x7F, 0x80, 0xFF] {
      for place in 0..<8 {
        for byte in UInt8.min...UInt8.max {
          var bytes = [UInt8](repeating: neighbour, count: 8)
          bytes[place] = byte
          test(bytes)
        }
      }
    }
  }

  @Test("every byte is told as digit or not, whatever stands beside it") func digits() {
    each { bytes in
      #expect(word(bytes).otherThanDigits == word(bytes.map { $0.isDigit ? 0 : 0x80 }), "\(bytes)")
      for limit in [1, 7, 0x2A, 0x2B] as [UInt8] {
        #expect(word(bytes).below(limit) == word(bytes.map { $0 < limit ? 0x80 : 0 }), "\(bytes) \(limit)")
      }
    }
  }

  @Test("the first characters are a number") func numbers() {
    let bytes = Array("98765432".utf8)
    for count in 1...8 { #expect(word(bytes).number(ofFirst: count) == UInt64("98765432".prefix(count))) }
    #expect(word(Array("007)xyz!".utf8)).number(ofFirst: 3) == 7)
    for exponent in 0...8 {
      #expect(String(UInt64.powerOfTen(exponent)) == "1" + String(repeating: "0", count: exponent))
    }
  }

  @Test("eight hexadecimal digits are four printable characters, or nothing") func hexadecimal() {
    func decoded(_ bytes: [UInt8]) -> [UInt8]? {
      word(bytes).decodedHexadecimal.map { codes in (0..<4).map { UInt8(truncatingIfNeeded: codes >> (16 * $0)) } }
    }
    func expected(_ bytes: [UInt8]) -> [UInt8]? {
      guard let text = Hexadecimal.bytes(bytes), text.count == 4, text.allSatisfy({ (0x20...0x7E).contains($0) }) else {
        return nil
      }
      return text
    }
    for place in 0..<8 {
      for byte in UInt8.min...UInt8.max where byte > 0x20 || byte < 0x09 {
        var bytes = Array("4a4B6f79".utf8)
        bytes[place] = byte
        #expect(decoded(bytes) == expected(bytes), "\(bytes)")
      }
    }
    for code in UInt8.min...UInt8.max {
      let bytes = Array(Hexadecimal.text([0x41, code, 0x42, 0x43], uppercase: code & 1 == 0).utf8)
      #expect(decoded(bytes) == expected(bytes), "\(bytes)")
    }
  }
}
