package import Base
package import Decoders
package import Meters

/// Minimum and maximum of one field in each five minutes of the last 24 hours.
///
/// It counts by the clock that never jumps, so that a line stays whole where the date of the machine is set. A value has
/// up to nine digits here, the leading ones: 288 buckets take 3.4 kB.
package struct DayRing: Sendable {
  package static let bucket = Milliseconds.minutes(5)
  package static let count = 288

  package struct Bucket: Hashable, Sendable {
    package var minimum: FixedDecimal
    package var maximum: FixedDecimal
  }

  /// A bucket in 12 bytes.
  private struct Extremes {
    var minimum: Int32
    var maximum: Int32
    /// The powers of ten. `Self.gap` as the first: a bucket without a value.
    var minimumExponent: Int8
    var maximumExponent: Int8

    static let gap = Extremes(minimum: 0, maximum: 0, minimumExponent: .min, maximumExponent: .min)

    var bucket: Bucket? {
      guard minimumExponent != .min else { return nil }
      return Bucket(
        minimum: FixedDecimal(Int64(minimum), exponent: minimumExponent),
        maximum: FixedDecimal(Int64(maximum), exponent: maximumExponent))
    }

    mutating func note(_ value: FixedDecimal) {
      guard let (mantissa, exponent) = value.leadingDigits else { return }
      let before = bucket
      if before.map({ value.isBelow($0.minimum) }) ?? true { (minimum, minimumExponent) = (mantissa, exponent) }
      if before.map({ $0.maximum.isBelow(value) }) ?? true { (maximum, maximumExponent) = (mantissa, exponent) }
    }
  }

  /// The field that it follows.
  package let field: FieldDescription
  private var ring = Array(repeating: Extremes.gap, count: count)
  /// The number of the newest bucket since the start of the clock; it lies at this number modulo `count`.
  private var newest: Int64?

  package init(_ field: FieldDescription) { self.field = field }

  /// Takes a value of the field.
  package mutating func note(_ value: FixedDecimal, at now: Instant) {
    let number = Self.number(at: now)
    if let newest, number > newest {
      for passed in max(newest + 1, number - Int64(Self.count) + 1)...number { ring[Self.place(passed)] = .gap }
    }
    newest = max(newest ?? number, number)
    ring[Self.place(number)].note(value)
  }

  /// All buckets, the oldest first: `count` of them, the last one is that of `now`. Nil: five minutes without a value.
  package func buckets(at now: Instant) -> [Bucket?] {
    let last = Self.number(at: now)
    return (last - Int64(Self.count) + 1...last).map { number in
      guard let newest, number <= newest, number > newest - Int64(Self.count) else { return nil }
      return ring[Self.place(number)].bucket
    }
  }

  private static func number(at now: Instant) -> Int64 { now.milliseconds / bucket.count }

  private static func place(_ number: Int64) -> Int {
    Int(number.quotientAndRemainder(flooredBy: Int64(count)).remainder)
  }
}

extension FixedDecimal {
  /// The number in 32 bits, rounded half away from zero to as many digits as they hold.
  fileprivate var leadingDigits: (mantissa: Int32, exponent: Int8)? {
    var value = self
    while Int32(exactly: value.mantissa) == nil {
      let (tenth, rest) = value.mantissa.quotientAndRemainder(dividingBy: 10)
      guard value.exponent < .max else { return nil }
      value = FixedDecimal(tenth + (rest.magnitude < 5 ? 0 : rest.signum()), exponent: value.exponent + 1)
    }
    return Int32(exactly: value.mantissa).map { ($0, value.exponent) }
  }
}
