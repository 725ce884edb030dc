/// Techem's meters: a value at the due date, and what was counted since.
enum TechemRadio {
  private static let maker: [StaticString] = ["TCH"]

  static let layouts = [
    // Radio 3 and 4, water, tenths of cubic metres.
    MakerLayout(maker, versions: [0x74, 0x95, 0x70], types: [0x62, 0x72], informations: 0xA0...0xA2, .frame, .water) {
      reader throws(DecodeError) in try addTotals(.volume, .cubicMetre, -1, (3, 7, 2), to: &reader)
    },
    MakerLayout(maker, versions: [0x50], types: [0x62, 0x72], informations: 0xA2...0xA2, .frame, .water) {
      reader throws(DecodeError) in
      reader.add(.volume, FixedDecimal(try reader.number(at: 4, 3), exponent: -1), .cubicMetre)
    },
    // Compact V, heat.
    MakerLayout(
      maker, versions: [0x45, 0x22, 0x39, 0x71], types: [0x43, 0xC3], informations: 0xA0...0xA2, .frame, .heat
    ) { reader throws(DecodeError) in try addTotals(.energy, .kilowattHour, 0, (3, 7, 3), to: &reader) },
    // Vario 4, heat.
    MakerLayout(maker, versions: [0x27], types: [0xC3], informations: 0xA2...0xA2, .frame, .heat) {
      reader throws(DecodeError) in try addTotals(.energy, .megajoule, 0, (3, 7, 2), to: &reader)
    },
    MakerLayout(
      maker, versions: [0x64, 0x69, 0x94], types: [0x80], informations: 0xA0...0xA2, .frame, .heatCostAllocator,
      readAllocator),
    // A smoke detector.
    MakerLayout(maker, versions: [0x76], types: [0xF0], informations: 0xA0...0xA0, .frame, .other) {
      reader throws(DecodeError) in
      try reader.need(1)
      reader.addStatus([(reader.data[0] & 1 != 0, "smoke")])
    },
  ]

  /// The total, and that at the due date. `places` are those of the value at the due date, of the difference, and its bytes.
  private static func addTotals(
    _ name: FieldName, _ unit: Unit, _ power: Int8, _ places: (due: Int, since: Int, count: Int),
    to reader: inout MakerReader
  ) throws(DecodeError) {
    let due = try reader.number(at: places.due, places.count)
    let since = try reader.number(at: places.since, places.count)
    reader.add(name, FixedDecimal(due + since, exponent: power), unit)
    reader.add(name, FixedDecimal(due, exponent: power), unit, storage: 1)
  }

  /// The allocator without thermometers.
  private static let plainAllocator: UInt8 = 0x64

  /// FHKV, a heat cost allocator. It counts from the due date on, so both values stand alone.
  private static func readAllocator(_ reader: inout MakerReader) throws(DecodeError) {
    try reader.need(1)
    let room = reader.data[0] == 0x0F ? 10 : 9
    reader.add(.heatCostUnits, FixedDecimal(try reader.number(at: 7, 2)))
    reader.add(.heatCostUnits, FixedDecimal(try reader.number(at: 3, 2)), storage: 1)
    guard reader.message.layers.address.version != plainAllocator, reader.data.count >= room + 2 else { return }
    reader.add(.externalTemperature, FixedDecimal(try reader.number(at: room, 2), exponent: -2), .celsius)
  }
}
