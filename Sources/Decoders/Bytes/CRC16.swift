/// 16-bit checksums, computed eight bytes a step.
package enum CRC16 {
  /// Eight tables of 256, one after the other: table k holds the effect of a byte k bytes later.
  ///
  /// An object, because the compiler copies a global array of fixed size, all 4 KB, for each checksum.
  final class Tables: Sendable {
    let values: [2048 of UInt16]

    init(_ values: [2048 of UInt16]) { self.values = values }
  }

  private static let arcTables = tables(0xA001)

  /// CRC-16/ARC (polynomial 8005 reflected, start 0) of all bytes, as P1 telegrams carry it ("123456789" gives BB3D).
  package static func arc(_ bytes: Span<UInt8>) -> UInt16 { checksum(bytes, from: 0, arcTables) }

  /// The tables of a reflected polynomial.
  static func tables(_ polynomial: UInt16) -> Tables {
    var tables = [2048 of UInt16](repeating: 0)
    for byte in 0..<256 {
      var crc = UInt16(byte)
      for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ polynomial : crc >> 1 }
      tables[byte] = crc
    }
    for index in 256..<2048 {
      let previous = tables[index - 256]
      tables[index] = previous >> 8 ^ tables[Int(previous & 255)]
    }
    return Tables(tables)
  }

  /// The register after all bytes, from the value `start`.
  @inline(__always)
  static func checksum(_ bytes: Span<UInt8>, from start: UInt16, _ tables: Tables) -> UInt16 {
    var crc = start
    var index = 0
    let whole = bytes.count & ~7
    while index < whole {
      let low = crc ^ (UInt16(bytes[index]) | UInt16(bytes[index &+ 1]) << 8)
      let first = tables.values[1792 &+ Int(low & 255)] ^ tables.values[1536 &+ Int(low >> 8)]
      let second = tables.values[1280 &+ Int(bytes[index &+ 2])] ^ tables.values[1024 &+ Int(bytes[index &+ 3])]
      let third = tables.values[768 &+ Int(bytes[index &+ 4])] ^ tables.values[512 &+ Int(bytes[index &+ 5])]
      crc =
        first ^ second ^ third ^ tables.values[256 &+ Int(bytes[index &+ 6])] ^ tables.values[Int(bytes[index &+ 7])]
      index &+= 8
    }
    while index < bytes.count {
      crc = crc >> 8 ^ tables.values[Int(UInt8(truncatingIfNeeded: crc) ^ bytes[index])]
      index &+= 1
    }
    return crc
  }
}
