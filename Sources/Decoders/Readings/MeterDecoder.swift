/// Turns link frames into telegrams. It joins segments and keeps what later frames need; its configuration (profile,
/// offsets) comes with its init.
package protocol MeterDecoder: Sendable {
  /// Decodes one frame.
  ///
  /// Appends no telegram where more segments are to come, several where one frame carries several. Throws only where
  /// nothing of the frame can be trusted; a record that cannot be used is an issue of its telegram.
  mutating func decode(_ frame: Span<UInt8>, into telegrams: inout [Telegram]) throws(DecodeError)
  /// The line went quiet or ended: what is half there is an error.
  mutating func finish(into telegrams: inout [Telegram]) throws(DecodeError)
}
