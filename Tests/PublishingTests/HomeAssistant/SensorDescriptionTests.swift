import Decoders
import Testing
import TestSupport

@testable import Meters
@testable import Publishing

private typealias Version = HomeAssistantSettings.Version

private func sensor(
  _ key: FieldKey, _ unit: Unit? = nil, medium: Medium = .heat, isNumber: Bool = true, tariffs: [UInt16] = [],
  version: Version? = nil
) -> SensorDescription {
  SensorDescription(described(key, unit, isNumber: isNumber), medium: medium, tariffs: tariffs, version: version)
}

@Test("the class of a volume depends on the medium")
func volumeClass() {
  #expect(sensor(FieldKey(.volume), medium: .gas).deviceClass == "gas")
  #expect(sensor(FieldKey(.volume), medium: .water).deviceClass == "water")
  #expect(sensor(FieldKey(.volume), medium: .heat).deviceClass == "volume")
  #expect(sensor(FieldKey(.volumeFlow), medium: .gas).deviceClass == "volume_flow_rate")
}

@Test("a unit that the meter states in plain text is the sensor's unit")
func unitInPlainText() {
  let field = FieldDescription(level: "mbus_02_7c036d7070_2", key: FieldKey(.code), unit: .stated, isNumber: true)
  #expect(SensorDescription(field, medium: .other, tariffs: [], version: nil).unit == "ppm")
  let empty = FieldDescription(level: "mbus_02_7c00", key: FieldKey(.code), unit: .stated, isNumber: true)
  #expect(SensorDescription(empty, medium: .other, tariffs: [], version: nil).unit == nil)
}

@Test("another unit keeps its class if Home Assistant accepts it")
func classOfAnotherUnit() {
  let heat = sensor(FieldKey(.energy), .gigajoule)
  #expect(heat.deviceClass == "energy")
  #expect(heat.unit == "GJ")
  #expect(heat.stateClass == "total_increasing")
  // Decimals of kWh would say nothing about GJ.
  #expect(heat.displayDecimals == nil)
  #expect(sensor(FieldKey(.mass), .tonne).deviceClass == nil)
  #expect(sensor(FieldKey(.mass), .tonne).unit == "t")
}

@Test("a historical value is hidden and is not a running total")
func historySensor() {
  for key in [FieldKey(.energy, storage: 1), FieldKey(.energy, function: .maximum)] {
    #expect(sensor(key).stateClass == nil)
    #expect(sensor(key).deviceClass == "energy")
    #expect(!sensor(key).isEnabled)
  }
  #expect(sensor(FieldKey(.power, function: .maximum)).stateClass == "measurement")
  #expect(sensor(FieldKey(.energy)).isEnabled)
  #expect(!sensor(FieldKey(.power, phase: .l1)).isEnabled)
  #expect(!sensor(FieldKey(.code)).isEnabled)
}

@Test("older versions of Home Assistant get only what they know")
func olderHomeAssistant() {
  let old = Version(year: 2025, month: 4)
  #expect(sensor(FieldKey(.temperatureDifference)).deviceClass == "temperature_delta")
  let difference = sensor(FieldKey(.temperatureDifference), version: old)
  #expect(difference.deviceClass == nil)
  #expect(difference.unit == "K")
  #expect(difference.stateClass == "measurement")
  #expect(sensor(FieldKey(.reactiveEnergyImport), version: old).deviceClass == nil)
  #expect(sensor(FieldKey(.reactiveEnergyImport), version: Version(year: 2025, month: 6)).deviceClass != nil)
  #expect(sensor(FieldKey(.volumeFlow), .litrePerHour, version: old).deviceClass == nil)
  #expect(sensor(FieldKey(.volumeFlow), version: old).deviceClass == "volume_flow_rate")
}

@Test("an enumeration lists all its payloads")
func enumerationOptions() {
  #expect(sensor(FieldKey(.tariff), tariffs: [0]).options == ["1", "2"])
  #expect(sensor(FieldKey(.tariff), isNumber: false, tariffs: [4, 1, 3, 0]).options == ["1", "2", "3", "4"])
  #expect(sensor(FieldKey(.tariff)).unit == nil)
  #expect(sensor(FieldKey(.breaker), isNumber: false).options == ["disconnected", "connected", "ready"])
  #expect(sensor(FieldKey(.valve), isNumber: false).options == ["open", "closed"])
}

@Test("texts and times have no state class")
func textsAndTimes() {
  #expect(sensor(FieldKey(.message), isNumber: false).isFreeText)
  // A register that answers with a text is shown as one.
  let odd = sensor(FieldKey(.energy), isNumber: false)
  #expect(odd.deviceClass == nil && odd.stateClass == nil && odd.unit == nil && odd.displayDecimals == nil)
  var day = described(FieldKey(.meterTime), isNumber: false)
  #expect(SensorDescription(day, medium: .heat, tariffs: [], version: nil).deviceClass == "timestamp")
  day.isDate = true
  #expect(SensorDescription(day, medium: .heat, tariffs: [], version: nil).deviceClass == "date")
}
