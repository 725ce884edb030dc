internal import Base

/// The usual time between two telegrams of a meter that pushes: the median of the last gaps.
struct LearntInterval: Sendable {
  private static let gapsKept = 9

  private var gaps: [Milliseconds] = []
  private var last: Instant?
  /// Nil before the second telegram.
  private(set) var median: Milliseconds?

  mutating func heard(at now: Instant) {
    defer { last = now }
    guard let last else { return }
    if gaps.isEmpty { gaps.reserveCapacity(Self.gapsKept) }
    if gaps.count == Self.gapsKept { gaps.removeFirst() }
    gaps.append(now - last)
    median = gaps.sorted()[gaps.count / 2]
  }

  /// The silence behind which a line looks dead.
  ///
  /// - Parameters:
  ///   - configured: the configured interval; nil to take what was learnt.
  ///   - usual: the interval until one is learnt, and at least.
  /// - Returns: three intervals, and at least `Limits.silence`.
  func patience(configured: Milliseconds?, usual: Milliseconds) -> Milliseconds {
    let interval = configured ?? max(median ?? 0, usual)
    return max(Milliseconds(interval.count * 3), Limits.silence)
  }

  /// The line is gone: the next telegram does not end a gap. What was learnt stays until a new gap.
  mutating func forget() {
    last = nil
    gaps = []
  }
}
