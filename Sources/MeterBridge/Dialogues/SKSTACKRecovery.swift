internal import MQTT

/// What is tried next after a failure, and when: first the known network again, then a scan, then more and more of a
/// fresh start, ever more slowly and for ever.
struct SKSTACKRecovery: Sendable {
  /// How much is done anew.
  enum Stage: Sendable {
    case join, scan
    /// Resets the module before the scan.
    case reset
    /// Closes and opens the port, and resets the module; then what was known is tried once more.
    case reopen
  }

  private static let joins = 2
  private static let first: ClosedRange<Int64> = 1_000...3_000
  private static let shortest: Int64 = 10_000
  private static let longest: Int64 = 600_000

  private var random: SplitMix64
  private var failures = 0
  private var pause = SKSTACKRecovery.shortest
  /// Before this nothing is tried.
  private(set) var resumeAt: Instant?

  init(seed: UInt64) { random = SplitMix64(seed: seed) }

  /// What the next try does.
  var stage: Stage {
    guard failures > Self.joins else { return .join }
    switch (failures - Self.joins) % 3 {
    case 1: return .scan
    case 2: return .reset
    default: return .reopen
    }
  }

  /// A try came to nothing, or the session is lost.
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

  /// The meter has answered.
  mutating func succeeded() {
    failures = 0
    pause = Self.shortest
    resumeAt = nil
  }

  /// A number for the transactions of a session, so that an answer to the one before is never taken for its own.
  mutating func transaction() -> UInt16 { UInt16.random(in: .min ... .max, using: &random) }
}
