internal import Base
internal import Decoders

extension ValueFormat<UInt16> {
  static let port = ValueFormat("a port number") { text throws(InvalidValue) in
    guard let port = UInt16(digits: text), port > 0 else { throw InvalidValue("is not a port number: 1 to 65535") }
    return port
  }
}

extension ValueFormat<Int> {
  /// A whole number of something.
  static func whole(_ range: ClosedRange<Int>, of things: String) -> ValueFormat {
    ValueFormat("a whole number of \(things), \(range.lowerBound) to \(range.upperBound)") {
      text throws(InvalidValue) in
      guard let number = Int(digits: text), range.contains(number) else {
        let bounds = "\(range.lowerBound) to \(range.upperBound)"
        throw InvalidValue("is not a number of \(things): a whole number from \(bounds)")
      }
      return number
    }
  }
}

extension ValueFormat<FixedDecimal> {
  static let factor = positive(
    "a number above 0, such as `40` or `0.001`", called: "factor", zero: "it would make everything 0")
  /// An amount in the unit of the field that it is for.
  static let amount = positive(
    "a number above 0, such as `5` or `0.5`", called: "amount", zero: "leave the line out for none")

  private static func positive(_ described: String, called name: String, zero: String) -> ValueFormat {
    ValueFormat(described) { text throws(InvalidValue) in try parse(text, called: name, zero: zero) }
  }

  private static func parse(_ text: String, called name: String, zero: String) throws(InvalidValue) -> FixedDecimal {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    let decimals = parts.count == 2 ? parts[1].utf8.count : 0
    guard parts.count <= 2, parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy(isDigit) }) else {
      let dotted = text.map { $0 == "," ? "." : $0 }
      let isNumber =
        dotted.count(where: { $0 == "." }) == 1 && dotted.allSatisfy { $0 == "." || ($0.isASCII && $0.isNumber) }
      throw InvalidValue(
        "is not a valid \(name): a number above 0 in plain digits\(Suggestion.question(isNumber ? String(dotted) : nil))"
      )
    }
    guard decimals <= 18, let mantissa = Int64(digits: parts.joined()) else {
      throw InvalidValue("has too many digits: at most 18")
    }
    guard mantissa > 0 else { throw InvalidValue("is not a valid \(name): \(zero)") }
    return FixedDecimal(mantissa, exponent: Int8(-decimals))
  }
}

extension ValueFormat<FixedDecimal> {
  /// A power in watts.
  static let power = ValueFormat("a power such as `25kW` or `9000W`; a bare number is in kW") {
    text throws(InvalidValue) in
    let number = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
    let unit = text.dropFirst(number.count).drop { $0 == " " }
    let powers: [Substring: Int8] = ["W": 0, "kW": 3, "MW": 6, "": 3, "VA": 0, "kVA": 3, "MVA": 6]
    guard let power = powers[unit], let value = FixedDecimal(plain: String(number)) else {
      let near = powers.keys.first { $0.lowercased() == unit.lowercased() }
      throw InvalidValue(
        "is not a power: a number and W, kW or MW, such as `25kW`"
          + Suggestion.question(number.isEmpty ? nil : near.map { "\(number)\($0)" }))
    }
    guard value.mantissa > 0 else { throw InvalidValue("is too small: no register could ever rise") }
    guard value.isBelow(FixedDecimal(1, exponent: 12 - power)) else {
      throw InvalidValue("is too much: less than 1000 GW")
    }
    return value.scaled(by: power)
  }
}
