extension P1Framer {
  /// Recognises the text of a telegram on an inverted line, as a port with 8N1 receives it.
  ///
  /// An inverted line rests low. After a few characters the port takes the stop bit of each, which is low behind a
  /// highest bit that is high, for a start bit. From then on it receives the complement of each character, shifted by
  /// one bit: the inverted start bit first, and the seventh data bit last. The first line of a telegram is mostly lost.
  /// The codes of the others are not.
  package static func recogniseInverted(_ bytes: Span<UInt8>) -> Bool {
    let codes = ["\r\n1-0:", "\r\n0-0:", "\r\n1-3:"].map { Array($0.utf8) }
    var text: [UInt8] = []
    text.reserveCapacity(bytes.count)
    for index in bytes.indices { text.append(~bytes[index] >> 1) }
    let span = text.span
    for index in span.indices where span[index] == UInt8.carriageReturn {
      if codes.contains(where: { span.hasText($0, at: index) }) { return true }
    }
    return false
  }
}
