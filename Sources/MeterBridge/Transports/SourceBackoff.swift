internal import Base

/// The pauses between attempts to open a source.
///
/// A port is tried every second for ever: an adapter can come back at any time, and a try costs nothing. For a TCP
/// gateway the pauses grow after half a minute.
struct SourceBackoff: Sendable {
  private let quickest: Milliseconds
  private let slowest: Milliseconds
  private var pause: Milliseconds
  private var outageSince: Instant?

  /// In the first seconds of an outage the pauses do not grow.
  private static let patience = Milliseconds.seconds(30)

  init(quickest: Milliseconds = Limits.reopening, slowest: Milliseconds) {
    self.quickest = min(quickest, slowest)
    self.slowest = slowest
    pause = self.quickest
  }

  /// A try failed, or the line was lost. Returns the wait before the next try.
  mutating func failed(now: Instant) -> Milliseconds {
    let since = outageSince ?? now
    outageSince = since
    if now - since >= Self.patience { pause = min(Milliseconds(pause.count * 2), slowest) }
    return pause
  }

  /// The line works.
  mutating func succeeded() {
    pause = quickest
    outageSince = nil
  }
}
