package import Meters

/// From the broker thread to the meter loop.
package enum BrokerReport: Sendable {
  /// A message on `<root>/<id>/read`.
  case read(meter: String)
  /// A message on `<root>/<id>/accept`, for a meter or sub-meter.
  case accept(device: String)
  /// The broker turned a message away; not retried.
  case refused(DeadLetter)
  /// A connection was accepted.
  case connected
  case disconnected(reason: String)
  /// The retained topics have changed: to be kept for the next start.
  case retained(RetainedState)
  /// The broker has everything, or never will: the program may end.
  case stopped
}
