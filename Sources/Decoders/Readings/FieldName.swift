/// The names that users build on, frozen once released. `VocabularyEntry.swift` has their table.
package enum FieldName: UInt8, Sendable, BitwiseCopyable, CaseIterable {
  case energyImport, energyExport, energyAbsolute, energyNet, energyImportScheduled, energyExportScheduled
  case reactiveEnergyImport, reactiveEnergyExport, reactiveEnergyQ1, reactiveEnergyQ2, reactiveEnergyQ3,
    reactiveEnergyQ4, reactiveEnergy
  case apparentEnergyImport, apparentEnergyExport, apparentEnergy
  case power, powerImport, powerExport
  case reactivePowerImport, reactivePowerExport, reactivePowerQ1, reactivePowerQ2, reactivePowerQ3, reactivePowerQ4,
    reactivePower
  case apparentPower, apparentPowerImport, apparentPowerExport
  case voltage, current, powerFactor, frequency, phaseAngle
  case demandImportAverage, demandImportMaximum
  case tariff, powerFailures, powerFailuresLong, voltageSags, voltageSwells, breaker, powerLimit, currentLimit, message
  case energy, coolingEnergy, volume, mass, volumeFlow, massFlow, flowTemperature, returnTemperature
  case temperatureDifference, externalTemperature, operatingTime, onTime, errorTime, volumeFlowTemperature,
    volumeReturnTemperature
  case pressure, humidity, heatCostUnits, valve
  case status, errorFlags, infoCode, batteryRemaining, signalStrength, rateLimited, lastTelegram, meterTime
  /// A record without a name of its own. Its code becomes the name.
  case code
}
