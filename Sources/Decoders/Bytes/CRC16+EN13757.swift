extension CRC16 {
  private static let en13757Table: [256 of UInt16] = {
    var table = [256 of UInt16](repeating: 0)
    for byte in 0..<256 {
      var crc = UInt16(byte) << 8
      for _ in 0..<8 { crc = crc & 0x8000 == 0 ? crc << 1 : crc << 1 ^ 0x3D65 }
      table[byte] = crc
    }
    return table
  }()

  /// CRC-16/EN-13757 (polynomial 3D65, not reflected, start 0, final inversion) of some bytes, as wireless M-Bus carries it
  /// ("123456789" gives C2B7). With `start`, which an earlier call returned, it goes on behind the bytes of that one.
  package static func en13757(_ bytes: Span<UInt8>, _ range: Range<Int>, after start: UInt16 = 0xFFFF) -> UInt16 {
    var crc = ~start
    for index in range { crc = crc &<< 8 ^ en13757Table[Int(UInt8(truncatingIfNeeded: crc &>> 8) ^ bytes[index])] }
    return ~crc
  }
}
