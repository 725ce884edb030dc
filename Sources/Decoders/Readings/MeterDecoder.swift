/// Turns link frames into telegrams. It joins segments and remembers data for later frames.
package protocol MeterDecoder: Sendable {
  /// Decodes one frame.
  ///
  /// It appends nothing while segments are missing, and several telegrams if one frame carries several. It throws only
  /// if the whole frame is unusable; an unusable record is an issue of its telegram.
  mutating func decode(_ frame: Span<UInt8>, into telegrams: inout [Telegram]) throws(DecodeError)
  /// The line is quiet or has ended: half a telegram is an error.
  mutating func finish(into telegrams: inout [Telegram]) throws(DecodeError)
  /// What it has learnt from telegrams and needs for later ones, to be kept for the next run and told to other meters.
  var learnt: [[UInt8]] { get }
  /// Takes what was learnt before, by this decoder or another. What is no such thing is left out.
  mutating func learn(_ learnt: [[UInt8]])
}

extension MeterDecoder {
  package var learnt: [[UInt8]] { [] }
  package mutating func learn(_ learnt: [[UInt8]]) {}
}
