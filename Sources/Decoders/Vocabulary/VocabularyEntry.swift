/// A field as users and Home Assistant see it. Topics, discovery and `docs/TOPICS.md` come from this table alone.
package struct VocabularyEntry: Sendable {
  package enum StateClass: UInt8, Sendable {
    case none, measurement, total, totalIncreasing

    /// The word of discovery; nil for texts.
    package var text: String? {
      switch self {
      case .none: nil
      case .measurement: "measurement"
      case .total: "total"
      case .totalIncreasing: "total_increasing"
      }
    }
  }

  /// The last level of the topic, without suffixes.
  package let name: StaticString
  /// In English.
  package let label: StaticString
  /// The published unit.
  package let unit: Unit
  /// Home Assistant's `device_class`, or empty. The class of `volume` follows the medium: gas, water, else this one.
  package let deviceClass: StaticString
  /// Home Assistant's `state_class`.
  package let stateClass: StateClass
  /// In Home Assistant's diagnostic category.
  package let isDiagnostic: Bool
  /// Shown by Home Assistant unless the user hides it.
  package let isEnabled: Bool
  /// Decimals that Home Assistant shows; nil leaves it to Home Assistant.
  package let displayDecimals: Int?
  /// `ON` or `OFF`: a binary sensor of Home Assistant.
  package let isBinary: Bool

  init(
    _ name: StaticString, _ label: StaticString, _ unit: Unit = .none, _ deviceClass: StaticString = "",
    _ stateClass: StateClass = .none, diagnostic: Bool = false, enabled: Bool = true, shows: Int? = nil,
    binary: Bool = false
  ) {
    self.name = name
    self.label = label
    self.unit = unit
    self.deviceClass = deviceClass
    self.stateClass = stateClass
    isDiagnostic = diagnostic
    isEnabled = enabled
    displayDecimals = shows
    isBinary = binary
  }
}

