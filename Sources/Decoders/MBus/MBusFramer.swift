/// Finds the link frames in a stream of M-Bus bytes: long, control and short frames and the acknowledgement E5.
///
/// E5 is a frame of one byte without a check. It counts only after a good frame or after silence (`finish`), never behind
/// rejected bytes.
package struct MBusFramer: Framer {
  private var scanner = FrameScanner(MBusLink())

  package init() {}

  package mutating func append(_ bytes: Span<UInt8>) { scanner.append(bytes) }
  /// The next frame or rejected piece, oldest first; nil until more bytes come.
  package mutating func next() -> Framed? { scanner.next() }
  /// The line is quiet or has ended: the framer rejects a half frame.
  package mutating func finish() { scanner.finish() }
}
