extension MeterFamily {
  /// Kamstrup MULTICAL 303, a heat and cooling meter. Its cooling energy (E3) is the energy with the extension 3C.
  static let multical303 = multical("multical303", "MULTICAL 303", version: 0x40)
  /// Kamstrup MULTICAL 403, a heat and cooling meter.
  static let multical403 = multical("multical403", "MULTICAL 403", version: 0x34)
  /// Kamstrup MULTICAL 603, a heat and cooling meter.
  static let multical603 = multical("multical603", "MULTICAL 603", version: 0x35)

  /// The registers that all of them have behind the maker's own VIF FF:
  ///
  /// - 02: cooling energy E3, in the unit and with the decimals of the heat energy E1;
  /// - 07, 08: E8 and E9, the sums of volume times flow and return temperature, in m³·°C;
  /// - 22: the info code, a sum of bits.
  private static func multical(_ name: StaticString, _ model: StaticString, version: UInt8) -> MeterFamily {
    MeterFamily(
      name: name, modelName: model,
      headers: MBusHeaders("KAM", version: version, media: [0x04, 0x0A, 0x0B, 0x0C, 0x0D]),
      rename: { naming, record, context in
        switch context.makerCode(record) {
        case 0x02: coolingEnergy(naming, record, context)
        case 0x07: naming.named(.volumeFlowTemperature, record, unit: .cubicMetreCelsius)
        case 0x08: naming.named(.volumeReturnTemperature, record, unit: .cubicMetreCelsius)
        case 0x22: naming.named(.infoCode, record)
        default: nil
        }
      })
  }

  /// Nil where the telegram does not have the heat energy that tells unit and decimals.
  private static func coolingEnergy(_ naming: MBusNaming, _ record: MBusRecord, _ context: MBusContext) -> MBusNaming? {
    guard let energy = context.records.first(where: isHeatEnergy), case .number(let register) = energy.value,
      naming.number.exponent == 0
    else { return nil }
    var cooling = naming.named(.coolingEnergy, record, unit: energy.unit)
    cooling.number.exponent = register.exponent
    return cooling
  }

  /// E1: the heat energy of now.
  private static func isHeatEnergy(_ record: MBusRecord) -> Bool {
    record.quantity == .energy && record.storage == 0 && record.function == .instantaneous && record.subunit == 0
      && record.tariff == 0 && record.modifiers.isEmpty
  }
}
