/// Eight characters in one word, the first in its lowest byte.
extension UInt64 {
  /// The top bit of each byte that is not a decimal digit.
  @inline(__always)
  var otherThanDigits: UInt64 {
    let digits = self ^ 0x3030_3030_3030_3030
    // A byte above 9 has the top bit, or gets it with 118 more. Without their top bits no sum reaches the next byte.
    return ((digits & 0x7F7F_7F7F_7F7F_7F7F) &+ 0x7676_7676_7676_7676 | digits) & 0x8080_8080_8080_8080
  }

  /// The top bit of each byte below another one, which is below 128.
  @inline(__always)
  func below(_ limit: UInt8) -> UInt64 {
    let distance = UInt64(0x80 &- limit) &* 0x0101_0101_0101_0101
    return ~((self & 0x7F7F_7F7F_7F7F_7F7F) &+ distance | self) & 0x8080_8080_8080_8080
  }

  /// The four characters that eight hexadecimal digits stand for, each in the lower byte of a pair. Nil for other digits
  /// and for unprintable characters.
  @inline(__always)
  var decodedHexadecimal: UInt64? {
    // An a is 1, and so is an A.
    let letters = (self | 0x2020_2020_2020_2020) ^ 0x6060_6060_6060_6060
    let others = otherThanDigits
    guard others & (letters.below(1) | ~letters.below(7)) == 0 else { return nil }
    let values = (self & 0x0F0F_0F0F_0F0F_0F0F) &+ (others &>> 7) &* 9
    let codes = (values &<< 4 | values &>> 8) & 0x00FF_00FF_00FF_00FF
    // From 0x20 to 0x7E: the first sum of each reaches 0x100, the second does not.
    guard
      (codes &+ 0x00E0_00E0_00E0_00E0) & ~(codes &+ 0x0081_0081_0081_0081) & 0x0100_0100_0100_0100
        == 0x0100_0100_0100_0100
    else { return nil }
    return codes
  }

  /// The number that the first one to eight characters are: digits, or zeros instead.
  @inline(__always)
  func number(ofFirst count: Int) -> UInt64 {
    // Pairs, then fours, then all eight. The places before the first digit get zeros.
    var number = (self &<< UInt64(truncatingIfNeeded: 64 &- 8 &* count)) & 0x0F0F_0F0F_0F0F_0F0F
    number = (number &* (10 &<< 8 | 1)) &>> 8 & 0x00FF_00FF_00FF_00FF
    number = (number &* (100 &<< 16 | 1)) &>> 16 & 0x0000_FFFF_0000_FFFF
    return (number &* (10_000 &<< 32 | 1)) &>> 32
  }

  /// Ten to the power of 0 to 8.
  @inline(__always)
  static func powerOfTen(_ exponent: Int) -> UInt64 {
    switch exponent {
    case 0: 1
    case 1: 10
    case 2: 100
    case 3: 1000
    case 4: 10_000
    case 5: 100_000
    case 6: 1_000_000
    case 7: 10_000_000
    default: 100_000_000
    }
  }
}
