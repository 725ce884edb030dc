internal import Base
internal import Documents

/// When the document of a meter goes out by UDP: at an interval, or with each reading. Never while the meter is offline.
struct UDPSchedule {
  /// 0: each reading.
  private let interval: Milliseconds
  private var due = Instant.past
  /// The number of the last reading that was sent.
  private var sent: Int64 = 0

  init(interval: Milliseconds) { self.interval = interval }

  /// When the next datagram may go; nil where only a reading can tell.
  var deadline: Instant? { interval.count > 0 && due > .past ? due : nil }

  /// Whether the meter's document goes out now.
  mutating func isDue(_ meter: StoredMeter?, now: Instant) -> Bool {
    guard let meter, meter.isOnline, meter.number > 0 else {
      // The first reading after an outage does not wait.
      due = .past
      return false
    }
    guard interval.count == 0 ? meter.number != sent : now >= due else { return false }
    due = now + interval
    sent = meter.number
    return true
  }
}
