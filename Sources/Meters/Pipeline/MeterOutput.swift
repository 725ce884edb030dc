package import Base

/// What a meter has to say to the rest of the program.
package enum MeterOutput: Sendable {
  case publication(Publication)
  case availability(device: String, online: Bool)
  case deadLetter(DeadLetter)
  case log(LogLevel, String)
  /// Where a meter was found on the air, to be kept for the next start; nil where what is kept is wrong.
  case network(meter: String, KnownNetwork?)
}
