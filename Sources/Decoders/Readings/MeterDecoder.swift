/// Turns link frames into telegrams. It joins segments and keeps what later frames need; its configuration (profile,
/// offsets) comes with its init.
public protocol MeterDecoder: Sendable {
  /// Decodes one frame.
  ///
  /// Appends no telegram where more segments are to come, several where one frame carries several. Throws only where
  /// nothing of the frame can be trusted; a record that cannot be used is an issue of its telegram.
  mutating func decode(_ frame: Span<UInt8>, into telegrams: inout [Telegram]) throws(DecodeError)
  /// The line went quiet or ended: what is half there is an error.
  mutating func finish(into telegrams: inout [Telegram]) throws(DecodeError)
}

/// Cuts a stream of bytes into link frames, and finds the way back after anything that is none.
public protocol Framer: Sendable {
  /// Takes bytes as they come off the line, in pieces of any size.
  mutating func append(_ bytes: Span<UInt8>)
  /// The next frame or rejected piece, oldest first; nil where more bytes are needed.
  mutating func next() -> Framed?
  /// The line went quiet or ended: what is half there becomes a last frame or is rejected. Call `next` afterwards.
  mutating func finish()
}

/// What a framer makes of the stream. Every byte of it ends up in exactly one of these; only line ends that P1 meters put
/// between telegrams end up in none.
public enum Framed: Hashable, Sendable {
  /// A link frame whose ends and check value hold.
  case frame([UInt8])
  /// Noise between telegrams (one piece a gap) or one broken telegram (with all its bytes), and what is wrong with it.
  case rejected([UInt8], DecodeError)
}
