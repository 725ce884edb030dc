internal import Base

/// Decides when to tell the service manager that the program is alive.
///
/// The meter loop feeds it, so a hanging loop is noticed. The other threads may rightly block for long: a dead
/// name server blocks the broker's, a worn SD card the storage's. When one has not moved for minutes, the watchdog is not
/// fed, and systemd restarts the service.
struct Watchdog: Sendable {
  private let interval: Milliseconds?
  private(set) var deadline: Instant?

  private static let standstill = Milliseconds.minutes(5)

  /// - Parameters:
  ///   - interval: How often it is fed; nil for never.
  ///   - start: When it is fed first.
  init(interval: Milliseconds?, start: Instant) {
    self.interval = interval
    deadline = interval.map { _ in start }
  }

  /// True where it is time, and every thread has moved lately.
  mutating func isFed(at now: Instant, standing ages: [Milliseconds]) -> Bool {
    guard let interval, let due = deadline, now >= due else { return false }
    deadline = now + interval
    return ages.allSatisfy { $0 < Self.standstill }
  }
}
