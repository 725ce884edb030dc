/// Recognises P1 text on a port of another protocol, so that the error can name it.
enum DLMSForeignText {
  static func examine(_ bytes: Span<UInt8>, isLast: Bool) -> Examination {
    guard bytes[0] == UInt8(ascii: "/") else { return .none }
    for index in 1..<min(4, bytes.count) where !bytes[index].isLetter { return .none }
    guard bytes.count > 5 else { return isLast ? .none : .incomplete() }
    var index = 5
    while index < min(bytes.count, P1Framer.limit) {
      // The telegram ends with the line that begins with `!`.
      if bytes[index] == UInt8(ascii: "!"), bytes[index - 1] == .lineFeed {
        while index < bytes.count {
          if bytes[index] == .lineFeed { return foreign(index + 1) }
          index += 1
        }
        break
      }
      guard bytes[index] >= UInt8(ascii: " ") && bytes[index] < 0x7F || bytes[index].isLineEnd else {
        return .none
      }
      index += 1
    }
    if index >= P1Framer.limit { return .none }
    return isLast ? foreign(bytes.count) : .incomplete()
  }

  private static func foreign(_ count: Int) -> Examination {
    .foreign(count, DecodeError(.otherProtocol, at: 0, found: Int(UInt8(ascii: "/"))))
  }
}
