/// Cuts a stream of bytes into link frames, and finds the next frame after rejected bytes.
package protocol Framer: Sendable {
  /// Takes bytes as they come off the line, in pieces of any size.
  mutating func append(_ bytes: Span<UInt8>)
  /// The next frame or rejected piece, oldest first; nil until more bytes come.
  mutating func next() -> Framed?
  /// The line is quiet or has ended: half a frame becomes a last frame or a rejected piece. Call `next` afterwards.
  mutating func finish()
}

/// A piece of the stream. Every byte is in exactly one piece, except line ends between P1 telegrams.
package enum Framed: Hashable, Sendable {
  /// A link frame with correct ends and check value.
  case frame([UInt8])
  /// Noise between telegrams (one piece a gap) or one broken telegram (with all its bytes), and its error.
  case rejected([UInt8], DecodeError)
}
