extension FixedDecimal {
  /// Whether this is the smaller number. It ignores trailing zeros and is exact for any two numbers.
  package func isBelow(_ other: FixedDecimal) -> Bool {
    guard mantissa.signum() == other.mantissa.signum() else { return mantissa < other.mantissa }
    let gap = Int(exponent) - Int(other.exponent)
    // A mantissa that outgrows 128 bits is beyond any of 64 bits.
    guard let mine = shifted(mantissa, by: gap) else { return mantissa < 0 }
    guard let theirs = shifted(other.mantissa, by: -gap) else { return other.mantissa > 0 }
    return mine < theirs
  }

  private func shifted(_ mantissa: Int64, by power: Int) -> Int128? {
    var value = Int128(mantissa)
    guard value != 0 else { return 0 }
    for _ in 0..<max(0, power) {
      let (product, overflow) = value.multipliedReportingOverflow(by: 10)
      if overflow { return nil }
      value = product
    }
    return value
  }

  /// The nearest multiple of a positive step, halves away from zero; nil if it does not fit.
  ///
  /// It never has more decimals than the number and the step.
  package func rounded(to step: FixedDecimal) -> FixedDecimal? {
    let finest = min(exponent, step.exponent)
    guard let value = shifted(mantissa, by: Int(exponent) - Int(finest)),
      let size = shifted(step.mantissa, by: Int(step.exponent) - Int(finest)), size > 0
    else { return nil }
    let (quotient, rest) = value.quotientAndRemainder(dividingBy: size)
    let isUp = rest.magnitude >= size.magnitude - rest.magnitude
    let (product, overflow) = (isUp ? quotient + (value < 0 ? -1 : 1) : quotient).multipliedReportingOverflow(by: size)
    guard !overflow else { return nil }
    var multiple = product
    var decimals = finest
    while decimals < max(exponent, step.exponent), decimals < 0, multiple % 10 == 0 {
      multiple /= 10
      decimals += 1
    }
    return Int64(exactly: multiple).map { FixedDecimal($0, exponent: decimals) }
  }

  /// Reads digits with a sign, a point and a power of ten: `-12.340`, `12e3`. It keeps every digit.
  ///
  /// Nil for other texts, and for numbers that do not fit.
  package init?(plain text: String) {
    let parts = text.utf8.split(separator: UInt8(ascii: "e"), omittingEmptySubsequences: false)
    guard let digits = parts.first, parts.count <= 2 else { return nil }
    let power = parts.count == 2 ? Int(Substring(parts[1])) : 0
    var mantissa: Int64 = 0
    var decimals: Int?
    var count = 0
    let isNegative = digits.first == UInt8(ascii: "-")
    for byte in isNegative ? digits.dropFirst() : digits {
      if byte == UInt8(ascii: "."), decimals == nil, count > 0 {
        decimals = 0
        continue
      }
      guard byte.isDigit else { return nil }
      let (tens, over) = mantissa.multipliedReportingOverflow(by: 10)
      let (next, carry) = tens.subtractingReportingOverflow(Int64(byte.digitValue))
      if over || carry { return nil }
      mantissa = next
      count += 1
      decimals = decimals.map { $0 + 1 }
    }
    guard count > 0, decimals != 0, isNegative || mantissa != .min, let power,
      let exponent = Int8(exactly: power.subtractingReportingOverflow(decimals ?? 0).partialValue)
    else { return nil }
    self.init(isNegative ? mantissa : -mantissa, exponent: exponent)
  }
}
