/// Characters of the protocols that write text.
extension UInt8 {
  static let lineFeed = UInt8(ascii: "\n")
  static let carriageReturn = UInt8(ascii: "\r")

  /// CR or LF: meters end lines with either or both.
  @inline(__always)
  var isLineEnd: Bool { self == .lineFeed || self == .carriageReturn }

  /// The value of a decimal digit; 10 or more for other characters.
  @inline(__always)
  var digitValue: UInt8 { self &- UInt8(ascii: "0") }

  @inline(__always)
  var isDigit: Bool { digitValue < 10 }

  /// An ASCII letter of either case.
  @inline(__always)
  var isLetter: Bool { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self & 0xDF) }
}
