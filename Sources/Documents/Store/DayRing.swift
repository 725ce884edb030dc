package import Base
package import Decoders

/// Minimum and maximum of one value in each five minutes of the last 24 hours.
package struct DayRing: Sendable {
  package static let bucket = Milliseconds.minutes(5)
  package static let count = 288

  package struct Bucket: Hashable, Sendable {
    package var minimum: FixedDecimal
    package var maximum: FixedDecimal
  }

  /// The field it follows, by topic level.
  package let level: String
  /// nil for five minutes without a value. The last is the current one.
  package private(set) var buckets: [Bucket?] = Array(repeating: nil, count: count)
  /// When the last bucket began.
  package private(set) var newest: WallTime?

  package init(level: String) { self.level = level }
}
