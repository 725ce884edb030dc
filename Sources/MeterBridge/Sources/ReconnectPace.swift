/// How long to wait before the next try to open a source.
///
/// A port is tried every second for ever: a plug can come back at any time and trying costs nothing. So is a TCP gateway at
/// first; after half a minute the pauses grow.
struct ReconnectPace: Sendable {
  private let slowest: Milliseconds
  private var pause = Limits.reopening
  private var outageSince: Instant?

  /// Tries of an outage that is younger than this come a second apart.
  private static let patience = Milliseconds.seconds(30)

  init(slowest: Milliseconds) { self.slowest = slowest }

  /// A try failed, or the line was lost. Returns the wait before the next try.
  mutating func failed(now: Instant) -> Milliseconds {
    let since = outageSince ?? now
    outageSince = since
    if now - since >= Self.patience { pause = min(Milliseconds(pause.count * 2), slowest) }
    return pause
  }

  /// The line works.
  mutating func succeeded() {
    pause = Limits.reopening
    outageSince = nil
  }
}
