/// A time on a clock that never jumps (CLOCK_BOOTTIME), for intervals, timeouts and staleness.
package struct Instant: Hashable, Comparable, Sendable {
  package var milliseconds: Int64

  package init(milliseconds: Int64) { self.milliseconds = milliseconds }

  /// Before the program started.
  package static let past = Instant(milliseconds: 0)

  package static func < (left: Instant, right: Instant) -> Bool { left.milliseconds < right.milliseconds }
  package static func + (left: Instant, right: Milliseconds) -> Instant {
    Instant(milliseconds: left.milliseconds + right.count)
  }
  package static func - (left: Instant, right: Instant) -> Milliseconds {
    Milliseconds(left.milliseconds - right.milliseconds)
  }

  /// The next time from here on that is a multiple of a length, for what many do at one time.
  package func rounded(upTo length: Milliseconds) -> Instant {
    Instant(milliseconds: (milliseconds + length.count - 1) / length.count * length.count)
  }
}

/// A time or none, in the eight bytes of a time: an optional takes sixteen, and a meter has a hundred of them.
package struct PossibleInstant: Equatable, Sendable {
  private var milliseconds: Int64

  package init(_ instant: Instant?) { milliseconds = instant?.milliseconds ?? .min }

  package var instant: Instant? { milliseconds == .min ? nil : Instant(milliseconds: milliseconds) }
}

/// A length of time.
package struct Milliseconds: Hashable, Comparable, Sendable, ExpressibleByIntegerLiteral {
  package var count: Int64

  package init(_ count: Int64) { self.count = count }
  package init(integerLiteral value: Int64) { count = value }
  package static func seconds(_ count: Int64) -> Milliseconds { Milliseconds(count * 1000) }
  package static func minutes(_ count: Int64) -> Milliseconds { Milliseconds(count * 60_000) }
  package static func < (left: Milliseconds, right: Milliseconds) -> Bool { left.count < right.count }
}

extension Milliseconds: CustomStringConvertible {
  /// As people say it, in one unit and rounded down: `45 s`, `12 min`, `5 h`, `3 d`.
  package var description: String {
    let seconds = count / 1000
    switch seconds {
    case ..<120: return "\(seconds) s"
    case ..<7200: return "\(seconds / 60) min"
    case ..<172_800: return "\(seconds / 3600) h"
    default: return "\(seconds / 86_400) d"
    }
  }
}
