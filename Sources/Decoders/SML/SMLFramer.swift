/// Finds the files of an SML meter in a stream of bytes. `FrameScanner` has the rules for rejected bytes: after the start of
/// a broken file the search goes on inside it, so that the file behind a lost end is found.
package struct SMLFramer: Framer {
  /// Bytes of the longest file with its marks. Meters send 200 to 500.
  package static let limit = 4096

  private var scanner = FrameScanner(SMLLink())

  package init() {}

  package mutating func append(_ bytes: Span<UInt8>) { scanner.append(bytes) }

  /// The next file with its marks, or a rejected piece, oldest first; nil until more bytes come.
  ///
  /// Some meters of early firmware use CRC-16/KERMIT. That is no second chance for a damaged file of another meter: after
  /// the first CRC of the standard only such files count.
  package mutating func next() -> Framed? {
    let framed = scanner.next()
    if scanner.link.acceptsKermit, case .frame(let file) = framed, SMLLink.isStandard(file.span) {
      scanner.link.acceptsKermit = false
    }
    return framed
  }

  package mutating func pause() { scanner.pause() }
  /// The line is quiet for good or has ended: the framer rejects half a file.
  package mutating func finish() { scanner.finish() }
}

extension SMLFramer {
  /// Recognises an SML meter by the mark at the start of a file.
  package static func recognise(_ bytes: Span<UInt8>) -> Recognition? {
    var position = 0
    while let place = SMLLink.nextEscape(bytes, from: position) {
      if bytes.hasText([0x1B, 0x1B, 0x1B, 0x1B, 0x01, 0x01, 0x01, 0x01], at: place) { return .telegram(at: place) }
      position = place + 1
    }
    return nil
  }
}
