internal import Base

/// Whether a meter still speaks: offline after three intervals without a valid telegram.
///
/// The interval is the one it is polled or configured with; of a meter that pushes, and of an HTTP source, which
/// changes in its own time, it is the median of the last gaps.
struct Staleness: Sendable {
  private static let gapsKept = 9
  private static let intervals: Int64 = 3

  private let shortest: Milliseconds
  private var expected: Milliseconds?
  private var gaps: [Milliseconds] = []
  private var last: Instant?

  /// - Parameters:
  ///   - interval: How often a telegram comes; nil to find out.
  ///   - pause: It comes no more often than this, as far as we can see.
  init(interval: Milliseconds?, pause: Milliseconds = 0) {
    expected = interval
    shortest = max(Listener.usualInterval, pause)
  }

  /// For the meter of these settings.
  init(_ settings: MeterSettings) {
    if case .http = settings.source {
      self.init(interval: nil, pause: settings.fetchInterval)
    } else if settings.isAsked {
      self.init(interval: settings.interval.map { max($0, settings.meterProtocol.shortestStaleness) })
    } else {
      self.init(interval: settings.interval)
    }
  }

  private var learnt: Milliseconds?

  /// The interval has become known: nothing is to be learnt.
  mutating func expect(every interval: Milliseconds) { expected = interval }

  mutating func heard(at now: Instant) {
    defer { last = now }
    guard expected == nil, let last else { return }
    gaps.append(now - last)
    if gaps.count > Self.gapsKept { gaps.removeFirst() }
    learnt = gaps.sorted()[gaps.count / 2]
  }

  /// When the meter becomes stale; nil before its first telegram.
  var deadline: Instant? {
    guard let last else { return nil }
    let interval = expected ?? max(learnt ?? shortest, shortest)
    return last + Milliseconds(interval.count * Self.intervals)
  }

  /// The port is gone: nothing is awaited until the next telegram.
  mutating func forget() {
    last = nil
    gaps = []
  }
}
