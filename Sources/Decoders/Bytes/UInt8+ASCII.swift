/// Characters of the protocols that write text.
extension UInt8 {
  static let lineFeed = UInt8(ascii: "\n")
  static let carriageReturn = UInt8(ascii: "\r")

  /// CR or LF: meters end lines with one of them or both.
  @inline(__always)
  var isLineEnd: Bool { self == .lineFeed || self == .carriageReturn }

  /// What a decimal digit stands for; 10 or more for any other character.
  @inline(__always)
  var digitValue: UInt8 { self &- UInt8(ascii: "0") }

  /// A decimal digit.
  @inline(__always)
  var isDigit: Bool { digitValue < 10 }

  /// A letter of ASCII, in either case.
  @inline(__always)
  var isLetter: Bool { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self & 0xDF) }
}
