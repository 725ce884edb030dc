/// Brunata-Metrona 240, a heat cost allocator (BFW 02): behind two fillers the units of last year and of this one, the high byte
/// first.
enum Metrona240 {
  static let layouts = [
    MakerLayout(["BFW"], versions: [0x02], types: [0x08], informations: 0x7A...0x7A, .body, .heatCostAllocator, read)
  ]

  private static func read(_ reader: inout MakerReader) throws(DecodeError) {
    try reader.need(8)
    guard reader.data[0] == 0x2F, reader.data[1] == 0x2F else {
      throw DecodeError(.makerFrame, at: reader.message.body, found: 0x7A)
    }
    reader.add(.heatCostUnits, FixedDecimal(Int64(reader.data[6]) << 8 | Int64(reader.data[7])))
    reader.add(.heatCostUnits, FixedDecimal(Int64(reader.data[4]) << 8 | Int64(reader.data[5])), storage: 1)
  }
}
