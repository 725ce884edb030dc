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

  /// The line is gone: the next telegram does not end a gap. What was learnt stays until a new gap.
  mutating func forget() {
    last = nil
    gaps = []
  }
}
