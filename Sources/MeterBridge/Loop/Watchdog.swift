/// When the service manager is told that the program lives.
///
/// The meter loop feeds it, so a loop that stands still is noticed by itself. The other threads may stand still for long
/// without anything being wrong: a dead name server blocks the broker's, a worn SD card the storage's. Only one that has
/// not moved for minutes withholds the food, and systemd starts the program anew.
struct Watchdog: Sendable {
  private let interval: Milliseconds?
  private(set) var deadline: Instant?

  private static let standstill = Milliseconds.minutes(5)

  /// - Parameters:
  ///   - interval: How often it is fed; nil where there is none.
  ///   - start: When it is fed first.
  init(interval: Milliseconds?, start: Instant) {
    self.interval = interval
    deadline = interval.map { _ in start }
  }

  /// True where it is time, and no thread has stood still for so long.
  mutating func isFed(at now: Instant, standing ages: [Milliseconds]) -> Bool {
    guard let interval, let due = deadline, now >= due else { return false }
    deadline = now + interval
    return ages.allSatisfy { $0 < Self.standstill }
  }
}
