/// Finds the link frames in a stream of M-Bus bytes: long, control and short frames and the acknowledgement E5.
///
/// E5 is a frame of one byte without any check. It counts only where a frame may begin: after a good frame or after
/// silence (`finish`), never behind rejected bytes.
package struct MBusFramer: Framer {
  private var scanner = FrameScanner(MBusLink())

  /// A framer that has seen no byte.
  package init() {}

  /// Takes bytes as they come off the line.
  package mutating func append(_ bytes: Span<UInt8>) { scanner.append(bytes) }
  /// The next frame or rejected piece, oldest first; nil where more bytes are needed.
  package mutating func next() -> Framed? { scanner.next() }
  /// The line went quiet or ended: a half frame is rejected.
  package mutating func finish() { scanner.finish() }
}
