/// Kamstrup MULTICAL 302, a heat and cooling meter.
enum MULTICAL302: MULTICAL {
  static var name: StaticString { "multical302" }
  static var modelName: StaticString { "MULTICAL 302" }
  static var version: UInt8 { 0x30 }
}

/// Kamstrup MULTICAL 303, a heat and cooling meter.
enum MULTICAL303: MULTICAL {
  static var name: StaticString { "multical303" }
  static var modelName: StaticString { "MULTICAL 303" }
  static var version: UInt8 { 0x40 }
}

/// Kamstrup MULTICAL 403, a heat and cooling meter.
enum MULTICAL403: MULTICAL {
  static var name: StaticString { "multical403" }
  static var modelName: StaticString { "MULTICAL 403" }
  static var version: UInt8 { 0x34 }
}

/// Kamstrup MULTICAL 603, a heat and cooling meter.
enum MULTICAL603: MULTICAL {
  static var name: StaticString { "multical603" }
  static var modelName: StaticString { "MULTICAL 603" }
  static var version: UInt8 { 0x35 }
}

/// Kamstrup MULTICAL 803, a heat and cooling meter.
enum MULTICAL803: MULTICAL {
  static var name: StaticString { "multical803" }
  static var modelName: StaticString { "MULTICAL 803" }
  static var version: UInt8 { 0x39 }
}

/// Cooling energy (E3) of these meters is energy with the extension 3C, or a register behind the maker's own VIF FF.
/// The registers behind FF are
///
/// - 02: cooling energy E3, in the unit and with the decimals of the heat energy E1;
/// - 07, 08: E8 and E9, the sums of volume times flow and return temperature, in m³·°C;
/// - 22: the info code, a sum of bits.
protocol MULTICAL: MeterFamily {
  /// The version in the header of the telegram.
  static var version: UInt8 { get }
}

extension MULTICAL {
  static var headers: [MBusHeaders] { .heatMeter("KAM", versions: version...version) }
  static var plainQuantities: [MBusQuantity]? { [] }

  static func rename(_ naming: inout MBusNaming, _ record: MBusRecord, _ context: MBusContext) {
    guard let code = context.makerCode(record) else { return }
    switch code {
    case 0x02: naming.take(coolingEnergy(naming, record, context))
    case 0x07: naming = naming.named(.volumeFlowTemperature, record, unit: .cubicMetreCelsius)
    case 0x08: naming = naming.named(.volumeReturnTemperature, record, unit: .cubicMetreCelsius)
    case 0x22: naming.assign(.infoCode, record)
    default: break
    }
  }

  /// Nil if the telegram lacks the heat energy, which has the unit and the decimals.
  private static func coolingEnergy(_ naming: MBusNaming, _ record: MBusRecord, _ context: MBusContext) -> MBusNaming? {
    guard let energy = context.records.first(where: isHeatEnergy), case .number(let register) = energy.value,
      naming.number.exponent == 0
    else { return nil }
    var cooling = naming.named(.coolingEnergy, record, unit: energy.unit)
    cooling.number.exponent = register.exponent
    return cooling
  }

  /// E1: the current heat energy.
  private static func isHeatEnergy(_ record: MBusRecord) -> Bool {
    record.quantity == .energy && record.storage == 0 && record.function == .instantaneous && record.subunit == 0
      && record.tariff == 0 && record.modifiers.isEmpty
  }
}
