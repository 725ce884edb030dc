@testable import Decoders

/// A framer on a line with pauses, and everything that came out of it.
struct FramedLine<F: Framer> {
  var framer: F
  var out: [Framed] = []

  init(_ framer: F) { self.framer = framer }

  mutating func append(_ bytes: [UInt8], piece: Int = .max) {
    var rest = bytes[...]
    while !rest.isEmpty {
      framer.append(Array(rest.prefix(piece)).span)
      rest = rest.dropFirst(piece)
      collect()
    }
  }

  mutating func pause() {
    framer.pause()
    collect()
  }

  mutating func quiet() {
    framer.quiet()
    collect()
  }

  mutating func finish() {
    framer.finish()
    collect()
  }

  /// The first error.
  var error: DecodeError {
    for case .rejected(_, let error) in out { return error }
    return DecodeError(.noise, at: 0)
  }

  private mutating func collect() { while let framed = framer.next() { out.append(framed) } }
}
