/// IME Nemo, an electricity meter.
///
/// Source: driver nemo of wmbusmeters, which names each record by the maker's protocol. The sub-unit is the kind: 1 active, 2
/// reactive. Tariff 1 is import. Tariff 2 is export of a power; of an energy it is a part that a user can reset, which keeps
/// its code. Maker's codes behind the standard's part are 01, 02, 03 the conductor, and 04 to 06 the voltages between
/// conductors, which keep their codes; 04 of a current is neutral. A float without a dimension is the power factor: the
/// ratios of the transformers are whole numbers. FF 5A is the frequency in tenths.
enum IMENemo: MeterFamily {
  static var name: StaticString { "imenemo" }
  static var modelName: StaticString { "NEMO" }
  static var headers: [MBusHeaders] { .electricityMeter("IME", versions: 0x1D...0x1D) }
  static var plainQuantities: [MBusQuantity]? { [.energy, .power, .voltage, .current] }

  static func rename(_ naming: inout MBusNaming, _ record: MBusRecord, _ context: MBusContext) {
    naming.take(renamed(naming, record, context))
  }

  private static func renamed(_ naming: MBusNaming, _ record: MBusRecord, _ context: MBusContext) -> MBusNaming? {
    let codes = context.makerCodes(record)
    guard codes.count <= 1 else { return nil }
    let phase = codes.first.flatMap { FieldKey.Phase(number: $0) }
    switch record.quantity {
    case .energy where codes.count == 0: return energy(naming, record)
    case .power where codes.count == 0: return power(naming, record)
    case .power where record.tariff == 0: return phase.flatMap { power(naming, record, $0) }
    case .voltage: return phase.map { naming.named(.voltage, record, phase: $0) }
    case .current where codes.first == 4: return naming.named(.current, record, phase: .n)
    case .current: return phase.map { naming.named(.current, record, phase: $0) }
    case .dimensionless where context.isFloat(record) && (codes.count == 0 || phase != nil):
      return naming.named(.powerFactor, record, phase: phase ?? .none)
    case .manufacturerSpecific where codes.first == 0x5A:
      var tenths = naming.named(.frequency, record, unit: .hertz)
      tenths.number = naming.number.scaled(by: -1)
      return tenths
    default: return nil
    }
  }

  private static func energy(_ naming: MBusNaming, _ record: MBusRecord) -> MBusNaming? {
    var told = naming
    switch record.subunit {
    case 1: told = naming.named(.energyImport, record, phase: .none)
    case 2: told = naming.named(.reactiveEnergyImport, record, phase: .none, unit: .varHour)
    default: return nil
    }
    told.key.tariff = 0
    if record.tariff != 1 { told.key = FieldKey(.code) }
    return told
  }

  private static func power(_ naming: MBusNaming, _ record: MBusRecord) -> MBusNaming? {
    guard record.subunit == 1 || record.subunit == 2, record.tariff == 1 || record.tariff == 2 else { return nil }
    let isReactive = record.subunit == 2
    let name: FieldName =
      record.tariff == 1
      ? isReactive ? .reactivePowerImport : .powerImport : isReactive ? .reactivePowerExport : .powerExport
    var told = naming.named(name, record, phase: .none, unit: isReactive ? .reactiveVar : nil)
    told.key.tariff = 0
    return told
  }

  private static func power(_ naming: MBusNaming, _ record: MBusRecord, _ phase: FieldKey.Phase) -> MBusNaming? {
    switch record.subunit {
    case 1: naming.named(.power, record, phase: phase)
    case 2: naming.named(.reactivePower, record, phase: phase, unit: .reactiveVar)
    default: nil
    }
  }
}
