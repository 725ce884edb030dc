/// Cuts enciphered P1 telegrams (`DB 08 …`, Luxmetering E-Meter P1 3.2.5) out of a stream, for `EncryptedP1Decoder`.
///
/// They have neither a start mark nor a check value: the head of the envelope tells their end. The framer rejects P1
/// telegrams in plain and DLMS telegrams in HDLC frames as `otherProtocol`.
package struct EncryptedP1Framer: Framer {
  private var scanner = FrameScanner(DLMSLink(transports: .enciphered, ignoresChecksums: false))

  package init() {}

  package mutating func append(_ bytes: Span<UInt8>) { scanner.append(bytes) }
  /// The next telegram or rejected piece, oldest first; nil until more bytes come.
  package mutating func next() -> Framed? { scanner.next() }
  /// The line is quiet or has ended: the framer rejects half a telegram.
  package mutating func finish() { scanner.finish() }
}
