package import Base

/// When to try the broker again.
///
/// In a short outage that is each second, in a long one decorrelated jitter up to a minute. So many clients do not
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

  static let eagerPeriod = Milliseconds.seconds(30)
  static let shortest = Milliseconds.seconds(1)
  static let longest = Milliseconds.minutes(1)
  static let contested = Milliseconds.minutes(1)...Milliseconds.minutes(3)

  private var random: SplitMix64
  private var previous = Backoff.shortest
  private var outageBegan: Instant?

  package init(seed: UInt64) { random = SplitMix64(seed: seed) }

  /// The connection is lost: the next tries are quick ones again.
  package mutating func beginOutage(at now: Instant) { outageBegan = now }

  /// The connection lasted long enough to forget the tries it took.
  package mutating func forget() { previous = Backoff.shortest }

  /// The time of the next try.
  package mutating func nextTry(after cause: Cause, lastTry: Instant, now: Instant) -> Instant {
    switch cause {
    case .contest:
      return now + time(in: Backoff.contested)
    case .loss:
      return now
    case .outage where now - (outageBegan ?? now) < Backoff.eagerPeriod:
      return max(now, lastTry + time(in: Milliseconds(Backoff.shortest.count / 2)...Backoff.shortest))
    case .outage, .refusal:
      let upper = max(Backoff.shortest, min(Backoff.longest, Milliseconds(previous.count * 3)))
      previous = time(in: Backoff.shortest...upper)
      return now + previous
    }
  }

  private mutating func time(in range: ClosedRange<Milliseconds>) -> Milliseconds {
    Milliseconds(Int64.random(in: range.lowerBound.count...range.upperBound.count, using: &random))
  }
}
