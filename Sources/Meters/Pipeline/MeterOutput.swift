package import Base

/// An event of a meter for the rest of the program.
package enum MeterOutput: Sendable {
  case publication(Publication)
  /// A decoded telegram of a configured meter, before what is made of it.
  case telegram(ReceivedTelegram)
  /// A telegram of a meter with `forward`.
  case forward(ForwardedTelegram)
  case availability(device: String, online: Bool)
  case deadLetter(DeadLetter)
  case log(LogLevel, String)
  /// The network of a meter, to be saved for the next start; nil if the saved one is wrong.
  case network(meter: String, KnownNetwork?)
}
