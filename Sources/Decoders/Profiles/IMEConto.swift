/// IME Conto, an electricity meter.
///
/// Source: driver ime of wmbusmeters, which names each record by the maker's protocol. Every record has the VIF FF, a code
/// for its quantity, and then a VIF of the standard with the power of ten:
///
/// - 00 active and 01 reactive energy, with the standard's 3B import or 3C export; 04 active, 05 reactive, 06 apparent power;
/// - 07 voltage against neutral, 09 current, 0A frequency: the VIF is of the table FD. 0B power factor, 0F running hours.
///
/// The tariff is the place: 1 and 2 are tariffs, 5 the total, 6 a part that a user can reset, 7 the three phases together, 8,
/// 9 and 10 the phases. Demands (0D, 0E), parts and voltages between phases (08) keep their codes.
enum IMEConto: MeterFamily {
  static var name: StaticString { "imeconto" }
  static var modelName: StaticString { "CONTO" }
  static var headers: [MBusHeaders] { .electricityMeter("IME", versions: 0x66...0x66) }
  static var plainQuantities: [MBusQuantity]? { [] }

  static func rename(_ naming: inout MBusNaming, _ record: MBusRecord, _ context: MBusContext) {
    naming.take(renamed(naming, record, context))
  }

  private static func renamed(_ naming: MBusNaming, _ record: MBusRecord, _ context: MBusContext) -> MBusNaming? {
    let codes = context.makerCodes(record)
    guard record.quantity == .manufacturerSpecific, codes.count >= 2 else { return nil }
    switch (codes[0], codes.count) {
    case (0x00, 3): return energy(naming, record, codes, (.energyImport, .energyExport), .wattHour)
    case (0x01, 3): return energy(naming, record, codes, (.reactiveEnergyImport, .reactiveEnergyExport), .varHour)
    case (0x04, 2): return quantity(naming, .power, record, .primary(codes[1]), .power, .watt)
    case (0x05, 2): return quantity(naming, .reactivePower, record, .primary(codes[1]), .power, .reactiveVar)
    case (0x06, 2): return quantity(naming, .apparentPower, record, .primary(codes[1]), .power, .voltAmpere)
    case (0x07, 2): return quantity(naming, .voltage, record, .extensionFD(codes[1]), .voltage, .volt)
    case (0x09, 2): return quantity(naming, .current, record, .extensionFD(codes[1]), .current, .ampere)
    case (0x0A, 2): return quantity(naming, .frequency, record, .extensionFD(codes[1]), .voltage, .hertz)
    case (0x0B, 2): return quantity(naming, .powerFactor, record, .primary(codes[1]), .power, .none)
    case (0x0F, 2): return runningHours(naming, record, .primary(codes[1]))
    default: return nil
    }
  }

  private static func energy(
    _ naming: MBusNaming, _ record: MBusRecord, _ codes: MBusMakerCodes, _ names: (FieldName, FieldName), _ unit: Unit
  ) -> MBusNaming? {
    let meaning = VIFMeaning.primary(codes[1])
    guard meaning.unit == .wattHour, codes[2] == 0x3B || codes[2] == 0x3C, [1, 2, 5].contains(record.tariff) else {
      return nil
    }
    var counted = naming.named(codes[2] == 0x3B ? names.0 : names.1, record, unit: unit)
    counted.number = naming.number.scaled(by: meaning.exponent)
    if record.tariff == 5 { counted.key.tariff = 0 }
    return counted
  }

  /// A value of all phases or of one. The VIF behind the code must be of the quantity that gives it its power of ten.
  private static func quantity(
    _ naming: MBusNaming, _ name: FieldName, _ record: MBusRecord, _ meaning: VIFMeaning, _ scale: MBusQuantity,
    _ unit: Unit
  ) -> MBusNaming? {
    guard meaning.quantity == scale else { return nil }
    var told = naming.named(name, record, unit: unit)
    told.number = naming.number.scaled(by: meaning.exponent)
    told.key.tariff = 0
    switch record.tariff {
    case 0, 7: return told
    case 8, 9, 10:
      told.key.phase = FieldKey.Phase(number: record.tariff - 7) ?? .none
      return told
    default: return nil
    }
  }

  private static func runningHours(
    _ naming: MBusNaming, _ record: MBusRecord, _ meaning: VIFMeaning
  ) -> MBusNaming? {
    guard meaning.quantity == .onTime, [1, 2, 7].contains(record.tariff) else { return nil }
    var hours = naming.named(.operatingTime, record, unit: meaning.unit)
    if record.tariff == 7 { hours.key.tariff = 0 }
    return hours
  }
}
