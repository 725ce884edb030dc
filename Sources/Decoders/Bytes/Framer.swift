/// Cuts a stream of bytes into link frames, and finds the next frame after rejected bytes.
package protocol Framer: Sendable {
  /// Takes bytes as they come off the line, in pieces of any size.
  mutating func append(_ bytes: Span<UInt8>)
  /// The next frame or rejected piece, oldest first; nil until more bytes come.
  mutating func next() -> Framed?
  /// The line pauses: a new frame may begin, but half a frame may still go on. Call `next` before and afterwards, until it
  /// returns nil, here and for the next two.
  mutating func pause()
  /// The line is quiet, so half a frame is over. A telegram goes on if a check value tells that nothing of it was lost.
  mutating func quiet()
  /// Whether such a telegram waits for its rest.
  var isWaiting: Bool { get }
  /// The line is quiet for good or has ended: the rest becomes a last frame or rejected pieces.
  mutating func finish()
}

/// Without telegrams of several frames silence has one meaning.
extension Framer {
  package mutating func pause() {}
  package mutating func quiet() { finish() }
  package var isWaiting: Bool { false }
}

/// A piece of the stream. Every byte is in exactly one piece, except line ends between P1 telegrams.
package enum Framed: Hashable, Sendable {
  /// A link frame with correct ends and check value.
  case frame([UInt8])
  /// Noise between telegrams (one piece a gap) or one broken telegram (with all its bytes), and its error.
  case rejected([UInt8], DecodeError)
}
