internal import Base
internal import Decoders

/// When one slave of an M-Bus is read.
///
/// After the first readout each slave has a moment of its own in the interval, by its place in the configuration. So
/// sixty meters do not wait for the bus at once, and a restart does not mix their times up.
struct MBusSchedule: Sendable {
  private let configuredInterval: Milliseconds?
  private let backsOff: Bool
  /// The slave's part of the interval, of 2³².
  private let phase: UInt32
  private var mediumInterval: Milliseconds?
  private var standstill = MBusStandstill()
  private var openedAt = Instant(milliseconds: 0)
  private var startedAt: Instant?
  private var asked = AskedReadouts()

  /// When the next readout is due; in the past while it waits for the bus or is under way.
  private(set) var due = Instant(milliseconds: 0)
  /// When the slave began to wait for the bus.
  private(set) var waitingSince = Instant(milliseconds: 0)

  /// The shortest time between two readouts on request.
  private static let shortestInterval = Milliseconds.seconds(1)
  /// The interval after a failed readout, and while the medium is unknown.
  private static let intervalWithoutAnswer = Milliseconds.minutes(1)

  /// - Parameters:
  ///   - interval: as configured; nil for that of the medium.
  ///   - backsOff: as configured; nil to back off only from the interval of the medium.
  ///   - place: in the list of the meters on the bus.
  init(interval: Milliseconds?, backsOff: Bool?, place: Int) {
    configuredInterval = interval
    self.backsOff = backsOff ?? (interval == nil)
    // Multiples of the golden ratio: any meters in a row spread well, whatever intervals the others have.
    phase = UInt32(truncatingIfNeeded: place) &* 0x9E37_79B9
  }

  /// The interval now: the configured one, else that of the medium, and longer while the totals stand still.
  var interval: Milliseconds {
    let shortest = configuredInterval ?? mediumInterval ?? Self.intervalWithoutAnswer
    return Milliseconds(shortest.count * standstill.factor)
  }

  mutating func opened(now: Instant) {
    openedAt = now
    readNow(now: now)
  }

  mutating func readNow(now: Instant) {
    due = now
    waitingSince = now
  }

  /// A readout gets the bus.
  mutating func started(now: Instant) { startedAt = now }

  /// A readout is asked for. False if too many were.
  mutating func pollSoon(now: Instant) -> Bool {
    let soonest = startedAt.map { max(now, $0 + Self.shortestInterval) } ?? now
    guard due > soonest else { return true }
    guard asked.take(interval: interval, now: now) else { return false }
    due = soonest
    waitingSince = due
    return true
  }

  /// The readout goes on later, because other slaves go first.
  mutating func yield(now: Instant) { waitingSince = now }

  /// A telegram of the readout under way. It tells the medium.
  mutating func heard(_ telegram: Telegram) {
    if backsOff { standstill.heard(telegram) }
    guard mediumInterval == nil, let medium = telegram.readings.first?.meter.medium else { return }
    mediumInterval = Self.usualInterval(for: medium)
  }

  /// A readout is complete.
  mutating func succeeded(now: Instant) {
    standstill.ended()
    // The next moment of the slave, but not one that follows at once.
    let interval = max(1, interval.count)
    let moment = openedAt.milliseconds + Int64((UInt64(interval) * UInt64(phase)) >> 32)
    let earliest = due.milliseconds + interval / 2
    let intervals = earliest < moment ? 0 : (earliest - moment) / interval + 1
    // Missed readouts are skipped.
    due = max(Instant(milliseconds: moment + intervals * interval), now)
    waitingSince = due
  }

  /// A readout has failed. The next try comes after `pause`; nil for a minute, or the interval if that is shorter.
  mutating func failed(pause: Milliseconds?, now: Instant) {
    standstill.failed()
    due = max(due + (pause ?? min(interval, Self.intervalWithoutAnswer)), now)
    waitingSince = due
  }

  /// 15 s for electricity. Other meters may run on a battery, and each answer uses it up: 15 min.
  static func usualInterval(for medium: Medium) -> Milliseconds {
    medium == .electricity ? .seconds(15) : .minutes(15)
  }
}
