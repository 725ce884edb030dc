package import Base

/// The budget of readouts that are asked for over MQTT, besides those that are due: a few at once, then one from time to time.
///
/// A meter may run on a battery, and each answer uses it up.
package struct AskedReadouts: Equatable, Sendable {
  /// Nil before the first question.
  private var bucket: TokenBucket?

  package init() {}

  /// Asks for a readout of a meter that is read at this interval; false if it must not be.
  package mutating func take(interval: Milliseconds, now: Instant) -> Bool {
    let pause = max(Limits.readoutPause, Milliseconds(interval.count / 10))
    let size = TokenBucket.Size(
      atOnce: Limits.readoutsAtOnce, perDay: max(1, Int(TokenBucket.day.count / pause.count)))
    var bucket = bucket ?? TokenBucket(size, now: now)
    bucket.size = size
    defer { self.bucket = bucket }
    return bucket.takeOne(now: now)
  }
}
