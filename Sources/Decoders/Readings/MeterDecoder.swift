/// Turns link frames into telegrams. It joins segments and remembers data for later frames.
package protocol MeterDecoder: Sendable {
  /// Decodes one frame.
  ///
  /// It appends nothing while segments are missing, and several telegrams if one frame carries several. It throws only
  /// if the whole frame is unusable; an unusable record is an issue of its telegram.
  mutating func decode(_ frame: Span<UInt8>, into telegrams: inout [Telegram]) throws(DecodeError)
  /// The line is quiet or has ended: half a telegram is an error.
  mutating func finish(into telegrams: inout [Telegram]) throws(DecodeError)
}
