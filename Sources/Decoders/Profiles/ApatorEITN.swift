/// Apator E.ITN 30, a heat cost allocator. Some put a block of their own before it: CI B6, its length, the block and A0.
enum ApatorEITN {
  static let layouts = [
    MakerLayout(
      ["APA", "APT"], versions: [0x04], types: [0x08], informations: 0xA0...0xA0, .frame, .heatCostAllocator
    ) { reader throws(DecodeError) in try read(0, &reader) },
    MakerLayout(
      ["APA", "APT"], versions: [0x04], types: [0x08], informations: 0xB6...0xB6, .frame, .heatCostAllocator
    ) { reader throws(DecodeError) in
      let inner = 1 + Int(try reader.number(at: 0, 1))
      guard try reader.number(at: inner, 1) == 0xA0 else {
        throw DecodeError(.makerFrame, at: reader.message.body + inner, found: 0xB6)
      }
      try read(inner + 1, &reader)
    },
  ]

  private static func read(_ start: Int, _ reader: inout MakerReader) throws(DecodeError) {
    reader.add(.heatCostUnits, FixedDecimal(try reader.number(at: start + 7, 2)))
    reader.add(.heatCostUnits, FixedDecimal(try reader.number(at: start + 3, 2)), storage: 1)
  }
}
