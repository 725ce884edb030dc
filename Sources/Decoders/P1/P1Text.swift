/// Texts of P1 meters. Many are ASCII codes in hexadecimal.
package enum P1Text {
  /// Decodes hexadecimal digits, with line ends between them.
  ///
  /// Nil for an odd number of digits, other characters, and unprintable codes. Then the digits are the text.
  package static func decoded(_ digits: Span<UInt8>) -> [UInt8]? {
    var text: [UInt8] = []
    return appendDecoded(digits, to: &text) ? text : nil
  }

  /// The same of the name of a tariff, which some meters fill up with zeros.
  static func decodedTariff(_ digits: Span<UInt8>) -> [UInt8]? {
    var end = digits.count
    while end > 2, digits[end - 1] == UInt8(ascii: "0"), digits[end - 2] == UInt8(ascii: "0") { end -= 2 }
    guard var text = decoded(digits.extracting(0..<end)) else { return nil }
    while text.last == UInt8(ascii: " ") { text.removeLast() }
    return text
  }

  /// Keeps what a person would call the text, decoded where it can be; says where.
  static func append(_ bytes: Span<UInt8>, to text: inout [UInt8]) -> ByteRange {
    let start = text.count
    return appendDecoded(bytes, to: &text) ? trimmed(&text, from: start) : appendPlain(bytes, to: &text)
  }

  /// Keeps the text as it stands, without wraps and surrounding blanks, and returns its place.
  static func appendPlain(_ bytes: Span<UInt8>, to text: inout [UInt8]) -> ByteRange {
    let start = text.count
    if bytes.place(of: .lineFeed, from: 0) == bytes.count, bytes.place(of: .carriageReturn, from: 0) == bytes.count {
      text.append(bytes)
    } else {
      for index in bytes.indices where !bytes[index].isLineEnd { text.append(bytes[index]) }
    }
    return trimmed(&text, from: start)
  }

  /// Decodes the digits into a place of a text; false unless they are hexadecimal and fill the place, without blanks around.
  static func replace(_ place: ByteRange, in text: inout [UInt8], by digits: Span<UInt8>) -> Bool {
    let range = place.indices
    guard !range.isEmpty, digits.count == 2 * range.count else { return false }
    var room = text.mutableSpan
    return decode(digits, to: &room, at: range.lowerBound) == range.count
      && room[range.lowerBound] != UInt8(ascii: " ") && room[range.upperBound - 1] != UInt8(ascii: " ")
  }

  private static func trimmed(_ text: inout [UInt8], from start: Int) -> ByteRange {
    var start = start
    while text.count > start, text[text.count - 1] == UInt8(ascii: " ") { text.removeLast() }
    while start < text.count, text[start] == UInt8(ascii: " ") { start += 1 }
    return ByteRange(from: start, to: text.count)
  }

  private static func appendDecoded(_ digits: Span<UInt8>, to text: inout [UInt8]) -> Bool {
    let start = text.count
    text.append(contentsOf: repeatElement(0, count: digits.count / 2))
    var room = text.mutableSpan
    let count = decode(digits, to: &room, at: start)
    text.removeLast(text.count - start - count)
    return count > 0
  }

  /// Writes the decoded text at a place of the room, and returns the number of its characters: 0 if there is none.
  private static func decode(_ digits: Span<UInt8>, to room: inout MutableSpan<UInt8>, at start: Int) -> Int {
    var place = start
    var first = 0
    while let codes = digits.word(at: first)?.decodedHexadecimal {
      for pair in 0..<4 { room[place &+ pair] = UInt8(truncatingIfNeeded: codes &>> UInt64(16 &* pair)) }
      place &+= 4
      first &+= 8
    }
    var high: UInt8?
    for index in first..<digits.count where !digits[index].isLineEnd {
      guard let digit = Hexadecimal.digit(digits[index]) else { return 0 }
      if let upper = high {
        guard (0x20...0x7E).contains(upper &<< 4 | digit) else { return 0 }
        room[place] = upper &<< 4 | digit
        place &+= 1
        high = nil
      } else {
        high = digit
      }
    }
    return high == nil ? place &- start : 0
  }
}