extension FieldName {
  /// The line of the table.
  package var entry: VocabularyEntry {
    switch self {
    case .energyImport: .init("energy_import", "Energy import", .kilowattHour, "energy", .totalIncreasing, shows: 2)
    case .energyExport: .init("energy_export", "Energy export", .kilowattHour, "energy", .totalIncreasing, shows: 2)
    case .energyAbsolute:
      .init(
        "energy_absolute", "Energy absolute", .kilowattHour, "energy", .totalIncreasing, enabled: false, shows: 2)
    case .energyNet: .init("energy_net", "Energy net", .kilowattHour, "energy", .total, enabled: false, shows: 2)
    case .energyImportScheduled:
      .init(
        "energy_import_scheduled", "Energy import on schedule", .kilowattHour, "energy", .totalIncreasing,
        enabled: false, shows: 2)
    case .energyExportScheduled:
      .init(
        "energy_export_scheduled", "Energy export on schedule", .kilowattHour, "energy", .totalIncreasing,
        enabled: false, shows: 2)
    case .reactiveEnergyImport: .reactiveEnergy("reactive_energy_import", "Reactive energy import")
    case .reactiveEnergyExport: .reactiveEnergy("reactive_energy_export", "Reactive energy export")
    case .reactiveEnergyQ1: .reactiveEnergy("reactive_energy_q1", "Reactive energy quadrant 1")
    case .reactiveEnergyQ2: .reactiveEnergy("reactive_energy_q2", "Reactive energy quadrant 2")
    case .reactiveEnergyQ3: .reactiveEnergy("reactive_energy_q3", "Reactive energy quadrant 3")
    case .reactiveEnergyQ4: .reactiveEnergy("reactive_energy_q4", "Reactive energy quadrant 4")
    case .reactiveEnergy: .reactiveEnergy("reactive_energy", "Reactive energy")
    case .apparentEnergyImport: .apparentEnergy("apparent_energy_import", "Apparent energy import")
    case .apparentEnergyExport: .apparentEnergy("apparent_energy_export", "Apparent energy export")
    case .apparentEnergy: .apparentEnergy("apparent_energy", "Apparent energy")
    case .power: .init("power", "Power", .watt, "power", .measurement, shows: 0)
    case .powerImport: .init("power_import", "Power import", .watt, "power", .measurement, shows: 0)
    case .powerExport: .init("power_export", "Power export", .watt, "power", .measurement, shows: 0)
    case .reactivePowerImport: .reactivePower("reactive_power_import", "Reactive power import")
    case .reactivePowerExport: .reactivePower("reactive_power_export", "Reactive power export")
    case .reactivePowerQ1: .reactivePower("reactive_power_q1", "Reactive power quadrant 1")
    case .reactivePowerQ2: .reactivePower("reactive_power_q2", "Reactive power quadrant 2")
    case .reactivePowerQ3: .reactivePower("reactive_power_q3", "Reactive power quadrant 3")
    case .reactivePowerQ4: .reactivePower("reactive_power_q4", "Reactive power quadrant 4")
    case .reactivePower: .reactivePower("reactive_power", "Reactive power")
    case .apparentPower: .apparentPower("apparent_power", "Apparent power")
    case .apparentPowerImport: .apparentPower("apparent_power_import", "Apparent power import")
    case .apparentPowerExport: .apparentPower("apparent_power_export", "Apparent power export")
    case .voltage: .init("voltage", "Voltage", .volt, "voltage", .measurement, enabled: false, shows: 1)
    case .current: .init("current", "Current", .ampere, "current", .measurement, enabled: false, shows: 2)
    case .powerFactor:
      .init("power_factor", "Power factor", .none, "power_factor", .measurement, enabled: false, shows: 2)
    case .frequency: .init("frequency", "Frequency", .hertz, "frequency", .measurement, enabled: false, shows: 2)
    case .phaseAngle: .init("phase_angle", "Phase angle", .degree, "", .measurement, enabled: false, shows: 1)
    case .demandImportAverage:
      .init("demand_import_average", "Demand import average", .watt, "power", .measurement, shows: 0)
    case .demandImportMaximum:
      .init("demand_import_maximum", "Demand import maximum", .watt, "power", .measurement, shows: 0)
    case .tariff: .init("tariff", "Tariff", .none, "enum")
    case .powerFailures: .count("power_failures", "Power failures")
    case .powerFailuresLong: .count("power_failures_long", "Long power failures")
    case .voltageSags: .count("voltage_sags", "Voltage sags")
    case .voltageSwells: .count("voltage_swells", "Voltage swells")
    case .breaker: .init("breaker", "Breaker", .none, "enum", diagnostic: true, enabled: false)
    case .powerLimit: .init("power_limit", "Power limit", .watt, "power", diagnostic: true, enabled: false)
    case .currentLimit: .init("current_limit", "Current limit", .ampere, "current", diagnostic: true, enabled: false)
    case .message: .init("message", "Message", diagnostic: true, enabled: false)
    case .energy: .init("energy", "Energy", .kilowattHour, "energy", .totalIncreasing, shows: 0)
    case .coolingEnergy: .init("cooling_energy", "Cooling energy", .kilowattHour, "energy", .totalIncreasing, shows: 0)
    case .volume: .init("volume", "Volume", .cubicMetre, "volume", .totalIncreasing, shows: 3)
    case .mass: .init("mass", "Mass", .kilogram, "weight", .totalIncreasing, enabled: false, shows: 0)
    case .volumeFlow:
      .init("volume_flow", "Volume flow", .cubicMetrePerHour, "volume_flow_rate", .measurement, shows: 3)
    case .massFlow: .init("mass_flow", "Mass flow", .kilogramPerHour, "", .measurement, enabled: false, shows: 1)
    case .flowTemperature: .temperature("flow_temperature", "Flow temperature")
    case .returnTemperature: .temperature("return_temperature", "Return temperature")
    case .temperatureDifference:
      .init("temperature_difference", "Temperature difference", .kelvin, "temperature_delta", .measurement, shows: 2)
    case .externalTemperature: .temperature("external_temperature", "External temperature")
    case .operatingTime: .hours("operating_time", "Operating time")
    case .onTime: .hours("on_time", "On time")
    case .errorTime: .hours("error_time", "Error time")
    case .volumeFlowTemperature:
      .init(
        "volume_flow_temperature", "Volume times flow temperature", .cubicMetreCelsius, "", .totalIncreasing,
        enabled: false)
    case .volumeReturnTemperature:
      .init(
        "volume_return_temperature", "Volume times return temperature", .cubicMetreCelsius, "", .totalIncreasing,
        enabled: false)
    case .pressure: .init("pressure", "Pressure", .bar, "pressure", .measurement, shows: 2)
    case .humidity: .init("humidity", "Humidity", .percent, "humidity", .measurement, shows: 1)
    case .heatCostUnits: .init("heat_cost_units", "Heat cost units", .none, "", .totalIncreasing)
    case .valve: .init("valve", "Valve", .none, "enum", diagnostic: true, enabled: false)
    case .status: .init("status", "Status", diagnostic: true)
    case .errorFlags: .init("error_flags", "Error flags", diagnostic: true)
    case .infoCode: .init("info_code", "Info code", diagnostic: true)
    case .batteryRemaining:
      .init("battery_remaining", "Battery remaining", .day, "duration", .measurement, diagnostic: true, shows: 0)
    case .signalStrength:
      .init(
        "signal_strength", "Signal strength", .decibelMilliwatt, "signal_strength", .measurement, diagnostic: true)
    case .rateLimited: .init("rate_limited", "Rate limited", .none, "problem", diagnostic: true, binary: true)
    case .lastTelegram: .init("last_telegram", "Last telegram", .none, "timestamp", diagnostic: true)
    case .meterTime: .init("meter_time", "Meter time", .none, "timestamp", diagnostic: true, enabled: false)
    case .code: .init("", "Record", diagnostic: true, enabled: false)
    }
  }
}

extension VocabularyEntry {
  fileprivate static func reactiveEnergy(_ name: StaticString, _ label: StaticString) -> VocabularyEntry {
    VocabularyEntry(
      name, label, .kilovarHour, "reactive_energy", .totalIncreasing, enabled: false, shows: 2)
  }
  fileprivate static func apparentEnergy(_ name: StaticString, _ label: StaticString) -> VocabularyEntry {
    VocabularyEntry(name, label, .kilovoltAmpereHour, "", .totalIncreasing, enabled: false, shows: 2)
  }
  fileprivate static func reactivePower(_ name: StaticString, _ label: StaticString) -> VocabularyEntry {
    VocabularyEntry(name, label, .reactiveVar, "reactive_power", .measurement, enabled: false, shows: 0)
  }
  fileprivate static func apparentPower(_ name: StaticString, _ label: StaticString) -> VocabularyEntry {
    VocabularyEntry(name, label, .voltAmpere, "apparent_power", .measurement, enabled: false, shows: 0)
  }
  fileprivate static func temperature(_ name: StaticString, _ label: StaticString) -> VocabularyEntry {
    VocabularyEntry(name, label, .celsius, "temperature", .measurement, shows: 1)
  }
  fileprivate static func hours(_ name: StaticString, _ label: StaticString) -> VocabularyEntry {
    VocabularyEntry(name, label, .hour, "duration", .totalIncreasing, diagnostic: true, shows: 0)
  }
  fileprivate static func count(_ name: StaticString, _ label: StaticString) -> VocabularyEntry {
    VocabularyEntry(name, label, .none, "", .totalIncreasing, diagnostic: true, enabled: false)
  }
}
