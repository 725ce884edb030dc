extension CRC16 {
  private static let x25Tables = tables(0x8408)

  /// CRC-16/X-25 (polynomial 1021 reflected, start and final inversion FFFF) of all bytes, as HDLC frames and SML carry it,
  /// low byte first ("123456789" gives 906E).
  package static func x25(_ bytes: Span<UInt8>) -> UInt16 { ~checksum(bytes, from: 0xFFFF, x25Tables) }

  /// CRC-16/KERMIT: the same polynomial, start 0 and no inversion ("123456789" gives 2189).
  package static func kermit(_ bytes: Span<UInt8>) -> UInt16 { checksum(bytes, from: 0, x25Tables) }
}
