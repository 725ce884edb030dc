extension D0Framer {
  /// Recognises a readout by an identification and a sign that P1 telegrams do not have.
  package static func recognise(_ bytes: Span<UInt8>) -> Recognition? {
    guard let line = D0Identification.first(in: bytes),
      P1Framer.isOtherReadout(bytes, from: line.upperBound)
    else { return nil }
    return .telegram(at: line.lowerBound)
  }
}

extension DecodeError {
  /// A readout on a port of another protocol. It begins as P1 telegrams do, so `expected` tells it from them.
  static let readout = DecodeError(
    .otherProtocol, at: 0, expected: Int(D0Block.stx), found: Int(UInt8(ascii: "/")))
}
