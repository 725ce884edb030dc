package import Meters

/// From the meter loop to the broker thread.
package enum BrokerMessage: Sendable {
  /// The meters of the configuration, at start and after a reload; the topics of others are removed.
  case meters([ConfiguredMeter])
  case publication(Publication)
  /// The meter's pipeline decides. It says `online` before the first publication.
  case availability(device: String, online: Bool)
  /// The event of `bridge/dead_letter`, JSON.
  case deadLetter([UInt8])
  /// By the storage thread.
  case journal(JournalReport)
  /// The document of `bridge/health`, JSON.
  case health([UInt8])
  /// Publish `offline`, wait for the acknowledgement, disconnect.
  case stop
}
