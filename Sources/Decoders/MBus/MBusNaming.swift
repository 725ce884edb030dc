/// The field of a record: name and suffixes, number and unit as on the wire. A profile may change all of it.
struct MBusNaming: BitwiseCopyable {
  var key: FieldKey
  /// Unused 0 if the record is not a number.
  var number: FixedDecimal
  var unit: Unit
  /// The reason of a record that has no value, where the maker's own bytes say so; else nil.
  var absence: Field.Absence?

  /// Whether the field is no number: flags, a tariff, or absent.
  var isState: Bool { absence != nil || key.name == .errorFlags || key.name == .tariff }

  /// The standard's meaning alone; `FieldName.code` if the vocabulary lacks a name for it.
  @inline(__always)
  init(_ record: MBusRecord, _ number: FixedDecimal, _ table: MBusFieldTable) {
    key = Self.key(record, table)
    self.number = number
    unit = record.unit
  }

  @inline(__always)
  private static func key(_ record: MBusRecord, _ table: MBusFieldTable) -> FieldKey {
    let name = record.fieldName(table)
    guard name != .code, let tariff = UInt16(exactly: record.tariff) else { return FieldKey(.code) }
    let isErrorTime = name == .onTime && record.function == .error
    return FieldKey(
      isErrorTime ? .errorTime : name, phase: record.phase, tariff: tariff,
      function: isErrorTime ? .instantaneous : record.function, storage: record.storage, subunit: record.subunit)
  }

  /// Gives the record a name, with the suffixes of its data information.
  @inline(__always)
  mutating func assign(_ name: FieldName, _ record: MBusRecord) {
    guard let tariff = UInt16(exactly: record.tariff) else { return }
    key = FieldKey(
      name, phase: record.phase, tariff: tariff, function: record.function, storage: record.storage,
      subunit: record.subunit)
  }

  /// Takes the place of this one; nil leaves it.
  mutating func take(_ other: MBusNaming?) { if let other { self = other } }

  /// The same record under another name, for a profile.
  func named(_ name: FieldName, _ record: MBusRecord) -> MBusNaming {
    var naming = self
    naming.assign(name, record)
    return naming
  }

  /// The same of one conductor, where the family has no sub-units: its sub-unit is the kind of energy.
  func named(_ name: FieldName, _ record: MBusRecord, phase: FieldKey.Phase, unit: Unit? = nil) -> MBusNaming {
    var naming = named(name, record)
    naming.key.phase = phase
    naming.key.subunit = 0
    if let unit { naming.unit = unit }
    return naming
  }

  /// The same, with a unit from the maker's documents.
  func named(_ name: FieldName, _ record: MBusRecord, unit: Unit) -> MBusNaming {
    var naming = named(name, record)
    naming.unit = unit
    return naming
  }
}

/// The context of a record, for profiles.
struct MBusContext {
  var records: [MBusRecord]
  var bytes: [UInt8]

  /// The one extension byte behind the maker's own VIF FF; nil for any other value information block.
  func makerCode(_ record: MBusRecord) -> UInt8? {
    let vib = record.vib.indices
    guard vib.count == 2, bytes[vib.lowerBound] == 0xFF else { return nil }
    return bytes[vib.lowerBound + 1] & 0x7F
  }

  /// Whether the data of a record is a float.
  func isFloat(_ record: MBusRecord) -> Bool { bytes[Int(record.dib.start)] & 15 == 5 }
}

extension MBusRecord {
  /// The vocabulary's name for the record; `code` if it lacks one, or if an extension changes the meaning.
  @inline(__always)
  func fieldName(_ table: MBusFieldTable) -> FieldName {
    guard modifiers.isDisjoint(with: [.otherMeaning, .otherUnit]) else { return .code }
    if modifiers.isEmpty, quadrant == 0 { return table.plain(quantity).name }
    // It takes the needed values alone: the compiler would copy the whole record to memory for the call.
    let name =
      table.isElectric
      ? Self.directedName(quantity, modifiers, quadrant)
      : quantity == .energy ? Self.heatName(modifiers, quadrant) : nil
    return name ?? .code
  }

  /// Heat is taken from the water, cooling is the negative contribution.
  private static func heatName(_ modifiers: Modifiers, _ quadrant: UInt8) -> FieldName? {
    guard quadrant == 0 else { return nil }
    return switch modifiers {
    case .positive: .energy
    case .negative: .coolingEnergy
    default: nil
    }
  }

  /// Electricity with a direction: positive is import.
  private static func directedName(_ quantity: MBusQuantity, _ modifiers: Modifiers, _ quadrant: UInt8) -> FieldName? {
    if quadrant > 0 { return modifiers.isEmpty ? quadrantName(quantity, quadrant) : nil }
    return switch (quantity, modifiers) {
    case (.energy, .positive): .energyImport
    case (.energy, .negative): .energyExport
    case (.energy, .absolute): .energyAbsolute
    case (.energy, .net): .energyNet
    case (.reactiveEnergy, .positive): .reactiveEnergyImport
    case (.reactiveEnergy, .negative): .reactiveEnergyExport
    case (.apparentEnergy, .positive): .apparentEnergyImport
    case (.apparentEnergy, .negative): .apparentEnergyExport
    case (.power, .positive): .powerImport
    case (.power, .negative): .powerExport
    case (.power, .net): .power
    case (.reactivePower, .positive): .reactivePowerImport
    case (.reactivePower, .negative): .reactivePowerExport
    case (.apparentPower, .positive): .apparentPowerImport
    case (.apparentPower, .negative): .apparentPowerExport
    default: nil
    }
  }

  private static func quadrantName(_ quantity: MBusQuantity, _ quadrant: UInt8) -> FieldName? {
    switch (quantity, quadrant) {
    case (.reactiveEnergy, 1): .reactiveEnergyQ1
    case (.reactiveEnergy, 2): .reactiveEnergyQ2
    case (.reactiveEnergy, 3): .reactiveEnergyQ3
    case (.reactiveEnergy, 4): .reactiveEnergyQ4
    case (.reactivePower, 1): .reactivePowerQ1
    case (.reactivePower, 2): .reactivePowerQ2
    case (.reactivePower, 3): .reactivePowerQ3
    case (.reactivePower, 4): .reactivePowerQ4
    default: nil
    }
  }
}

extension MBusQuantity {
  /// The name of a quantity without a direction or any other change.
  func plainName(isElectric: Bool) -> FieldName? {
    switch self {
    case .energy: isElectric ? .energyImport : .energy
    case .volume: .volume
    case .mass: .mass
    case .power: .power
    case .volumeFlow: .volumeFlow
    case .massFlow: .massFlow
    case .flowTemperature: .flowTemperature
    case .returnTemperature: .returnTemperature
    case .temperatureDifference: .temperatureDifference
    case .externalTemperature: .externalTemperature
    case .pressure: .pressure
    case .onTime: .onTime
    case .operatingTime: .operatingTime
    case .heatCostUnits: .heatCostUnits
    case .reactiveEnergy: .reactiveEnergy
    case .apparentEnergy: .apparentEnergy
    case .reactivePower: .reactivePower
    case .apparentPower: .apparentPower
    case .phaseAngle: .phaseAngle
    case .frequency: .frequency
    case .relativeHumidity: .humidity
    case .voltage: .voltage
    case .current: .current
    case .errorFlags: .errorFlags
    case .signalStrength: .signalStrength
    case .batteryRemaining: .batteryRemaining
    default: nil
    }
  }
}
