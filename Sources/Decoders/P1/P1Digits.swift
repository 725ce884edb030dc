/// Digits with or without a point, and another character behind them: the number of most values.
struct P1Digits: BitwiseCopyable {
  private let mantissa: UInt64
  private let decimals: Int
  /// The number of characters, with the point.
  let count: Int

  @inline(__always)
  var number: FixedDecimal {
    FixedDecimal(Int64(bitPattern: mantissa), exponent: Int8(truncatingIfNeeded: 0 &- decimals))
  }

  /// Up to seven digits, and up to seven behind the point. Nil for all else, and near the end of the bytes.
  @inline(__always)
  init?(_ bytes: Span<UInt8>, at start: Int, takesComma: Bool) {
    guard let word = bytes.word(at: start) else { return nil }
    let marks = word.otherThanDigits
    let first = marks.trailingZeroBitCount &>> 3
    guard marks != 0, first > 0 else { return nil }
    let mark = UInt8(truncatingIfNeeded: word &>> UInt64(truncatingIfNeeded: 8 &* first))
    guard mark == UInt8(ascii: ".") || takesComma && mark == UInt8(ascii: ",") else {
      mantissa = word.number(ofFirst: first)
      decimals = 0
      count = first
      return
    }
    let others = marks & (marks &- 1)
    guard others == 0 else {
      count = others.trailingZeroBitCount &>> 3
      decimals = count &- first &- 1
      // The digits before the point move into its place; before them comes a zero.
      let throughPoint = marks ^ (marks &- 1)
      mantissa = ((word & throughPoint &>> 8) &<< 8 | word & ~throughPoint).number(ofFirst: count)
      return
    }
    guard let rest = bytes.word(at: start &+ first &+ 1) else { return nil }
    decimals = rest.otherThanDigits.trailingZeroBitCount &>> 3
    guard (1..<8).contains(decimals) else { return nil }
    count = first &+ 1 &+ decimals
    mantissa =
      word.number(ofFirst: first) &* UInt64.powerOfTen(decimals) &+ rest.number(ofFirst: decimals)
  }

  /// Up to eighteen characters, which end somewhere.
  @inline(never)
  init?(manyOf bytes: Span<UInt8>, at start: Int, takesComma: Bool) {
    var index = start
    (mantissa, _, decimals) = Self.read(bytes, &index, takesComma: takesComma)
    count = index &- start
    guard bytes[start].isDigit, count <= 18 else { return nil }
  }

  /// Reads digits with or without a point up to another character: the number without its point, which wraps where they are
  /// too many, and how many they are, in all and behind the point.
  @inline(__always)
  static func read(
    _ bytes: Span<UInt8>, _ index: inout Int, takesComma: Bool
  ) -> (mantissa: UInt64, count: Int, decimals: Int) {
    let start = index
    var mantissa: UInt64 = 0
    read(bytes, &index, appendingTo: &mantissa)
    let whole = index &- start
    guard bytes[index] == UInt8(ascii: ".") || takesComma && bytes[index] == UInt8(ascii: ",") else {
      return (mantissa, whole, 0)
    }
    index &+= 1
    let point = index
    read(bytes, &index, appendingTo: &mantissa)
    return (mantissa, whole &+ index &- point, index &- point)
  }

  /// Reads digits up to another character, and appends them to a number.
  @inline(__always)
  private static func read(_ bytes: Span<UInt8>, _ index: inout Int, appendingTo number: inout UInt64) {
    while let word = bytes.word(at: index) {
      let count = word.otherThanDigits.trailingZeroBitCount &>> 3
      if count == 0 { return }
      number = number &* UInt64.powerOfTen(count) &+ word.number(ofFirst: count)
      index &+= count
      if count < 8 { return }
    }
    while bytes[index].isDigit {
      number = number &* 10 &+ UInt64(bytes[index].digitValue)
      index &+= 1
    }
  }
}
