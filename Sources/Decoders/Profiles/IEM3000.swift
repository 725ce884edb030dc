/// Schneider Electric iEM3135, iEM3235, iEM3335 and their relatives, electricity meters.
///
/// Source: user manual DOCA0005EN of the iEM3100, iEM3200 and iEM3300 series, chapter "Communications via M-Bus". The
/// version of the header is that of the communication board, 10 for 1.0. The telegram names the very model (FD 0C).
///
/// The sub-unit is the kind: 0 active, 1 reactive, 2 apparent. Maker's codes behind the standard's part are
///
/// - 01, 02, 03: the conductor; 00 the average of the currents, 04 the average of the voltages against neutral. 05 to 08,
///   voltages between conductors, keep their codes;
/// - 09: export; 0D: the partial energy, which a user can reset, keeps its code.
///
/// Behind the VIF FF stand 0A power factor, 0B frequency, 10 tariff in use. A value that the wiring lacks is NaN.
enum IEM3000: MeterFamily {
  static var name: StaticString { "iem3000" }
  static var modelName: StaticString { "iEM3000" }
  static var headers: [MBusHeaders] { .electricityMeter("SEC", versions: 0x10...0x1F) }
  static var plainQuantities: [MBusQuantity]? { [.energy, .power, .voltage, .current] }

  static func rename(_ naming: inout MBusNaming, _ record: MBusRecord, _ context: MBusContext) {
    naming.take(renamed(naming, record, context))
  }

  private static func renamed(_ naming: MBusNaming, _ record: MBusRecord, _ context: MBusContext) -> MBusNaming? {
    let codes = context.makerCodes(record)
    guard codes.count <= 1 else { return nil }
    switch (record.quantity, codes.first) {
    case (.energy, _):
      var energy = energy(naming, record, codes.first, isFloat: context.isFloat(record))
      if isRepeated(record, codes.first, context) { energy?.key = FieldKey(.code) }
      return energy
    case (.power, nil) where record.subunit == 1:
      return naming.named(.reactivePower, record, phase: .none, unit: .reactiveVar)
    case (.power, nil) where record.subunit == 2:
      return naming.named(.apparentPower, record, phase: .none, unit: .voltAmpere)
    case (.power, let code?) where record.subunit == 0: return phase(naming, .power, record, code)
    case (.voltage, 4): return naming.named(.voltage, record)
    case (.voltage, let code?): return phase(naming, .voltage, record, code)
    case (.current, 0): return naming.named(.current, record)
    case (.current, let code?): return phase(naming, .current, record, code)
    case (.manufacturerSpecific, 0x0A): return powerFactor(naming, record)
    case (.manufacturerSpecific, 0x0B): return naming.named(.frequency, record, unit: .hertz)
    // 0 where tariffs are switched off.
    case (.manufacturerSpecific, 0x10) where (1...4).contains(naming.number.mantissa):
      return naming.named(.tariff, record)
    default: return nil
    }
  }

  private static func phase(
    _ naming: MBusNaming, _ name: FieldName, _ record: MBusRecord, _ code: UInt8
  ) -> MBusNaming? {
    FieldKey.Phase(number: code).map { naming.named(name, record, phase: $0) }
  }

  /// The last telegram repeats the energies as floats. They are kilowatt-hours, although their VIF says watt-hours: in
  /// readouts of four meters they agree with the registers in the telegrams before (wmbusmeters, pull request 1883).
  private static func energy(
    _ naming: MBusNaming, _ record: MBusRecord, _ code: UInt8?, isFloat: Bool
  ) -> MBusNaming? {
    let isReactive = record.subunit == 1
    guard record.subunit <= 1, record.unit == .wattHour else { return nil }
    var counted = naming
    counted.unit = isReactive ? (isFloat ? .kilovarHour : .varHour) : (isFloat ? .kilowattHour : .wattHour)
    switch code {
    case nil: return counted.named(isReactive ? .reactiveEnergyImport : .energyImport, record, phase: .none)
    case 0x09: return counted.named(isReactive ? .reactiveEnergyExport : .energyExport, record, phase: .none)
    case 1, 2, 3: return isReactive ? counted : phase(counted, .energyImport, record, code ?? 0)
    default: return counted
    }
  }

  /// Whether it is a float, and the readout has the register itself: the copy keeps its code.
  private static func isRepeated(_ record: MBusRecord, _ code: UInt8?, _ context: MBusContext) -> Bool {
    context.isFloat(record)
      && context.records.contains {
        $0.quantity == .energy && $0.subunit == record.subunit && $0.tariff == record.tariff
          && !context.isFloat($0) && context.makerCodes($0).first == code
      }
  }

  /// The register of the power factor also tells the quadrant: beyond 1 stands 2 − PF, below −1 stands −2 − PF.
  private static func powerFactor(_ naming: MBusNaming, _ record: MBusRecord) -> MBusNaming? {
    var factor = naming.named(.powerFactor, record)
    let (one, two) = (FixedDecimal(1), FixedDecimal(2))
    if let beyond = naming.number - one, beyond.mantissa > 0 {
      guard let told = two - naming.number else { return nil }
      factor.number = told
    } else if let below = naming.number + one, below.mantissa < 0 {
      guard let told = FixedDecimal(-2) - naming.number else { return nil }
      factor.number = told
    }
    return factor
  }
}
