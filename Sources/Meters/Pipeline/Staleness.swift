internal import Base

/// Finds out when a meter is offline: after three intervals without a valid telegram.
///
/// The interval is the polling interval or the configured one. Meters that push and web pages have a rhythm of their
/// own. Their interval is the median of the last gaps.
struct Staleness: Sendable {
  private static let intervals: Int64 = 3

  private let shortest: Milliseconds
  private var expected: Milliseconds?
  private var learnt = LearntInterval()
  private var last: Instant?

  /// - Parameters:
  ///   - interval: the time between two telegrams; nil to find out.
  ///   - pause: the shortest time between two telegrams that the program can see.
  init(interval: Milliseconds?, pause: Milliseconds = 0) {
    expected = interval
    shortest = max(Listener.usualInterval, pause)
  }

  init(_ settings: MeterSettings) {
    if case .http = settings.source {
      self.init(interval: nil, pause: settings.fetchInterval)
    } else if settings.isAsked {
      self.init(interval: settings.interval.map { max($0, settings.meterProtocol.shortestStaleness) })
    } else {
      self.init(interval: settings.interval ?? settings.meterProtocol.assumedInterval)
    }
  }

  /// The interval is known now, so it need not be learnt.
  mutating func expect(every interval: Milliseconds) { expected = interval }

  mutating func heard(at now: Instant) {
    last = now
    if expected == nil { learnt.heard(at: now) }
  }

  /// The time between two telegrams; nil while it is unknown.
  var interval: Milliseconds? { expected ?? learnt.median.map { max($0, shortest) } }

  /// When the meter becomes stale; nil before its first telegram.
  var deadline: Instant? {
    guard let last else { return nil }
    return last + Milliseconds((interval ?? shortest).count * Self.intervals)
  }

  /// The port is gone. The meter is not stale again before its next telegram.
  mutating func forget() {
    last = nil
    learnt.forget()
  }
}
