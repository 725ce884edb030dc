/// Random numbers from a seed, so that a simulation can be repeated (SplitMix64, Steele, Lea and Flood 2014).
public struct SplitMix64: RandomNumberGenerator, Sendable {
  private var state: UInt64

  /// The sequence of this seed.
  public init(seed: UInt64) { state = seed }

  /// The next number.
  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}

/// When to try the broker again. Times are milliseconds of a clock that never jumps.
///
/// In a short outage there is a try each second, in a long one decorrelated jitter up to a minute. So many clients do not
/// all rush at a broker that is just starting.
public struct Backoff: Sendable {
  /// Why the last try failed.
  public enum Cause: Sendable {
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
  public init(seed: UInt64) { random = SplitMix64(seed: seed) }

  /// The connection was lost: the next tries are quick ones again.
  public mutating func beginOutage(at now: Int64) { outageBegan = now }

  /// The connection was good for long enough to forget the tries it took.
  public mutating func forget() { previous = Backoff.shortest }

  /// The time of the next try.
  public mutating func nextTry(after cause: Cause, lastTry: Int64, now: Int64) -> Int64 {
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
