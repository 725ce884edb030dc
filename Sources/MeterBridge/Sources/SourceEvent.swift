internal import Decoders

/// What the meter loop hears from a source. Meters are places in the list that the dialogue was made with.
enum SourceEvent: Equatable, Sendable {
  /// The source works, for the first time or again.
  case opened
  /// The source is gone: its meters are offline. Said once; during one outage it comes again only with a new reason.
  /// The source goes on trying by itself.
  case lost(reason: String)
  /// A file or standard input came to its end, and nothing more will come.
  case ended
  /// Open, but silent for so long that it was opened anew. Said once until something is heard.
  case silent(reason: String)
  /// A page holds the telegram that it held the last time.
  case unchanged
  /// One complete readout: one frame of a meter that speaks by itself, all frames of an M-Bus answer.
  case readout(meter: Int, frames: [[UInt8]])
  /// Bytes that could not be used; nil for a meter where nobody can say whose they are.
  case rejected(meter: Int?, bytes: [UInt8], error: DecodeError)
  /// A readout of an M-Bus meter failed for good.
  case noAnswer(meter: Int, tries: Int)
  /// What the dialogue learnt beside readings.
  case news(DialogueNews)
}
