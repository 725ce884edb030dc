/// Carlo Gavazzi EM24, EM21, EM33, EM111, EM112, EM330, EM340 and their relatives, electricity meters.
///
/// Sources: EM111_EM112_M1_CP (M-Bus communication protocol of the EM111 and EM112, table 2), as told in dev-lab/tmbus issue
/// 6, and the driver em24 of wmbusmeters. The conductors by sub-unit, and the codes behind FF, are not in what could be
/// read of these documents: telegrams show them. The energies of sub-units 1 to 3 add up to the total, the codes 01, 02 and
/// 07 are sides and angle of one triangle of power, and the codes 12 to 14 stand where newer meters have their currents.
///
/// - Reactive energy without a sign is import; the standard's extension 3C is export.
/// - A number without a dimension is the power factor.
/// - Energies and currents of sub-unit 1, 2, 3 are those of the conductors.
/// - Behind the VIF FF, in tenths: 01 reactive power, 04 reactive energy, 07 apparent power; in thousandths: 02 power
///   factor, 12 to 14 the currents of the conductors.
enum GavazziEM: MeterFamily {
  static var name: StaticString { "gavazziem" }
  static var modelName: StaticString { "EM series" }
  static var headers: [MBusHeaders] { .electricityMeter("GAV", versions: 0...255) }
  static var plainQuantities: [MBusQuantity]? { [.energy, .reactiveEnergy, .current] }

  static func rename(_ naming: inout MBusNaming, _ record: MBusRecord, _ context: MBusContext) {
    naming.take(renamed(naming, record, context))
  }

  private static func renamed(_ naming: MBusNaming, _ record: MBusRecord, _ context: MBusContext) -> MBusNaming? {
    if let code = context.makerCode(record) { return quantity(naming, record, code) }
    let phase = FieldKey.Phase(number: record.subunit)
    switch record.quantity {
    case .reactiveEnergy where record.modifiers.isEmpty: return naming.named(.reactiveEnergyImport, record)
    case .dimensionless where record.modifiers.isEmpty: return naming.named(.powerFactor, record)
    case .energy where record.modifiers.isEmpty: return phase.map { naming.named(.energyImport, record, phase: $0) }
    case .current where record.modifiers.isEmpty: return phase.map { naming.named(.current, record, phase: $0) }
    default: return nil
    }
  }

  private static func quantity(_ naming: MBusNaming, _ record: MBusRecord, _ code: UInt8) -> MBusNaming? {
    var tenths = naming
    tenths.number = naming.number.scaled(by: -1)
    var thousandths = naming
    thousandths.number = naming.number.scaled(by: -3)
    switch (code, record.subunit) {
    case (0x01, 0): return tenths.named(.reactivePower, record, unit: .reactiveVar)
    case (0x02, 0): return thousandths.named(.powerFactor, record)
    case (0x04, 0): return tenths.named(.reactiveEnergyImport, record, unit: .kilovarHour)
    case (0x07, 0): return tenths.named(.apparentPower, record, unit: .voltAmpere)
    case (0x12, 1): return thousandths.named(.current, record, phase: .l1, unit: .ampere)
    case (0x13, 2): return thousandths.named(.current, record, phase: .l2, unit: .ampere)
    case (0x14, 3): return thousandths.named(.current, record, phase: .l3, unit: .ampere)
    default: return nil
    }
  }
}
