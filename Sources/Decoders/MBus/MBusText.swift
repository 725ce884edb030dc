/// Text of M-Bus: ISO 8859-1, the last character first (EN 13757-3, LVAR and plain-text VIF).
package enum MBusText {
  /// The text at a place of a frame in reading order, UTF-8.
  package static func utf8(_ frame: [UInt8], _ range: ByteRange) -> [UInt8] {
    var text: [UInt8] = []
    text.reserveCapacity(Int(range.count))
    for index in range.indices.reversed() {
      let character = frame[index]
      if character < 0x80 {
        text.append(character)
      } else {
        text.append(0xC0 | character >> 6)
        text.append(0x80 | character & 0x3F)
      }
    }
    return text
  }

  /// The text at a place of a frame in reading order.
  package static func string(_ frame: [UInt8], _ range: ByteRange) -> String {
    String(decoding: utf8(frame, range), as: UTF8.self)
  }

  /// Two digits a byte, the last ones first.
  package static func digits(_ frame: [UInt8], _ range: ByteRange) -> String {
    var text: [UInt8] = []
    appendDigits(frame, range, to: &text)
    return String(decoding: text, as: UTF8.self)
  }

  /// The same behind a text.
  static func appendDigits(_ frame: [UInt8], _ range: ByteRange, to text: inout [UInt8]) {
    for index in range.indices.reversed() {
      text.append(digit(frame[index] >> 4))
      text.append(digit(frame[index] & 15))
    }
  }

  /// A hexadecimal digit.
  private static func digit(_ value: UInt8) -> UInt8 {
    value < 10 ? value &+ UInt8(ascii: "0") : value &+ (UInt8(ascii: "A") - 10)
  }

  /// Without the blanks and zeros that pad it.
  static func trimmed(_ text: [UInt8]) -> ArraySlice<UInt8> {
    let isPadding: (UInt8) -> Bool = { $0 <= UInt8(ascii: " ") }
    let end = text.lastIndex { !isPadding($0) }.map { $0 + 1 } ?? 0
    return text[..<end].drop(while: isPadding)
  }
}

extension MBusRecord {
  /// The place of the text of a plain-text VIF, which is its unit; nil for other VIFs.
  package func unitText(_ frame: [UInt8]) -> ByteRange? {
    guard quantity == .plainText, vib.count >= 2 else { return nil }
    let start = Int(vib.start) + 2
    return ByteRange(from: start, to: start + Int(frame[start - 1]))
  }
}
