extension Unit {
  /// The published unit of its kind, unless the vocabulary has another one for the name.
  var published: Unit {
    switch dimension {
    case .energy: .kilowattHour
    case .power: .watt
    case .reactiveEnergy: .kilovarHour
    case .reactivePower: .reactiveVar
    case .apparentEnergy: .kilovoltAmpereHour
    case .apparentPower: .voltAmpere
    case .voltage: .volt
    case .current: .ampere
    case .volume: .cubicMetre
    case .volumeFlow: .cubicMetrePerHour
    case .mass: .kilogram
    case .temperature: .celsius
    default: self
    }
  }
}

extension Unit {
  /// The number of places that the point moves to another unit; nil if the factor is not a power of ten.
  func shift(to other: Unit) -> Int? {
    if self == other { return 0 }
    let from = size
    let to = other.size
    guard from.dimension == to.dimension, from.dimension != .temperature, from.mantissa == to.mantissa else {
      return nil
    }
    return Int(from.exponent) - Int(to.exponent)
  }
}

extension FixedDecimal {
  /// The value in another unit of the same dimension.
  ///
  /// A power of ten only moves the point, so that the register's digits stay. Any other factor is computed in 128 bits
  /// and rounded half away from zero. Nil if the dimensions differ or the result does not fit.
  package func converted(from wire: Unit, to published: Unit) -> FixedDecimal? {
    if wire == published { return self }
    let from = wire.size
    let to = published.size
    guard from.dimension == to.dimension else { return nil }
    if from.dimension == .temperature { return convertedTemperature(toCelsius: published == .celsius) }
    if from.mantissa == to.mantissa {
      guard let power = Int8(exactly: Int(exponent) + Int(from.exponent) - Int(to.exponent)) else { return nil }
      return FixedDecimal(mantissa, exponent: power)
    }
    return .rounded(
      Int128(mantissa) * Int128(from.mantissa), over: Int128(to.mantissa),
      exponent: Int(exponent) + Int(from.exponent) - Int(to.exponent), decimals: published.decimalsAfterConversion)
  }

  /// °F = °C × 9 / 5 + 32.
  private func convertedTemperature(toCelsius: Bool) -> FixedDecimal? {
    let decimals = max(0, -Int(exponent))
    guard decimals < 18, exponent <= 0 else { return nil }
    var one: Int128 = 1
    for _ in 0..<decimals { one *= 10 }
    let value = Int128(mantissa)
    let ninths = toCelsius ? (value - 32 * one) * 5 : value * 9 + 160 * one
    return .rounded(
      ninths, over: toCelsius ? 9 : 5, exponent: -decimals, decimals: Unit.celsius.decimalsAfterConversion)
  }

  /// `numerator / denominator × 10^exponent` with a fixed number of decimals, rounded half away from zero; nil if it
  /// does not fit.
  static func rounded(_ numerator: Int128, over denominator: Int128, exponent: Int, decimals: Int) -> FixedDecimal? {
    var top = numerator
    var bottom = denominator
    let power = exponent + decimals
    let zero = FixedDecimal(0, exponent: Int8(-decimals))
    if numerator == 0 { return zero }
    for _ in 0..<abs(power) {
      let (product, overflow) = (power > 0 ? top : bottom).multipliedReportingOverflow(by: 10)
      // A denominator that does not fit is far beyond any numerator of 64 bits.
      if overflow { return power > 0 ? nil : zero }
      if power > 0 { top = product } else { bottom = product }
    }
    // A division of 128 bits takes several times as long.
    if let few = Int64(exactly: top), let by = Int64(exactly: bottom), by < .max / 2, few != .min {
      let (quotient, rest) = few.quotientAndRemainder(dividingBy: by)
      let isUp = rest.magnitude * 2 >= by.magnitude
      return FixedDecimal(isUp ? quotient + few.signum() : quotient, exponent: Int8(-decimals))
    }
    let (quotient, rest) = top.quotientAndRemainder(dividingBy: bottom)
    let half = rest.magnitude >= bottom.magnitude - rest.magnitude
    let rounded = half && rest != 0 ? quotient + (top < 0 ? -1 : 1) : quotient
    guard let mantissa = Int64(exactly: rounded) else { return nil }
    return FixedDecimal(mantissa, exponent: Int8(-decimals))
  }
}
