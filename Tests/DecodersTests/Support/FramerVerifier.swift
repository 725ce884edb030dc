import Testing

@testable import Decoders

/// Feeds bytes to a framer in every shape a line can give them, and says what came out.
///
/// The model is swift-nio's `ByteToMessageDecoderVerifier`: whatever the pieces, the same frames must come out, and every
/// byte must come out exactly once.
func frames(_ framer: some Framer, _ bytes: [UInt8], piece: Int = .max) -> [Framed] {
  var framer = framer
  var out: [Framed] = []
  var position = 0
  while position < bytes.count {
    let end = min(bytes.count, piece == .max ? bytes.count : position + piece)
    let part = Array(bytes[position..<end])
    framer.append(part.span)
    while let framed = framer.next() { out.append(framed) }
    position = end
  }
  framer.finish()
  while let framed = framer.next() { out.append(framed) }
  return out
}

extension Framed {
  /// Its bytes, good or bad.
  var bytes: [UInt8] {
    switch self {
    case .frame(let bytes), .rejected(let bytes, _): bytes
    }
  }
}

/// Only the good frames.
func goodFrames(_ framed: [Framed]) -> [[UInt8]] {
  framed.compactMap { if case .frame(let bytes) = $0 { bytes } else { nil } }
}

/// Whole, a byte at a time, in threes: the same frames, and no byte lost or doubled.
func verifyShapes(
  _ framer: some Framer, _ bytes: [UInt8], expected: [[UInt8]], sourceLocation: SourceLocation = #_sourceLocation
) {
  for piece in [.max, 1, 3] {
    let out = frames(framer, bytes, piece: piece)
    #expect(goodFrames(out) == expected, "in pieces of \(piece)", sourceLocation: sourceLocation)
    #expect(out.flatMap(\.bytes) == bytes, "in pieces of \(piece)", sourceLocation: sourceLocation)
  }
}
