package enum Hexadecimal {
  /// The distance of the letters from their values.
  private static let letter = UInt8(ascii: "A") - 10
  private static let smallLetter = UInt8(ascii: "a") - 10

  /// The value of one digit of either case, or nil.
  @inline(__always)
  package static func digit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte &- UInt8(ascii: "0")
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte &- letter
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte &- smallLetter
    default: nil
    }
  }

  /// Two digits a byte.
  package static func text(_ bytes: some Sequence<UInt8>, uppercase: Bool = true) -> String {
    let letter = uppercase ? letter : smallLetter
    var text: [UInt8] = []
    for byte in bytes {
      for digit in [byte >> 4, byte & 15] { text.append(digit < 10 ? digit &+ UInt8(ascii: "0") : digit &+ letter) }
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// Reads hexadecimal digits and ignores blanks and line ends; nil for other characters and for half a byte.
  package static func bytes(_ text: some Sequence<UInt8>) -> [UInt8]? {
    var bytes: [UInt8] = []
    var high: UInt8?
    for character in text {
      if character == UInt8(ascii: " ") || (0x09...0x0D).contains(character) { continue }
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

  /// The bytes of a text of hexadecimal digits, or the input itself if it is not such a text.
  package static func unwrapped(_ input: [UInt8]) -> [UInt8] {
    guard let bytes = bytes(input), !bytes.isEmpty else { return input }
    return bytes
  }
}
