extension P1Framer {
  /// Recognises a P1 port by `/` and three letters.
  package static func recognise(_ bytes: Span<UInt8>) -> Recognition? {
    for index in bytes.indices where begins(bytes, at: index) { return .telegram(at: index) }
    return nil
  }

  private static func begins(_ bytes: Span<UInt8>, at index: Int) -> Bool {
    bytes[index] == UInt8(ascii: "/") && index + 3 < bytes.count
      && bytes[index + 1].isLetter && bytes[index + 2].isLetter && bytes[index + 3].isLetter
  }
}
