/// A point in time that never jumps (CLOCK_BOOTTIME), in milliseconds. Intervals, timeouts and staleness live on it.
struct Instant: Hashable, Comparable, Sendable {
  var milliseconds: Int64

  /// Before the program started.
  static let past = Instant(milliseconds: 0)

  static func < (left: Instant, right: Instant) -> Bool { left.milliseconds < right.milliseconds }
  static func + (left: Instant, right: Milliseconds) -> Instant {
    Instant(milliseconds: left.milliseconds + right.count)
  }
  static func - (left: Instant, right: Instant) -> Milliseconds {
    Milliseconds(left.milliseconds - right.milliseconds)
  }
}

/// A length of time.
struct Milliseconds: Hashable, Comparable, Sendable, ExpressibleByIntegerLiteral {
  var count: Int64

  init(_ count: Int64) { self.count = count }
  init(integerLiteral value: Int64) { count = value }
  static func seconds(_ count: Int64) -> Milliseconds { Milliseconds(count * 1000) }
  static func minutes(_ count: Int64) -> Milliseconds { Milliseconds(count * 60_000) }
  static func < (left: Milliseconds, right: Milliseconds) -> Bool { left.count < right.count }
}

/// Calendar time: milliseconds since 1970 UTC. It may jump, so nothing is measured with it.
struct WallTime: Hashable, Comparable, Sendable {
  var milliseconds: Int64

  static func < (left: WallTime, right: WallTime) -> Bool { left.milliseconds < right.milliseconds }
}
