extension D0Framer {
  /// Recognises a readout by an identification and a sign that P1 telegrams do not have: STX, a code without medium and
  /// channel, or `*255` behind the first code and no checksum at the end.
  package static func recognise(_ bytes: Span<UInt8>) -> Recognition? {
    guard let line = D0Identification.first(in: bytes), isOwn(bytes, from: line.upperBound) else { return nil }
    return .telegram(at: line.lowerBound)
  }

  private static func isOwn(_ bytes: Span<UInt8>, from body: Int) -> Bool {
    var index = body
    var hasChannel = false
    while index < bytes.count {
      switch bytes[index] & 0x7F {
      case D0Block.stx: return true
      case UInt8(ascii: ":"): hasChannel = true
      case UInt8(ascii: "("): return !hasChannel || ends(bytes, from: index)
      case UInt8(ascii: "/"), UInt8(ascii: "!"): return false
      // The head's echo of the choice of a speed begins with ACK.
      case .carriageReturn, .lineFeed, 0x06: break
      // Of a cipher.
      case 0..<0x20: return false
      default: break
      }
      index += 1
    }
    return false
  }

  /// Whether a code ends in `*255`, and the data end in `!` without digits behind it.
  private static func ends(_ bytes: Span<UInt8>, from bracket: Int) -> Bool {
    guard bytes.extracting(0..<bracket).hasText(Array("*255".utf8), at: bracket - 4) else { return false }
    for index in bracket + 1..<bytes.count - 1 where bytes[index] & 0x7F == UInt8(ascii: "!") {
      if (bytes[index - 1] & 0x7F).isLineEnd { return Hexadecimal.digit(bytes[index + 1]) == nil }
    }
    return false
  }
}
