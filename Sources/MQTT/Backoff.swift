internal import Base

/// When to try the broker again. Times are milliseconds of a clock that never jumps.
///
/// In a short outage there is a try each second, in a long one decorrelated jitter up to a minute. So many clients do not
/// all rush at a broker that is just starting.
package struct Backoff: Sendable {
  /// Why the last try failed.
  package enum Cause: Sendable {
    /// An accepted connection broke. A try at once tells a broker that is gone from one that prefers another client.
    case loss
    /// The broker cannot be reached.
    case outage
    /// The broker refuses us: asking every second does not help.
    case refusal
    /// Another client keeps taking our client id.
    case contest
  }

  static let eagerPeriod: Int64 = 30_000
  static let shortest: Int64 = 1_000
  static let longest: Int64 = 60_000
  static let contested: ClosedRange<Int64> = 60_000...180_000

  private var random: SplitMix64
  private var previous = Backoff.shortest
  private var outageBegan: Int64?

  /// A backoff without history.
  package init(seed: UInt64) { random = SplitMix64(seed: seed) }

  /// The connection was lost: the next tries are quick ones again.
  package mutating func beginOutage(at now: Int64) { outageBegan = now }

  /// The connection was good for long enough to forget the tries it took.
  package mutating func forget() { previous = Backoff.shortest }

  /// The time of the next try.
  package mutating func nextTry(after cause: Cause, lastTry: Int64, now: Int64) -> Int64 {
    switch cause {
    case .contest:
      return now + Int64.random(in: Backoff.contested, using: &random)
    case .loss:
      return now
    case .outage where now - (outageBegan ?? now) < Backoff.eagerPeriod:
      return max(now, lastTry + Int64.random(in: Backoff.shortest / 2...Backoff.shortest, using: &random))
    case .outage, .refusal:
      let upper = max(Backoff.shortest, min(Backoff.longest, previous * 3))
      previous = Int64.random(in: Backoff.shortest...upper, using: &random)
      return now + previous
    }
  }
}
