package import Base
internal import Meters

/// The readings from publications and from the journal, and reports to the journal about delivered ones.
extension Outbox {
  mutating func takeReading(_ publication: Publication, at now: Instant) {
    guard let payload = publication.reading else { return }
    let key = readings.offer(
      payload, number: publication.number, of: publication.device.id, at: now)
    advance(key, at: now)
  }

  /// A telegram that is sent on waits its turn like a reading.
  mutating func takeForwarded(_ entry: JournalEntry, at now: Instant) {
    advance(readings.offer(entry.payload, number: entry.number, of: entry.meter, at: now), at: now)
  }

  mutating func take(_ report: JournalReport, at now: Instant) {
    for key in readings.take(report) { advance(key, at: now) }
  }

  /// Queues a meter's next reading with the other messages, if it may go out now.
  private mutating func advance(_ key: QueueKey, at now: Instant) {
    if readings.isDue(key, at: now) { mark(.reading(key)) }
  }

  mutating func finishReading(_ key: QueueKey, isHeard: Bool, at now: Instant) {
    readings.finish(key, isHeard: isHeard, at: now)
    advance(key, at: now)
  }

  mutating func tickReadings(at now: Instant) {
    if readings.givesUpOnJournal(at: now) {
      notes.append("the journal did not open in time: readings of an earlier run follow after new ones")
    }
    guard connection != nil else { return }
    for key in readings.takeDue(at: now) { advance(key, at: now) }
  }

  /// Hands orders for the journal to `post`. Returns false if `post` was full.
  package mutating func placeOrders(at now: Instant, _ post: (JournalOrder) -> Bool) -> Bool {
    let isConnected = connection != nil
    guard readings.tellJournal(isConnected: isConnected, all: sending.isStopping, at: now, post) else { return false }
    return isConnected && ending == nil ? readings.askJournal(at: now, post) : true
  }
}
