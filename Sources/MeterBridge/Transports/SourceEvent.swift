internal import Meters

/// Events of a source for the meter loop.
enum SourceEvent: Equatable, Sendable {
  /// The source works, for the first time or again.
  case opened
  /// The source is gone: its meters are offline. Sent once, and again in the same outage only with a new reason.
  /// The source goes on trying by itself.
  case lost(reason: String)
  /// A file or standard input came to its end, and nothing more will come.
  case ended
  /// Open, but without a readout for so long that it was opened again. Sent once until a telegram is decoded.
  case silent(reason: String, Incoming)
  /// What the bytes are that give no readout. Sent once until a telegram is decoded.
  case finding(LineDiagnosis.Finding)
  /// Something about the gateway that the user should know.
  case warning(String)
  /// An HTTP source returned the same telegram as the last time.
  case unchanged
  /// An output of the dialogue; never `send`, `tune` or `reopen`, which the connection itself carries out.
  case dialogue(DialogueOutput)
}

/// What a source brings instead of readouts.
enum Incoming: Equatable, Sendable {
  case nothing
  /// Bytes of unknown meaning.
  case noise
  /// Telegrams, all of them damaged.
  case damagedTelegrams
}
