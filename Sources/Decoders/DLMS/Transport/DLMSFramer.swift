/// Finds DLMS telegrams in a stream of bytes: each of its frames is a whole telegram, with all its link frames joined.
///
/// Lengths govern, never silence. `FrameScanner` has the rules for rejected bytes. A telegram with missing segments is one
/// rejected piece too. Every byte comes out once, except for flags that fill the time between HDLC frames.
///
/// Segments and blocks that have come wait for the others over pauses, until the next telegram begins or `finish`: an E450
/// pauses for 3 s between the two frames of each push.
///
/// Transports without a check value count only where a frame may begin: at the start, after a pause and after a good frame
/// of such a transport. Behind rejected bytes they count only if the framer does not look for other
/// transports. It rejects M-Bus telegrams of other kinds and P1 telegrams as `otherProtocol`.
package struct DLMSFramer: Framer {
  /// Bytes of one telegram: of an enciphered P1 telegram, the longest of all.
  package static let limit = P1Framer.limit + 64

  private var scanner: FrameScanner<DLMSLink>
  private var segments = DLMSSegments()
  /// The pieces for `next`, oldest first, from index `taken` on.
  private var ready: [Framed] = []
  private var taken = 0
  private var isFinished = false

  /// - Parameters:
  ///   - transports: to look for; by default all that meters use.
  ///   - ignoresChecksums: accepts frames with a wrong check value, for adapters that damage it.
  package init(_ transports: DLMSTransports = .all, ignoresChecksums: Bool = false) {
    scanner = FrameScanner(DLMSLink(transports: transports, ignoresChecksums: ignoresChecksums))
  }

  package mutating func append(_ bytes: Span<UInt8>) { scanner.append(bytes) }

  /// The line pauses: the framer rejects noise.
  package mutating func pause() { scanner.pause() }

  /// The line is quiet: the framer rejects half a frame, unless segments before it wait too.
  package mutating func quiet() { if segments.isHolding { scanner.pause() } else { scanner.finish() } }

  package var isWaiting: Bool { segments.isHolding }

  /// The line is quiet for good or has ended: the framer rejects half frames and incomplete telegrams.
  package mutating func finish() {
    scanner.finish()
    isFinished = true
  }

  /// The next telegram or rejected piece, oldest first; nil until more bytes come.
  package mutating func next() -> Framed? {
    while true {
      if taken < ready.count {
        defer { taken += 1 }
        return ready[taken]
      }
      ready.removeAll(keepingCapacity: true)
      taken = 0
      switch scanner.next() {
      case .frame(let bytes): segments.take(bytes, into: &ready)
      case .rejected(let bytes, let error): return segments.interrupted(by: bytes, error)
      case nil:
        guard isFinished else { return nil }
        isFinished = false
        segments.finish(into: &ready)
        if ready.isEmpty { return nil }
      }
    }
  }
}
