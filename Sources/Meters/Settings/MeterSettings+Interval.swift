package import Base

/// What `interval` means. Of a meter that is asked it is the pause between two readouts, of an HTTP source that between two
/// fetches, and of a meter that pushes what is expected of it. Without a telegram for three of them a meter is offline.
extension MeterSettings {
  /// Whether the program asks the meter, and does not only listen.
  package var isAsked: Bool { meterProtocol.dialogue != nil && source.isBus }

  /// How often an HTTP source is fetched.
  package var fetchInterval: Milliseconds { interval ?? HTTPSource.usualInterval }
}
