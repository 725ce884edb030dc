package import Decoders

/// A number of Home Assistant's statistics, exact to nine decimals.
///
/// Home Assistant computes in binary floating point: a sum of 12.1 comes as 12.100000000000001. Nine decimals drop that.
package struct StatisticsNumber: Hashable, Comparable, Sendable {
  private var billionths: Int128
  private static let decimals = 9

  private init(billionths: Int128) { self.billionths = billionths }

  package static let zero = StatisticsNumber(billionths: 0)
  /// What rounding may have changed.
  package static let noise = StatisticsNumber(billionths: 1000)
  package static let thousandth = StatisticsNumber(billionths: 1_000_000)

  /// Nil for numbers beyond all meters.
  package init?(_ number: FixedDecimal) {
    self.init(mantissa: Int128(number.mantissa), power: Int(number.exponent))
  }

  /// Reads a number of JSON; nil for other texts.
  package init?(json text: [UInt8]) {
    var mantissa: Int128 = 0
    var power = 0
    var digits = 0
    var isFraction = false
    var rest = text[...]
    let isNegative = rest.first == UInt8(ascii: "-")
    if isNegative { rest.removeFirst() }
    while let byte = rest.popFirst() {
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"):
        guard digits < 30 else { return nil }
        digits += mantissa == 0 && byte == UInt8(ascii: "0") ? 0 : 1
        mantissa = mantissa * 10 + Int128(byte - UInt8(ascii: "0"))
        if isFraction { power -= 1 }
      case UInt8(ascii: ".") where !isFraction: isFraction = true
      case UInt8(ascii: "e"), UInt8(ascii: "E"):
        guard let exponent = Int(String(decoding: rest, as: UTF8.self)), abs(exponent) < 400 else { return nil }
        power += exponent
        rest = []
      default: return nil
      }
    }
    guard !text.isEmpty else { return nil }
    self.init(mantissa: isNegative ? -mantissa : mantissa, power: power)
  }

  private init?(mantissa: Int128, power: Int) {
    var value = mantissa
    var shift = power + Self.decimals
    while shift > 0, value != 0 {
      // 10²⁷ billionths are more than any register holds.
      guard value.magnitude < 1_000_000_000_000_000_000_000_000_000 else { return nil }
      value *= 10
      shift -= 1
    }
    guard shift < 0 else {
      self.init(billionths: value)
      return
    }
    guard shift > -38 else {
      self.init(billionths: 0)
      return
    }
    var size: Int128 = 1
    for _ in 0 ..< -shift { size *= 10 }
    let (quotient, remainder) = value.quotientAndRemainder(dividingBy: size)
    let isUp = remainder.magnitude >= size.magnitude - remainder.magnitude
    self.init(billionths: quotient + (isUp ? Int128(value.signum()) : 0))
  }

  package static func < (left: Self, right: Self) -> Bool { left.billionths < right.billionths }
  package static func + (left: Self, right: Self) -> Self { Self(billionths: left.billionths + right.billionths) }
  package static func - (left: Self, right: Self) -> Self { Self(billionths: left.billionths - right.billionths) }

  /// Without its decimals; nil beyond 64 bits.
  var whole: Int64? { Int64(exactly: billionths / 1_000_000_000) }
  package var magnitude: Self { billionths < 0 ? .zero - self : self }
}

extension StatisticsNumber: CustomStringConvertible {
  /// A number of JSON without needless digits: `12.7`, `-19`.
  package var description: String {
    let (whole, part) = billionths.magnitude.quotientAndRemainder(dividingBy: 1_000_000_000)
    var text = (billionths < 0 ? "-" : "") + String(whole)
    guard part > 0 else { return text }
    let digits = String(part)
    text += "." + String(repeating: "0", count: Self.decimals - digits.utf8.count) + digits
    while text.hasSuffix("0") { text.removeLast() }
    return text
  }
}
