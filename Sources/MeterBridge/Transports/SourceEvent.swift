internal import Meters

/// What the meter loop hears from a source.
enum SourceEvent: Equatable, Sendable {
  /// The source works, for the first time or again.
  case opened
  /// The source is gone: its meters are offline. Told once; in the same outage again only with a new reason.
  /// The source goes on trying by itself.
  case lost(reason: String)
  /// A file or standard input came to its end, and nothing more will come.
  case ended
  /// Open, but silent for so long that it was opened again. Told once until a readout comes.
  case silent(reason: String)
  /// An HTTP source holds the telegram that it held the last time.
  case unchanged
  /// What the dialogue found; never `send` or `reopen`, which the connection itself carries out.
  case dialogue(DialogueOutput)
}
