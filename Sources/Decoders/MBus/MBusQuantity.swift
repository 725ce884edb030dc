/// The quantity in an M-Bus value information block (EN 13757-3, tables of the VIF and its extensions).
package enum MBusQuantity: UInt8, Sendable, BitwiseCopyable, CaseIterable {
  case energy, volume, mass, power, volumeFlow, massFlow
  case flowTemperature, returnTemperature, temperatureDifference, externalTemperature, temperature, temperatureLimit
  case pressure, onTime, operatingTime, averagingDuration, actualityDuration
  case date, dateTime, heatCostUnits, fabricationNumber, enhancedIdentification, busAddress
  case reactiveEnergy, apparentEnergy, reactivePower, apparentPower, phaseAngle, frequency, relativeHumidity
  case ratingFactor, cumulativeMaximumPower, voltage, current
  case credit, debit, accessNumber, medium, manufacturer, parameterSet, modelVersion, hardwareVersion
  case firmwareVersion, softwareVersion, customerLocation, customer
  case accessCodeUser, accessCodeOperator, accessCodeSystemOperator, accessCodeDeveloper, password
  case errorFlags, errorMask, securityKey, digitalOutput, digitalInput, baudRate, responseDelay, retry, remoteControl
  case firstStorage, lastStorage, storageBlockSize, storageInterval, operatorData, timePoint, sinceReadout
  case tariffStart, tariffDuration, tariffPeriod, dimensionless, wirelessContainer, transmissionPeriod
  case resetCounter, cumulationCounter, controlSignal, dayOfWeek, weekNumber, dayChange, parameterActivation
  case supplierInformation, sinceCumulation, batteryOperatingTime, batteryChange, signalStrength
  case daylightSaving, listeningWindow, batteryRemaining, stopCount
  case plainText, manufacturerSpecific, any, reserved

  /// The stable name in the output of `decode`.
  package var name: String {
    switch self {
    case .energy: "energy"
    case .volume: "volume"
    case .mass: "mass"
    case .power: "power"
    case .volumeFlow: "volume_flow"
    case .massFlow: "mass_flow"
    case .flowTemperature: "flow_temperature"
    case .returnTemperature: "return_temperature"
    case .temperatureDifference: "temperature_difference"
    case .externalTemperature: "external_temperature"
    case .temperature: "temperature"
    case .temperatureLimit: "temperature_limit"
    case .pressure: "pressure"
    case .onTime: "on_time"
    case .operatingTime: "operating_time"
    case .averagingDuration: "averaging_duration"
    case .actualityDuration: "actuality_duration"
    case .date: "date"
    case .dateTime: "datetime"
    case .heatCostUnits: "hca"
    case .fabricationNumber: "fabrication_number"
    case .enhancedIdentification: "enhanced_identification"
    case .busAddress: "bus_address"
    case .reactiveEnergy: "reactive_energy"
    case .apparentEnergy: "apparent_energy"
    case .reactivePower: "reactive_power"
    case .apparentPower: "apparent_power"
    case .phaseAngle: "phase_angle"
    case .frequency: "frequency"
    case .relativeHumidity: "relative_humidity"
    case .ratingFactor: "rating_factor"
    case .cumulativeMaximumPower: "cumulative_max_power"
    case .voltage: "voltage"
    case .current: "current"
    case .credit: "credit"
    case .debit: "debit"
    case .accessNumber: "access_number"
    case .medium: "medium"
    case .manufacturer: "manufacturer"
    case .parameterSet: "parameter_set_id"
    case .modelVersion: "model_version"
    case .hardwareVersion: "hardware_version"
    case .firmwareVersion: "firmware_version"
    case .softwareVersion: "software_version"
    case .customerLocation: "customer_location"
    case .customer: "customer"
    case .accessCodeUser: "access_code_user"
    case .accessCodeOperator: "access_code_operator"
    case .accessCodeSystemOperator: "access_code_system_operator"
    case .accessCodeDeveloper: "access_code_developer"
    case .password: "password"
    case .errorFlags: "error_flags"
    case .errorMask: "error_mask"
    case .securityKey: "security_key"
    case .digitalOutput: "digital_output"
    case .digitalInput: "digital_input"
    case .baudRate: "baud_rate"
    case .responseDelay: "response_delay"
    case .retry: "retry"
    case .remoteControl: "remote_control"
    case .firstStorage: "first_storage"
    case .lastStorage: "last_storage"
    case .storageBlockSize: "storage_block_size"
    case .storageInterval: "storage_interval"
    case .operatorData: "operator_data"
    case .timePoint: "time_point"
    case .sinceReadout: "since_readout"
    case .tariffStart: "tariff_start"
    case .tariffDuration: "tariff_duration"
    case .tariffPeriod: "tariff_period"
    case .dimensionless: "dimensionless"
    case .wirelessContainer: "wmbus_container"
    case .transmissionPeriod: "transmission_period"
    case .resetCounter: "reset_counter"
    case .cumulationCounter: "cumulation_counter"
    case .controlSignal: "control_signal"
    case .dayOfWeek: "day_of_week"
    case .weekNumber: "week_number"
    case .dayChange: "day_change"
    case .parameterActivation: "parameter_activation"
    case .supplierInformation: "special_supplier_info"
    case .sinceCumulation: "since_cumulation"
    case .batteryOperatingTime: "battery_operating_time"
    case .batteryChange: "battery_change"
    case .signalStrength: "rssi"
    case .daylightSaving: "daylight_saving"
    case .listeningWindow: "listening_window"
    case .batteryRemaining: "battery_remaining"
    case .stopCount: "stop_count"
    case .plainText: "plain_text"
    case .manufacturerSpecific: "manufacturer_specific"
    case .any: "any"
    case .reserved: "reserved"
    }
  }
}
