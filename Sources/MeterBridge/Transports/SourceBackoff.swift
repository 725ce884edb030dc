internal import Base

/// The pauses between attempts to open a source. Only a telegram ends an outage: a busy gateway accepts each connection, may
/// greet, and closes.
///
/// A port is tried every second for ever: an adapter can come back at any time, and a try costs nothing. For a TCP gateway
/// or a web server the pauses grow after half a minute, with decorrelated jitter, so that several programs do not ask it in step.
struct SourceBackoff: Sendable {
  private let quickest: Milliseconds
  private let slowest: Milliseconds
  private var pause: Milliseconds
  private var outageSince: Instant?
  private var random: SplitMix64

  /// In the first seconds of an outage the pauses do not grow.
  private static let patience = Milliseconds.seconds(30)

  init(quickest: Milliseconds = Limits.reopening, slowest: Milliseconds, seed: UInt64) {
    self.quickest = min(quickest, slowest)
    self.slowest = slowest
    pause = self.quickest
    random = SplitMix64(seed: seed)
  }

  /// A try failed, or the line was lost.
  ///
  /// - Parameters:
  ///   - lastTry: when it was opened the last time. What held for long is tried again soon.
  ///   - now: the time.
  /// - Returns: when to try again.
  mutating func failed(lastTry: Instant, now: Instant) -> Instant {
    let since = outageSince ?? now
    outageSince = since
    if now - since >= Self.patience {
      let longest = max(quickest, min(slowest, Milliseconds(pause.count * 3)))
      pause = Milliseconds(Int64.random(in: quickest.count...longest.count, using: &random))
    }
    return max(now + quickest, lastTry + pause)
  }

  /// A telegram came.
  mutating func succeeded() {
    pause = quickest
    outageSince = nil
  }
}
