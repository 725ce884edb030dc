import Base
import Decoders
@testable import Documents
import Foundation
import TestSupport
import Testing

@testable import Meters

/// The pages of the five tools, from samples whose values are those of the examples in their READMEs.
@Suite struct CompatSeedTests {
  @Test("the example of prometheus-mbus-exporter") func tariffs() throws {
    let meter = try stored("mbus/pro380", .mbus)
    #expect(
      text(.prometheusMBusExporter, meter) == """
        # HELP power_consumption_total Power consumption
        # TYPE power_consumption_total counter
        power_consumption_total{location="YourLocation",tariff="1"} 1.78572e+06
        power_consumption_total{location="YourLocation",tariff="2"} 1.201213e+07

        """)
  }

  @Test("the example of its Kamstrup fork, with the names of its code and each HELP once") func heat() throws {
    let meter = try stored("mbus/multical303", .mbus)
    #expect(
      text(.kamstrup, meter) == """
        # HELP kamstrup_energy_kwh_total Energy in kWh
        # TYPE kamstrup_energy_kwh_total counter
        kamstrup_energy_kwh_total{location="YourLocation"} 1160.0
        # HELP kamstrup_volume_m3_total Volume in m^3
        # TYPE kamstrup_volume_m3_total counter
        kamstrup_volume_m3_total{location="YourLocation"} 104.19
        # HELP kamstrup_on_time_hours_total On time in hours
        # TYPE kamstrup_on_time_hours_total counter
        kamstrup_on_time_hours_total{location="YourLocation"} 1087.0
        # HELP kamstrup_temperature_celcius Temperature in Celsius
        # TYPE kamstrup_temperature_celcius gauge
        kamstrup_temperature_celcius{location="YourLocation",type="flow"} 59.26
        kamstrup_temperature_celcius{location="YourLocation",type="return"} 38.31
        kamstrup_temperature_celcius{location="YourLocation",type="difference"} 20.95
        # HELP kamstrup_power_w Power in W
        # TYPE kamstrup_power_w gauge
        kamstrup_power_w{location="YourLocation"} 8200.0
        # HELP kamstrup_volume_flow_l_h Volume flow in l/h
        # TYPE kamstrup_volume_flow_l_h gauge
        kamstrup_volume_flow_l_h{location="YourLocation"} 340.0

        """)
  }

  @Test("settings of units and a transformer change no unit of a page") func units() throws {
    let meter = try stored("mbus/multical303", .mbus) { $0.units = ["energy": .megawattHour, "power": .kilowatt] }
    #expect(meter["energy"]?.payload == "1.160")
    #expect(text(.kamstrup, meter)?.contains("kamstrup_energy_kwh_total{location=\"YourLocation\"} 1160.0\n") == true)
    #expect(text(.kamstrup, meter)?.contains("kamstrup_power_w{location=\"YourLocation\"} 8200.0\n") == true)
  }

  @Test("smartmeter-exporter has milliampere, signs, and nothing for what the meter does not have") func japan() throws
  {
    let meter = try stored("echonet/power", .echonet)
    #expect(
      text(.smartmeterExporter, meter) == """
        # HELP power_consumption_watt Power consumption in Watt
        # TYPE power_consumption_watt gauge
        power_consumption_watt 500.0
        # HELP power_consumption_ampare_r Power consumption in Ampare(R)
        # TYPE power_consumption_ampare_r gauge
        power_consumption_ampare_r 12300.0
        # HELP power_consumption_ampare_t Power consumption in Ampare(T)
        # TYPE power_consumption_ampare_t gauge
        power_consumption_ampare_t -10000.0

        """)
    let bare = try stored("echonet/energies", .echonet)
    #expect(text(.smartmeterExporter, bare)?.split(separator: "\n").allSatisfy { $0.hasPrefix("#") } == true)
  }

  @Test("the example of MBusPico") func pico() throws {
    let meter = try stored("dlms/kaifa-ma309m", .dlms)
    let document = """
      {
      "timestamp": "2022-11-20T19:03:40Z",
      "lxTimestamp": 438203020,
      "meterNumber": "123456789012",
      "activePowerPlus": 472.00,
      "activePowerMinus": 0.00,
      "activeEnergyPlus": 1385960.00,
      "activeEnergyMinus": 0.00,
      "voltageL1": 235.00,
      "voltageL2": 234.30,
      "voltageL3": 235.00,
      "currentL1": 1.72,
      "currentL2": 0.17,
      "currentL3": 0.99,
      "powerFactor": 823.00
      }
      """
    #expect(text(.mbusPico, meter) == document + "\n")
    #expect(MBusPicoDocument.datagram(of: meter).map { String(decoding: $0, as: UTF8.self) } == document)
  }

  @Test("power-readout has the texts of the telegram, and gas on its channel") func readout() throws {
    let meter = try stored("p1/belgium", .p1)
    let json = try #require(text(.powerReadout, meter))
    let members = try #require(JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
    func value(_ key: String) -> [String]? {
      (members[key] as? [String: String]).map { [$0["unit"] ?? "", $0["value"] ?? ""] }
    }
    #expect(members.count == 38)
    #expect(json.hasPrefix(#"{"device_name":{"unit":"String","value":"FLU"},"device_id":{"unit":"String","#))
    #expect(value("device_id") == ["String", "253000001_A"])
    #expect(value("power_used_tariff_1") == ["KilowattHour", "000345.001"])
    #expect(value("total_power_used") == ["Watt", "678.000"])
    #expect(value("total_power_generated") == ["Watt", "0.000"])
    #expect(value("l1_voltage") == ["Volt", "233.3"])
    #expect(members["l3_voltage"] is NSNull)
    #expect(value("l1_amperage") == ["Ampere", "002.97"])
    #expect(value("max_phase_power") == ["Kilowatt", "999.9"])
    #expect(value("power_breaker_state") == ["Boolean", "1"])
    #expect(value("text_message") == ["String", ""])
    #expect(value("gas_used") == ["CubicMeter", "00112.384"])
    #expect(value("gas_usage_timestamp") == ["Timestamp", "240105172500W"])
    #expect(value("gas_device_serial_number") == ["String", "37464C4F39393939303030303033"])
    #expect(value("device_type") == ["String", "003"])
    #expect(value("devices_on_bus") == ["Integer", "003"])
    #expect(value("timestamp") == ["Timestamp", "240105173002W"])
  }

  @Test("the third phase and a log of power failures") func phases() throws {
    let json = try #require(text(.powerReadout, try stored("p1/netherlands-5", .p1)))
    #expect(json.contains(#""l3_voltage":{"unit":"Volt""#) && json.contains(#""l3_power_usage":{"unit":"Watt""#))
    #expect(json.contains(#""power_failure_log":{"unit":"String","value":"2)(0-0:96.7.19)(23010101"#))
  }

  @Test("an enciphered P1 telegram has its text too") func enciphered() throws {
    let json = try #require(text(.powerReadout, try stored("p1/luxembourg-enciphered", .p1)))
    #expect(json.contains(#""device_name":{"unit":"String","value":"Lux"}"#))
  }

  @Test("a meter that is offline shows nothing of the past", arguments: CompatSeed.allCases)
  func offline(seed: CompatSeed) throws {
    var meter = try stored(seed.sample.name, seed.sample.meterProtocol)
    meter.isOnline = false
    switch seed.answer(for: meter) {
    case .document(let bytes, _):
      #expect(String(decoding: bytes, as: UTF8.self).split(separator: "\n").allSatisfy { $0.hasPrefix("#") })
    case .unavailable(let reason): #expect(reason.contains("offline"))
    case .nothingYet, .unsuitable: Issue.record("it has sent something")
    }
    #expect(MBusPicoDocument.datagram(of: meter) == nil)
  }

  @Test("before the first telegram there is nothing, and not 0") func nothingYet() {
    let device = Device(id: "netz", medium: .electricity, protocolName: "dlms")
    #expect(CompatSeed.mbusPico.answer(for: StoredMeter(device)) == .nothingYet)
    #expect(CompatSeed.powerReadout.answer(for: StoredMeter(device)) != .nothingYet)
  }

  @Test(
    "numbers as the Python client prints them",
    arguments: [
      ("0", "0.0"), ("0.000", "0.0"), ("340", "340.0"), ("104.190", "104.19"), ("999999", "999999.0"),
      ("1000000", "1e+06"), ("1234567.50", "1.2345675e+06"), ("-1785720", "-1785720.0"),
      ("12345678901", "1.2345678901e+10"),
    ])
  func numbers(_ number: String, _ text: String) throws {
    #expect(ClientText.float(try #require(FixedDecimal(plain: number))) == text)
  }

  @Test(
    "two decimals, halves away from zero",
    arguments: [
      ("1385960", "1385960.00"), ("234.3", "234.30"), ("0.825", "0.83"), ("-0.004", "0.00"), ("12e1", "120.00"),
    ])
  func decimals(_ number: String, _ text: String) throws {
    #expect(MBusPicoDocument.twoDecimals(try #require(FixedDecimal(plain: number))) == text)
  }
}

