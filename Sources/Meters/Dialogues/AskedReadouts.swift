package import Base

/// The budget of readouts that are asked for over MQTT, besides those that are due: a few at once, then one from time to time.
///
/// A meter may run on a battery, and each answer uses it up.
package struct AskedReadouts: Equatable, Sendable {
  private var left = Limits.readoutsAtOnce
  private var refilled: Instant?

  package init() {}

  /// Asks for a readout of a meter that is read at this interval; false if it must not be.
  package mutating func take(interval: Milliseconds, now: Instant) -> Bool {
    let pause = max(Limits.readoutPause, Milliseconds(interval.count / 10))
    let last = refilled ?? now
    let earned = max(0, (now - last).count / pause.count)
    left = Int(clamping: min(Int64(Limits.readoutsAtOnce), Int64(left) + earned))
    refilled = left == Limits.readoutsAtOnce ? now : last + Milliseconds(earned * pause.count)
    guard left > 0 else { return false }
    left -= 1
    return true
  }
}
