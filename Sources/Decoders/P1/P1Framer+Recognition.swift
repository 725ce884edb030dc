extension P1Framer {
  /// Recognises a P1 port by `/` and three letters, unless a readout of another kind follows.
  package static func recognise(_ bytes: Span<UInt8>) -> Recognition? {
    for index in bytes.indices where begins(bytes, at: index) {
      var body = index
      while body < bytes.count, !bytes[body].isLineEnd { body += 1 }
      if !isOtherReadout(bytes, from: body) { return .telegram(at: index) }
    }
    return nil
  }

  private static func begins(_ bytes: Span<UInt8>, at index: Int) -> Bool {
    bytes[index] == UInt8(ascii: "/") && index + 3 < bytes.count
      && bytes[index + 1].isLetter && bytes[index + 2].isLetter && bytes[index + 3].isLetter
  }

  /// Whether what follows an identification is a readout of IEC 62056-21 that no P1 port sends: STX comes first, or a code
  /// without medium and channel, or one with `*255`, and no checksum at the end. Bit 7 may be the parity.
  static func isOtherReadout(_ bytes: Span<UInt8>, from body: Int) -> Bool {
    var index = body
    var hasChannel = false
    while index < bytes.count {
      switch bytes[index] & 0x7F {
      case 0x02: return true  // STX
      case UInt8(ascii: ":"): hasChannel = true
      case UInt8(ascii: "("): return !hasChannel || hasPeriodAndNoChecksum(bytes, from: index)
      case UInt8(ascii: "/"), UInt8(ascii: "!"): return false
      // The echo of a choice of speed begins with ACK.
      case .carriageReturn, .lineFeed, 0x06: break
      // Of a cipher.
      case 0..<0x20: return false
      default: break
      }
      index += 1
    }
    return false
  }

  private static func hasPeriodAndNoChecksum(_ bytes: Span<UInt8>, from bracket: Int) -> Bool {
    guard bytes.extracting(0..<bracket).hasText(Array("*255".utf8), at: bracket - 4) else { return false }
    for index in bracket + 1..<max(bracket + 1, bytes.count - 1) where bytes[index] & 0x7F == UInt8(ascii: "!") {
      if (bytes[index - 1] & 0x7F).isLineEnd { return Hexadecimal.digit(bytes[index + 1]) == nil }
    }
    return false
  }
}
