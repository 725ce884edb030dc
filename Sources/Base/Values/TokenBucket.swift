/// Limits how often, or how much: so much at once, and then what flows back over time.
package struct TokenBucket: Equatable, Sendable {
  /// The most tokens, and how many come back in a day.
  package struct Size: Equatable, Sendable {
    package var atOnce: Int
    package var perDay: Int

    package init(atOnce: Int, perDay: Int) {
      self.atOnce = atOnce
      self.perDay = perDay
    }
  }

  /// A new size counts from the next question on.
  package var size: Size
  /// In tokens times the milliseconds of a day, so that no part of a token is lost.
  private var level: Int64
  private var filled: Instant

  package static let day = Milliseconds.minutes(24 * 60)

  /// A full bucket.
  package init(_ size: Size, now: Instant) {
    self.size = size
    level = Int64(size.atOnce) * Self.day.count
    filled = now
  }

  /// Whether so many tokens are there.
  package mutating func has(_ count: Int, now: Instant) -> Bool {
    fill(now: now)
    return level >= Int64(count) * Self.day.count
  }

  /// Takes tokens that are there.
  package mutating func take(_ count: Int) { level = max(0, level - Int64(count) * Self.day.count) }

  /// Takes one token if it is there.
  package mutating func takeOne(now: Instant) -> Bool {
    guard has(1, now: now) else { return false }
    take(1)
    return true
  }

  /// Whether nothing is missing.
  package mutating func isFull(now: Instant) -> Bool {
    fill(now: now)
    return level == Int64(size.atOnce) * Self.day.count
  }

  private mutating func fill(now: Instant) {
    // A year fills every bucket, and its product fits.
    let passed = min(max(0, (now - filled).count), 365 * Self.day.count)
    level = min(Int64(size.atOnce) * Self.day.count, level + passed * Int64(size.perDay))
    filled = max(filled, now)
  }
}
