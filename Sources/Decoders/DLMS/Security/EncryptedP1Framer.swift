/// Cuts enciphered P1 telegrams (`DB 08 …`, Luxmetering E-Meter P1 3.2.5) out of a stream, for `EncryptedP1Decoder`.
///
/// They have neither a start nor a check value of their own: the head of the envelope says where they end. P1 telegrams in
/// plain and DLMS telegrams in HDLC frames are rejected as `otherProtocol`.
package struct EncryptedP1Framer: Framer {
  private var scanner = FrameScanner(DLMSLink(transports: .enciphered, ignoresChecksums: false))

  /// A framer for one port.
  package init() {}

  /// Takes bytes as they come off the line.
  package mutating func append(_ bytes: Span<UInt8>) { scanner.append(bytes) }
  /// The next telegram or rejected piece, oldest first; nil where more bytes are needed.
  package mutating func next() -> Framed? { scanner.next() }
  /// The line went quiet or ended: half a telegram is rejected.
  package mutating func finish() { scanner.finish() }
}
