package import Base

/// Telegrams that came over MQTT are acknowledged when their readings are delivered.
extension Outbox {
  /// A batch of telegrams, and the readings that it waits for.
  struct Settling: Sendable {
    var batch: Int
    /// The newest reading of each queue when the batch was done.
    var readings: [QueueKey: Int64]
    /// By then the journal has written them.
    var until: Instant
  }

  /// The readings of a batch are all here, or in the journal.
  mutating func settle(_ batch: Int, at now: Instant) {
    settling = Settling(batch: batch, readings: readings.undelivered, until: now + Limits.telegramPatience)
  }

  /// The batch whose readings are delivered or written since the last call; nil for none.
  package mutating func takeSettled(at now: Instant) -> Int? {
    guard let open = settling, now >= open.until || readings.hasDelivered(open.readings) else { return nil }
    settling = nil
    return open.batch
  }
}
