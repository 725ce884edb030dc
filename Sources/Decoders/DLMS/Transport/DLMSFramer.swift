/// Finds DLMS telegrams in a stream of bytes: each frame it hands out is a whole telegram, all its link frames joined.
///
/// Lengths govern, never silence. After a byte that begins no frame, and after a frame that turns out broken, the search
/// goes on at the very next byte; what is passed over is one rejected piece up to the next good frame or the next
/// beginning of a frame outside the broken one. A telegram whose segments are not all there is one rejected piece too.
///
/// Every byte comes out once, but for flags that fill the time between HDLC frames: they are dropped without a word.
///
/// Transports without a check value count only where a frame may begin: at the start, after silence (`finish`) and after a
/// good frame of such a transport. Behind rejected bytes they count only where nothing else is looked for. M-Bus telegrams
/// of other kinds and P1 telegrams are rejected as `otherProtocol`.
package struct DLMSFramer: Framer {
  /// Bytes of one telegram: of an enciphered P1 telegram, the longest of all.
  package static let limit = P1Framer.limit + 64

  private var scanner: FrameScanner<DLMSLink>
  private var segments = DLMSSegments()
  /// What has come out, oldest first, from index `taken` on.
  private var ready: [Framed] = []
  private var taken = 0
  private var isFinished = false

  /// A framer for one port.
  ///
  /// - Parameters:
  ///   - transports: what to look for; by default everything that meters use.
  ///   - ignoresChecksums: believes frames whose check value is wrong, for adapters that damage it.
  package init(_ transports: DLMSTransports = .all, ignoresChecksums: Bool = false) {
    scanner = FrameScanner(DLMSLink(transports: transports, ignoresChecksums: ignoresChecksums))
  }

  /// Takes bytes as they come off the line.
  package mutating func append(_ bytes: Span<UInt8>) { scanner.append(bytes) }

  /// The line went quiet or ended: half frames and telegrams without all their segments are rejected.
  package mutating func finish() {
    scanner.finish()
    isFinished = true
  }

  /// The next telegram or rejected piece, oldest first; nil where more bytes are needed.
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
