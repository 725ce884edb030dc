import Decoders
import Testing

@testable import Base
@testable import Meters

private func reading() -> Reading {
  var reading = Reading(
    meter: MeterIdentity(
      number: .hexadecimal(0x8301_2345), manufacturer: MeterIdentity.manufacturer(0x4B, 0x41, 0x4D) ?? 0,
      model: Profile(name: "multical303").map { .profile($0) } ?? .none, medium: .heat),
    time: MeterTime(year: 2026, month: 1, day: 15, hour: 10, minute: 0, precision: .minute, offset: 60))
  let text = reading.keep(Array("ok \"x\"".utf8))
  reading.fields = [
    Field(FieldKey(.energy), .number(FixedDecimal(1160)), .kilowattHour),
    Field(FieldKey(.volumeFlow), .number(FixedDecimal(340, exponent: -3)), .cubicMetrePerHour),
    Field(FieldKey(.flowTemperature), .absent(.outOfRange), .celsius),
    Field(FieldKey(.status), .text(text)),
    Field(FieldKey(.powerFactor), .number(FixedDecimal(97, exponent: -2))),
  ]
  if let day = MeterTime(year: 2025, month: 12, day: 31, precision: .day) {
    reading.fields.append(Field(FieldKey(.meterTime, storage: 1), .time(day)))
  }
  return reading
}

@Test("decode prints every field")
func decodeJSON() {
  var json = JSONText()
  json.reading(reading(), received: nil, publishing: false)
  let expected =
    #"{"meter":{"id":"83012345","manufacturer":"KAM","model":"MULTICAL 303","medium":"heat"},"#
    + #""time":"2026-01-15T10:00+01:00","fields":[{"name":"energy","value":1160,"unit":"kWh"},"#
    + #"{"name":"volume_flow","value":0.340,"unit":"m³/h"},"#
    + #"{"name":"flow_temperature","value":null,"reason":"out_of_range","unit":"°C"},"#
    + #"{"name":"status","value":"ok \"x\""},{"name":"power_factor","value":0.97},"#
    + #"{"name":"meter_time_s1","value":"2025-12-31"}]}"#
  #expect(json.text == expected)
}

@Test("the MQTT document leaves out fields without a value")
func mqttJSON() {
  var json = JSONText()
  let received = WallTime(milliseconds: 1_768_467_601_250)
  json.reading(reading(), received: received, publishing: true)
  #expect(!json.text.contains("flow_temperature"))
  #expect(json.text.contains(#""time":"2026-01-15T10:00+01:00","received":"\#(received)","fields":["#))
}

@Test("an unknown meter has nulls and an empty list of fields")
func unknownMeterJSON() {
  var json = JSONText()
  json.reading(Reading(meter: MeterIdentity(medium: .other)), received: nil, publishing: false)
  let expected =
    #"{"meter":{"id":null,"manufacturer":null,"model":null,"medium":"other"},"time":null,"fields":[]}"#
  #expect(json.text == expected)
}

@Test("JSON writes marks of text direction as codes")
func directionMarksInJSON() {
  var json = JSONText()
  json.value("a\u{202E}b\u{200F}\u{9B}ü\u{7F}\"")
  #expect(json.text == #""a\u202eb\u200f\u009bü\u007f\"""#)
}
