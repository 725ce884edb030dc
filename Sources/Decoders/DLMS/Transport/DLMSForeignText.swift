/// Recognises the text of P1 and of D0 on a port of another protocol, so that the error can name it.
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
          if bytes[index] == .lineFeed { return foreign(bytes, index + 1) }
          index += 1
        }
        break
      }
      guard bytes[index] >= UInt8(ascii: " ") && bytes[index] < 0x7F || bytes[index].isLineEnd else {
        return cipher(bytes, at: index, isLast: isLast)
      }
      index += 1
    }
    if index >= P1Framer.limit { return .none }
    return isLast ? foreign(bytes, bytes.count) : .incomplete()
  }

  /// The cipher behind an identification, and its checksum up to the line end.
  private static func cipher(_ bytes: Span<UInt8>, at place: Int, isLast: Bool) -> Examination {
    guard bytes[place - 1].isLineEnd else { return .none }
    switch P1CipherBlock.examine(bytes, at: place, isBehindIdentification: true) {
    case .none: return .none
    case .incomplete: return isLast ? .none : .incomplete()
    case .block(let block):
      guard block.end < bytes.count else {
        return block.end == bytes.count && isLast ? foreign(bytes, block.end) : .incomplete()
      }
      guard bytes[block.end] == UInt8(ascii: "!") else { return foreign(bytes, block.end) }
      for index in block.end..<min(block.end + 7, bytes.count) where bytes[index] == .lineFeed {
        return foreign(bytes, index + 1)
      }
      return bytes.count < block.end + 7 && !isLast ? .incomplete() : foreign(bytes, block.end)
    }
  }

  /// A D0 readout without STX looks like a P1 telegram.
  private static func foreign(_ bytes: Span<UInt8>, _ count: Int) -> Examination {
    let isD0 = D0Framer.recognise(bytes.extracting(0..<count)) != nil
    return .foreign(count, isD0 ? .readout : DecodeError(.otherProtocol, at: 0, found: Int(UInt8(ascii: "/"))))
  }
}
