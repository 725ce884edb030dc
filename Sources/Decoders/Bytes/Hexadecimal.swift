/// Hexadecimal text.
public enum Hexadecimal {
  /// The value of one digit of either case, or nil.
  @inline(__always)
  public static func digit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 0x30...0x39: byte &- 0x30
    case 0x41...0x46: byte &- 0x37
    case 0x61...0x66: byte &- 0x57
    default: nil
    }
  }

  /// Two digits a byte, upper case unless asked otherwise.
  public static func text(_ bytes: some Sequence<UInt8>, uppercase: Bool = true) -> String {
    let letter: UInt8 = uppercase ? 0x37 : 0x57
    var text: [UInt8] = []
    for byte in bytes {
      for digit in [byte >> 4, byte & 15] { text.append(digit < 10 ? digit &+ 0x30 : digit &+ letter) }
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// The bytes of a text of hexadecimal digits, blanks and line ends between them ignored; nil for anything else and
  /// for half a byte.
  public static func bytes(_ text: some Sequence<UInt8>) -> [UInt8]? {
    var bytes: [UInt8] = []
    var high: UInt8?
    for character in text {
      if character == 0x20 || (0x09...0x0D).contains(character) { continue }
      guard let digit = digit(character) else { return nil }
      if let first = high {
        bytes.append(first << 4 | digit)
        high = nil
      } else {
        high = digit
      }
    }
    return high == nil ? bytes : nil
  }
}
