package import Meters

/// A message from the meter loop to the broker thread.
package enum BrokerMessage: Sendable {
  /// The configured meters, at the start and after a reload. The topics of other meters are removed.
  case meters([ConfiguredMeter])
  case publication(Publication)
  /// A telegram that is sent on, as the journal has it.
  case forward(JournalEntry)
  /// Everything of a batch of telegrams is on its way. `BrokerReport.settled` answers when its readings are delivered.
  case settle(batch: Int)
  /// From the meter's pipeline, which sends `online` before the first publication.
  case availability(device: String, online: Bool)
  /// The event of `bridge/dead_letter`, JSON.
  case deadLetter([UInt8])
  /// The answer to `accept`, one sentence for people.
  case accepted(device: String, answer: String)
  /// From the storage thread.
  case journal(JournalReport)
  /// The document of `bridge/health`, JSON.
  case health([UInt8])
  /// The broker thread publishes `offline`, waits for the acknowledgement, and disconnects.
  case stop
}
