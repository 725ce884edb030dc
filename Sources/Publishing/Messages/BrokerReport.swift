package import Meters

/// A report from the broker thread to the meter loop.
package enum BrokerReport: Sendable {
  /// A message on `<root>/<id>/read`.
  case read(meter: String)
  /// A message on `<root>/<id>/accept`, for a meter or sub-meter.
  case accept(device: String)
  /// The broker refused a message. It is not sent again.
  case refused(DeadLetter)
  /// The readings of a batch of telegrams are delivered, or in the journal.
  case settled(batch: Int)
  /// A connection was accepted.
  case connected
  case disconnected(reason: String)
  /// Home Assistant has announced its start or its end.
  case homeAssistant(isOnline: Bool)
  /// The retained topics have changed, and are to be saved for the next start.
  case retained(RetainedState)
  /// The broker has all messages, or never gets the rest. The program may end.
  case stopped
}
