package import Base

/// The meaning of `interval`.
///
/// It is the time between two readouts, two fetches of a web page, or two telegrams of a pushing meter. A meter is
/// offline after three intervals without a telegram.
extension MeterSettings {
  /// Whether the program asks the meter. If not, it only listens.
  package var isAsked: Bool { meterProtocol.dialogue != nil && source.isBus }

  /// Whether the program asks the meter, or fetches its page, so that a user can have it read at any time.
  package var isPolled: Bool { isAsked || source.isPage }

  /// How often an HTTP source is fetched.
  package var fetchInterval: Milliseconds { interval ?? HTTPSource.usualInterval }
}
