/// Limits how often, or how much: so much at once, and then what flows back over time.
package struct TokenBucket: Sendable {
  /// The most tokens, and how many come back in a day.
  package struct Size: Equatable, Sendable {
    package var atOnce: Int
    package var perDay: Int

    package init(atOnce: Int, perDay: Int) {
      self.atOnce = atOnce
      self.perDay = perDay
    }
  }

  private let size: Size
  /// In tokens times the milliseconds of a day, so that no part of a token is lost.
  private var level: Int64
  private var filled: Instant

  private static let day = Milliseconds.minutes(24 * 60).count

  /// A full bucket.
  package init(_ size: Size, now: Instant) {
    self.size = size
    level = Int64(size.atOnce) * Self.day
    filled = now
  }

  /// Whether so many tokens are there.
  package mutating func has(_ count: Int, now: Instant) -> Bool {
    fill(now: now)
    return level >= Int64(count) * Self.day
  }

  /// Takes tokens that are there.
  package mutating func take(_ count: Int) { level = max(0, level - Int64(count) * Self.day) }

  /// Whether nothing is missing.
  package mutating func isFull(now: Instant) -> Bool {
    fill(now: now)
    return level == Int64(size.atOnce) * Self.day
  }

  private mutating func fill(now: Instant) {
    // A year fills every bucket, and its product fits.
    let passed = min(max(0, (now - filled).count), 365 * Self.day)
    level = min(Int64(size.atOnce) * Self.day, level + passed * Int64(size.perDay))
    filled = max(filled, now)
  }
}
