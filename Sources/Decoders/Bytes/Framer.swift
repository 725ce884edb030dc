/// Cuts a stream of bytes into link frames, and finds the way back after anything that is none.
package protocol Framer: Sendable {
  /// Takes bytes as they come off the line, in pieces of any size.
  mutating func append(_ bytes: Span<UInt8>)
  /// The next frame or rejected piece, oldest first; nil where more bytes are needed.
  mutating func next() -> Framed?
  /// The line went quiet or ended: what is half there becomes a last frame or is rejected. Call `next` afterwards.
  mutating func finish()
}

/// What a framer makes of the stream. Every byte of it ends up in exactly one of these; only line ends that P1 meters put
/// between telegrams end up in none.
package enum Framed: Hashable, Sendable {
  /// A link frame whose ends and check value hold.
  case frame([UInt8])
  /// Noise between telegrams (one piece a gap) or one broken telegram (with all its bytes), and what is wrong with it.
  case rejected([UInt8], DecodeError)
}
