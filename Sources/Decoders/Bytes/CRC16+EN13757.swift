extension CRC16 {
  /// Those of the polynomial 3D65, not reflected.
  private static let en13757Tables: Tables = {
    var tables = [2048 of UInt16](repeating: 0)
    for byte in 0..<256 {
      var crc = UInt16(byte) << 8
      for _ in 0..<8 { crc = crc & 0x8000 == 0 ? crc << 1 : crc << 1 ^ 0x3D65 }
      tables[byte] = crc
    }
    for index in 256..<2048 {
      let previous = tables[index - 256]
      tables[index] = previous << 8 ^ tables[Int(previous >> 8)]
    }
    return Tables(tables)
  }()

  /// CRC-16/EN-13757 (polynomial 3D65, not reflected, start 0, final inversion) of some bytes, as wireless M-Bus carries it
  /// ("123456789" gives C2B7). With `start`, which an earlier call returned, it goes on behind the bytes of that one.
  package static func en13757(_ bytes: Span<UInt8>, _ range: Range<Int>, after start: UInt16 = 0xFFFF) -> UInt16 {
    let tables = en13757Tables
    var crc = ~start
    var index = range.lowerBound
    while index &+ 8 <= range.upperBound, let word = bytes.word(at: index) {
      // The register is of the first two bytes, the high one first.
      let word = word ^ UInt64(crc.byteSwapped)
      crc = 0
      for place in 0..<8 {
        crc ^= tables.values[256 &* (7 &- place) &+ Int(UInt8(truncatingIfNeeded: word &>> UInt64(8 &* place)))]
      }
      index &+= 8
    }
    while index < range.upperBound {
      crc = crc &<< 8 ^ tables.values[Int(UInt8(truncatingIfNeeded: crc &>> 8) ^ bytes[index])]
      index &+= 1
    }
    return ~crc
  }
}
