internal import Base
internal import Meters
internal import Platform

/// Carries the bytes of one source: opens it, reads and sends. It knows no dialogue and never blocks.
///
/// It is closed at first. An error of `open`, `service` or `send` means that the source is lost; it is to be closed then.
protocol Transport {
  /// What the loop waits for; nil while there is no descriptor, as between two fetches.
  var interest: PollInterest? { get }
  /// When `service` has something to do although nothing is ready; nil for never.
  var deadline: Instant? { get }
  /// Whether everything has been sent.
  var hasSentAll: Bool { get }

  /// The pauses between attempts to open it, with jitter from `seed`.
  func backoff(seed: UInt64) -> SourceBackoff
  /// Opens it, or begins to: then `service` returns `.opened` later.
  mutating func open(now: Instant) throws(SourceError) -> TransportEvent?
  /// Does what is possible and what is due; one step, so that a chatty source cannot starve the others.
  mutating func service(_ ready: Readiness, now: Instant) throws(SourceError) -> TransportEvent?
  /// Sends now, or as soon as the line takes it. Only an open line sends.
  mutating func send(_ bytes: [UInt8], now: Instant) throws(SourceError)
  /// Gives the open line other settings as soon as everything that was sent has left it. `service` returns `.tuned` then.
  /// Opened again it has the former ones.
  ///
  /// - Returns: false where the program does not set the line.
  mutating func tune(_ line: LineSettings, now: Instant) -> Bool
  /// Fetches the next message now; false where bytes come by themselves.
  mutating func fetch(now: Instant) -> Bool
  /// The last bytes that it returned were of a telegram that could be decoded.
  mutating func decoded()
  /// Takes other line settings the next time it is opened.
  mutating func use(_ line: LineSettings)
  /// Frees the source at once.
  mutating func close()
}

extension Transport {
  var deadline: Instant? { nil }
  var hasSentAll: Bool { true }
  mutating func send(_ bytes: [UInt8], now: Instant) throws(SourceError) {}
  mutating func tune(_ line: LineSettings, now: Instant) -> Bool { false }
  mutating func fetch(now: Instant) -> Bool { false }
  mutating func decoded() {}
  mutating func use(_ line: LineSettings) {}
}

/// Events of a transport.
enum TransportEvent: Equatable, Sendable {
  /// The line is open. A source of whole messages never says so.
  case opened
  /// Bytes came in.
  case bytes(LineInput)
  /// A client is gone: its line ends.
  case left(client: Int)
  /// A whole message, as a web server answers with one: no byte of it is missing or follows.
  case message([UInt8])
  /// The message is the same as the last one.
  case unchanged
  /// Something about the gateway that the user should know; the source goes on.
  case warning(String)
  /// The line has the settings that `tune` ordered; with a reason it keeps the former ones.
  case tuned(refusal: String?)
  /// The source came to its end, and nothing more will come.
  case ended
}
