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
    var index = skippingLineEnds(bytes, from: body)
    // The echo of a choice of speed begins with ACK.
    if index < bytes.count, bytes[index] & 0x7F == 0x06 {
      while index < bytes.count, !(bytes[index] & 0x7F).isLineEnd { index += 1 }
      index = skippingLineEnds(bytes, from: index)
    }
    let hasSTX = index < bytes.count && bytes[index] & 0x7F == 0x02
    if hasSTX { index += 1 }
    let start = index
    var hasChannel = false
    var hasPoint = false
    while index < bytes.count, index <= start + longestCode {
      let byte = bytes[index] & 0x7F
      if byte == UInt8(ascii: "(") {
        return (hasSTX ? index > start : hasPoint) && closes(bytes, from: index)
          && (hasSTX || !hasChannel || hasPeriodAndNoChecksum(bytes, from: index))
      }
      if byte == UInt8(ascii: ":") { hasChannel = true }
      if byte == UInt8(ascii: ".") { hasPoint = true }
      guard byte.isDigit || codeMarks.contains(byte) || hasSTX && byte > 0x20 && byte < 0x7F else { return false }
      index += 1
    }
    return false
  }

  /// Whether a bracket closes behind a value.
  private static func closes(_ bytes: Span<UInt8>, from bracket: Int) -> Bool {
    for index in bracket + 1..<max(bracket + 1, min(bytes.count, bracket + 64)) {
      let byte = bytes[index] & 0x7F
      if byte == UInt8(ascii: ")") { return true }
      if byte < 0x20 { return false }
    }
    return false
  }

  private static let longestCode = 16
  private static let codeMarks = Array("-:.*&CFLP".utf8)

  private static func skippingLineEnds(_ bytes: Span<UInt8>, from start: Int) -> Int {
    var index = start
    while index < bytes.count, (bytes[index] & 0x7F).isLineEnd { index += 1 }
    return index
  }

  private static func hasPeriodAndNoChecksum(_ bytes: Span<UInt8>, from bracket: Int) -> Bool {
    guard bytes.extracting(0..<bracket).hasText(Array("*255".utf8), at: bracket - 4) else { return false }
    for index in bracket + 1..<max(bracket + 1, bytes.count - 1) where bytes[index] & 0x7F == UInt8(ascii: "!") {
      if (bytes[index - 1] & 0x7F).isLineEnd { return Hexadecimal.digit(bytes[index + 1]) == nil }
    }
    return false
  }
}
