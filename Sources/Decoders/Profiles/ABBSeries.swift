/// ABB A41 to A44, B21, B23 and B24, electricity meters.
///
/// Source: user manuals 2CMC48001M0201 (A43, A44) and 2CMC485003M0201 (B23, B24), chapter "Communication with M-Bus". The
/// maker's code 2A is the type, as "B23 212-100".
///
/// The sub-unit is the kind of energy: 0 active import, 1 active export, 2 and 3 the same of reactive energy, 4 and 5 of
/// apparent energy, 6 active net. Powers have 0 active, 2 reactive, 4 apparent. Maker's codes:
///
/// - behind the standard's part 01, 02, 03 the conductor, 04 neutral. 05 to 07, voltages between conductors, keep their
///   codes, and so do registers that a user can reset (72);
/// - behind the VIF FF a quantity: 13 tariff in use, 18 power failures, 26 error flags, 50 to 57 the angle of the power,
///   58 to 5F frequency, 60 to 67 power factor; the lowest three bits are the power of ten from −3 on. FF and a conductor
///   may follow.
///
/// The last byte of each block is a state as in the table of record errors (15: no data available).
enum ABBSeries: MeterFamily {
  static var name: StaticString { "abbseries" }
  static var modelName: StaticString { "A/B series" }
  static var headers: [MBusHeaders] { .electricityMeter("ABB", versions: 0x20...0x20) }
  static var plainQuantities: [MBusQuantity]? { [.energy, .power, .voltage, .current] }

  static func namesModel(_ record: MBusRecord, _ context: MBusContext) -> Bool {
    record.quantity == .manufacturerSpecific && context.makerCodes(record).first == 0x2A
  }

  static func rename(_ naming: inout MBusNaming, _ record: MBusRecord, _ context: MBusContext) {
    naming.take(renamed(naming, record, context))
  }

  private static func renamed(_ naming: MBusNaming, _ record: MBusRecord, _ context: MBusContext) -> MBusNaming? {
    let codes = context.makerCodes(record)
    guard let state = codes.last else { return named(naming, record, .none) }
    var told: MBusNaming
    switch record.quantity {
    case .manufacturerSpecific: told = quantity(naming, record, codes) ?? naming
    case _ where codes.count != 2: told = naming
    case .current where codes[0] == 4: told = naming.named(.current, record, phase: .n)
    default: told = FieldKey.Phase(number: codes[0]).flatMap { named(naming, record, $0) } ?? naming
    }
    told.absence = absence(state)
    return told
  }

  private static func absence(_ state: UInt8) -> Field.Absence? {
    switch state {
    case 0x15: .noData
    case 0x16: .overflow
    case 0x17: .underflow
    case 0x18: .dataError
    default: nil
    }
  }

  /// Energies, powers, voltages and currents.
  private static func named(
    _ naming: MBusNaming, _ record: MBusRecord, _ phase: FieldKey.Phase
  ) -> MBusNaming? {
    switch record.quantity {
    case .energy:
      guard record.unit == .wattHour, let (name, unit) = energy(record.subunit) else { return nil }
      return naming.named(name, record, phase: phase, unit: unit)
    case .power:
      switch record.subunit {
      case 0: return naming.named(.power, record, phase: phase)
      case 2: return naming.named(.reactivePower, record, phase: phase, unit: .reactiveVar)
      case 4: return naming.named(.apparentPower, record, phase: phase, unit: .voltAmpere)
      default: return nil
      }
    case .voltage: return phase == .none ? nil : naming.named(.voltage, record, phase: phase)
    case .current: return phase == .none ? nil : naming.named(.current, record, phase: phase)
    default: return nil
    }
  }

  /// The net of reactive and of apparent energy has no name of the vocabulary.
  private static func energy(_ subunit: UInt16) -> (FieldName, Unit)? {
    switch subunit {
    case 0: (.energyImport, .wattHour)
    case 1: (.energyExport, .wattHour)
    case 2: (.reactiveEnergyImport, .varHour)
    case 3: (.reactiveEnergyExport, .varHour)
    case 4: (.apparentEnergyImport, .voltAmpereHour)
    case 5: (.apparentEnergyExport, .voltAmpereHour)
    case 6: (.energyNet, .wattHour)
    case 7: (.code, .varHour)
    case 8: (.code, .voltAmpereHour)
    default: nil
    }
  }

  /// What stands behind the VIF FF: a code, maybe FF and the conductor, and the state.
  private static func quantity(_ naming: MBusNaming, _ record: MBusRecord, _ codes: MBusMakerCodes) -> MBusNaming? {
    var phase = FieldKey.Phase.none
    if codes.count == 4, codes[1] == 0x7F, let told = FieldKey.Phase(number: codes[2]) {
      phase = told
    } else if codes.count != 2 {
      return nil
    }
    var scaled = naming
    scaled.number = naming.number.scaled(by: Int8(codes[0] & 7) - 3)
    switch codes[0] {
    case 0x13 where naming.number.mantissa > 0: return naming.named(.tariff, record)
    case 0x18: return naming.named(.powerFailures, record)
    case 0x26: return naming.named(.errorFlags, record)
    case 0x50...0x57: return scaled.named(.phaseAngle, record, phase: phase, unit: .degree)
    case 0x58...0x5F: return scaled.named(.frequency, record, phase: phase, unit: .hertz)
    case 0x60...0x67: return scaled.named(.powerFactor, record, phase: phase)
    default: return nil
    }
  }
}