extension CompatSeed {
  fileprivate var sample: (name: String, meterProtocol: ProtocolDescription) {
    switch self {
    case .prometheusMBusExporter: ("mbus/pro380", .mbus)
    case .kamstrup: ("mbus/multical303", .mbus)
    case .smartmeterExporter: ("echonet/power", .echonet)
    case .powerReadout: ("p1/belgium", .p1)
    case .mbusPico: ("dlms/kaifa-ma309m", .dlms)
    }
  }
}

private func text(_ seed: CompatSeed, _ meter: StoredMeter) -> String? {
  guard case .document(let bytes, _) = seed.answer(for: meter) else { return nil }
  return String(decoding: bytes, as: UTF8.self)
}

/// A meter in the store that has sent a sample of `Tests/Samples`.
private func stored(
  _ sample: String, _ meterProtocol: ProtocolDescription, _ change: (inout MeterSettings) -> Void = { _ in }
) throws -> StoredMeter {
  let file = try String(contentsOf: repository.appending(path: "Tests/Samples/\(sample).sample"), encoding: .utf8)
  func lines(_ key: String) -> [String] {
    file.split(separator: "\n", omittingEmptySubsequences: false).filter { $0.hasPrefix("\(key):") }
      .map { String($0.dropFirst(key.count + 1).drop { $0 == " " }) }
  }
  var settings = MeterSettings(
    id: "meter", meterProtocol: meterProtocol, source: .serial(path: "/dev/ttyUSB0"), sourceText: "/dev/ttyUSB0")
  settings.name = "YourLocation"
  settings.key = try lines("key").first.map(MeterKey.init)
  settings.authenticationKey = try lines("auth_key").first.map(MeterKey.init)
  change(&settings)
  let hexadecimal = Hexadecimal.bytes(lines("telegram").joined().utf8.filter { $0 != 0x20 })
  let bytes = try #require(
    lines("telegram").isEmpty ? lines("text").flatMap { Array("\($0)\r\n".utf8) } : hexadecimal)
  var harness = StoreHarness()
  harness.store.configure([settings], known: [])
  var pipeline = MeterPipeline(settings, zone: HostZone { _, _ in 60 }, devices: [])
  var framer = meterProtocol.framer(settings)
  framer.append(bytes.span)
  framer.finish()
  while let next = framer.next() {
    guard case .frame(let frame) = next else { continue }
    for output in pipeline.received([frame], now: harness.now, wall: harness.wall) {
      harness.store.take(output, now: harness.now)
    }
  }
  return try #require(harness.store["meter"])
}
