package import Base

/// Keeps a log readable: the same text is logged at most once an hour.
package struct LogLimiter {
  private static let pause = Milliseconds.minutes(60)
  private static let kept = 1024
  private var last: [String: Instant] = [:]

  package init() {}

  /// Whether it is time to log this.
  package mutating func isNew(_ text: String, now: Instant) -> Bool {
    if let last = last[text], now - last < Self.pause { return false }
    if last.count >= Self.kept { last = last.filter { now - $0.value < Self.pause } }
    if last.count < Self.kept { last[text] = now }
    return true
  }
}
