/// Texts as P1 meters send them: many as the hexadecimal of their ASCII codes.
public enum P1Text {
  /// The text that a run of hexadecimal digits stands for.
  ///
  /// Nil where it is none: an odd number of digits, anything else between them but line ends, or a code that cannot be
  /// printed. Then the digits are the text.
  public static func decoded(_ digits: Span<UInt8>) -> [UInt8]? {
    var text: [UInt8] = []
    text.reserveCapacity(digits.count / 2)
    var high: UInt8?
    for index in digits.indices where digits[index] != 0x0D && digits[index] != 0x0A {
      guard let digit = Hexadecimal.digit(digits[index]) else { return nil }
      if let first = high {
        let code = first << 4 | digit
        guard (0x20...0x7E).contains(code) else { return nil }
        text.append(code)
        high = nil
      } else {
        high = digit
      }
    }
    return high == nil && !text.isEmpty ? text : nil
  }

  /// The text itself, without the line ends it is wrapped with and the blanks around it.
  static func plain(_ bytes: Span<UInt8>) -> [UInt8] {
    var text: [UInt8] = []
    for index in bytes.indices where bytes[index] != 0x0D && bytes[index] != 0x0A { text.append(bytes[index]) }
    return trimmed(text)
  }

  /// What a person would call it: the decoded text, else the text itself.
  static func readable(_ bytes: Span<UInt8>) -> [UInt8] {
    if let text = decoded(bytes) { return trimmed(text) }
    return plain(bytes)
  }

  private static func trimmed(_ text: [UInt8]) -> [UInt8] {
    guard let first = text.firstIndex(where: { $0 != 0x20 }), let last = text.lastIndex(where: { $0 != 0x20 }) else {
      return []
    }
    return Array(text[first...last])
  }
}
