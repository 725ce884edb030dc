internal import Base

/// Decides what the session tries after a failure, and when.
///
/// It tries the known network again, then scans, then resets more and more. It never stops, but slows down.
struct SKSTACKRecovery: Sendable {
  /// How far a try goes back.
  enum Stage: Sendable {
    case join, scan
    /// Resets the module before the scan.
    case reset
    /// Closes and opens the port, resets the module, and joins the known network once more.
    case reopen
  }

  private static let joins = 2
  private static let first: ClosedRange<Int64> = 1_000...3_000
  private static let shortest: Int64 = 10_000
  private static let longest: Int64 = 600_000

  private var random: SplitMix64
  private var failures = 0
  private var pause = SKSTACKRecovery.shortest
  /// Whether a scan of this outage went through all its durations.
  private(set) var hasScanned = false
  /// The next try does not begin before this.
  private(set) var resumeAt: Instant?

  init(seed: UInt64) { random = SplitMix64(seed: seed) }

  var stage: Stage {
    guard failures > Self.joins else { return .join }
    switch (failures - Self.joins) % 3 {
    case 1: return .scan
    case 2: return .reset
    default: return .reopen
    }
  }

  /// A try failed, or the session is lost.
  mutating func failed(now: Instant) {
    failures += 1
    let wait: Int64
    if failures == 1 {
      wait = Int64.random(in: Self.first, using: &random)
    } else {
      // Decorrelated jitter.
      pause = Int64.random(in: Self.shortest...max(Self.shortest, min(Self.longest, pause * 3)), using: &random)
      wait = pause
    }
    resumeAt = now + Milliseconds(wait)
  }

  /// A scan found no meter, not even in its longest duration.
  mutating func scanned() { hasScanned = true }

  /// The meter has answered.
  mutating func succeeded() {
    failures = 0
    pause = Self.shortest
    resumeAt = nil
    hasScanned = false
  }

  /// The first transaction number of this run. It keeps answers to an earlier run from being taken for its own.
  mutating func transaction() -> UInt16 { UInt16.random(in: .min ... .max, using: &random) }
}
