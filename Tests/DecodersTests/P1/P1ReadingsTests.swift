import Testing

@testable import Decoders

@Suite struct P1ReadingsTests {
  @Test("the unit scales a value, and not the code") func units() throws {
    let telegram = try P1Builder.telegram(
      "1-0:1.8.0(000201282*Wh)", "1-0:2.8.0(0.201*MWh)", "1-0:1.8.1(1.5*kwh)", "1-0:3.8.0(000036520*varh)",
      "1-0:4.8.0(7.0*kVArh)", "1-0:1.7.0(00.234*kW)", "1-0:2.7.0(00234*W)", "1-0:16.7.0(001.01*KW)",
      "1-0:3.7.0(0.5*kVAr)", "1-0:4.7.0(17*var)", "1-0:9.7.0(01.193*kVA)", "1-0:9.8.0(1*VAh)", "1-0:32.7.0(230.10*v)",
      "1-0:31.7.0(002.50*a)", "1-0:14.7.0(49.98*Hz)", "1-0:13.7.0(0.987)")
    #expect(
      telegram.fieldLines() == [
        "energy_import: 201.282 kWh", "energy_export: 201 kWh", "energy_import_t1: 1.5 kWh",
        "reactive_energy_import: 36.520 kvarh", "reactive_energy_export: 7.0 kvarh", "power_import: 234 W",
        "power_export: 234 W", "power: 1010 W", "reactive_power_import: 500 var", "reactive_power_export: 17 var",
        "apparent_power_import: 1193 VA", "apparent_energy_import: 0.001 kVAh", "voltage_l1: 230.10 V",
        "current_l1: 2.50 A", "frequency: 49.98 Hz", "power_factor: 0.987",
      ])
    #expect(telegram.issues.isEmpty)
  }

  @Test("duplicates are numbered") func duplicates() throws {
    let telegram = try P1Builder.telegram(
      "1-0:1.7.0(00.100*kW)", "1-1:1.7.0(00.200*kW)", "1-0:1.7.0*255(00.300*kW)", "1-0:99.9.9(1)", "1-0:99.9.9(2)")
    #expect(
      telegram.fieldLines() == [
        "power_import: 100 W", "power_import_2: 200 W", "power_import_3: 300 W", "obis_1_0_99_9_9: 1",
        "obis_1_0_99_9_9_2: 2",
      ])
  }

  @Test("a number without a name is shown under its code") func unknownCodes() throws {
    let telegram = try P1Builder.telegram(
      "9-9:99.99.99(12345)", "8-8:88.88.88(678.90*kWh)", "1-0:42.1.0(00.001*kW)", "1-0:44.4.4(text)",
      "1-0:44.4.5(1)(2)", "1-0:44.4.6(3*parsec)", "1-0:1.8.0*01(000123.400*kWh)", "1-0:1.8.0*00(000001.000*kWh)",
      "1-0:1.7.1(00.001*kW)", "0-0:96.8.0(055BD83E)")
    #expect(
      telegram.fieldLines() == [
        "obis_9_9_99_99_99: 12345", "obis_8_8_88_88_88: 678.90 kWh", "obis_1_0_42_1_0: 1 W",
        "energy_import_s1: 123.400 kWh",
        "obis_1_0_1_8_0: 1.000 kWh", "obis_1_0_1_7_1: 1 W", "obis_0_0_96_8_0: 055BD83E",
      ])
    let records = try #require(telegram.content as? P1Content).lines.records
    #expect(records.count == 10 && telegram.issues.map(\.code) == [.badUnit])
  }

  @Test("a prefix scales the unit of any quantity") func prefixes() throws {
    let telegram = try P1Builder.telegram(
      "1-0:32.7.0(0000.231*kV)", "1-0:52.7.0(231500*mV)", "1-0:31.7.0(0000.004*kA)", "1-0:51.7.0(04250*mA)",
      "1-0:14.7.0(0000.050*kHz)", "1-0:1.7.0(0.002*MW)", "1-0:2.7.0(500*mW)", "1-0:3.7.0(0.001*Mvar)",
      "1-0:9.7.0(0.001*MVA)", "1-0:3.8.0(0.5*Mvarh)", "1-0:9.8.0(0.5*MVAh)", "1-0:1.8.0(0.000004*GWh)",
      "1-0:99.9.1(1200*mbar)")
    #expect(
      telegram.fieldLines() == [
        "voltage_l1: 231 V", "voltage_l2: 231.500 V", "current_l1: 4 A", "current_l2: 4.250 A", "frequency: 50 Hz",
        "power_import: 2000 W", "power_export: 0.500 W", "reactive_power_import: 1000 var",
        "apparent_power_import: 1000 VA", "reactive_energy_import: 500 kvarh", "apparent_energy_import: 500 kVAh",
        "energy_import: 4 kWh", "obis_1_0_99_9_1: 1.200 bar",
      ])
    #expect(telegram.issues.isEmpty)
  }

  @Test("a unit may follow its value without a mark, or not at all") func unitsWithoutMark() throws {
    let telegram = try P1Builder.telegram(
      "1-0:1.8.1(000123.456kWh)", "1-0:1.8.2(0000017 kWh)", "1-0:1.7.0(00500W)", "1-0:32.7.0(231)",
      "1-0:2.7.0(00.250)", "1-0:2.8.1(00000.500)", "1-0:4.7.0(00.007)", "0-0:17.0.0(77.376)",
      "0-0:96.1.0(12345678A)", "0-0:96.5.0(12A)")
    #expect(
      telegram.fieldLines() == [
        "energy_import_t1: 123.456 kWh", "energy_import_t2: 17 kWh", "power_import: 500 W", "voltage_l1: 231 V",
        "power_export: 250 W", "energy_export_t1: 0.500 kWh", "reactive_power_export: 7 var", "power_limit: 77376 W",
        "obis_0_0_96_5_0: 12A",
      ])
    #expect(telegram.issues.isEmpty && telegram.readings[0].meterNumber == "12345678A")
  }

  @Test("a maximum and its time come in either order") func eitherOrder() throws {
    for line in ["(251203181500W)(04.567*kW)", "(04.567*kW)(251203181500W)", "(04.567*kW)(251203181500)"] {
      let telegram = try P1Builder.telegram("1-0:1.6.0" + line)
      #expect(telegram.fieldLines() == ["demand_import_maximum: 4567 W"] && telegram.issues.isEmpty)
      let groups = try #require(telegram.content as? P1Content).lines.groups
      #expect(groups.contains { $0.time?.description.hasPrefix("2025-12-03T18:15:00") ?? false })
    }
    let unset = try P1Builder.telegram("1-0:1.6.0(00.000*kW)(632525252525W)")
    #expect(unset.fieldLines() == ["demand_import_maximum: absent no_data"] && unset.issues.isEmpty)
  }

  @Test("the maximum of a month that has none yet is absent") func maximum() throws {
    let telegram = try P1Builder.telegram("1-0:1.6.0(632525252525W)(00.000*kW)")
    #expect(telegram.fieldLines() == ["demand_import_maximum: absent no_data"])
  }

  @Test("the energies of a month are a record only") func monthlyProfile() throws {
    let telegram = try P1Builder.telegram(
      "0-0:42.0.0(53414733303939)", "0-0:96.1.0(39393930303031)", "1-0:15.8.0(000800.817*kWh)",
      "0-0:98.1.0(230701000000S)(000040.777*kWh)(000008.950*kWh)(03.564*kW)", "1-0:51.4.0(200.00*A)")
    #expect(telegram.fieldLines() == ["energy_absolute: 800.817 kWh", "current_limit_l2: 200.00 A"])
    #expect(telegram.readings[0].meterNumber == "9990001")
    let groups = try #require(telegram.content as? P1Content).lines.groups
    #expect(groups[3].time?.description == "2023-07-01T00:00:00+02:00")
  }

  @Test("breakers and tariffs are read in every form") func states() throws {
    func field(_ line: String) throws -> [String] { try P1Builder.telegram(line).fieldLines() }
    #expect(try field("0-0:96.3.10(0)") == ["breaker: disconnected"])
    #expect(try field("0-0:96.3.10(1)") == ["breaker: connected"])
    #expect(try field("0-0:96.3.10(2)") == ["breaker: ready"])
    #expect(try field("0-0:96.3.10(ON)") == ["breaker: connected"])
    #expect(try field("0-0:96.3.10()") == ["breaker: absent no_data"])
    #expect(try field("0-0:96.14.0(0010)") == ["tariff: 10"])
    #expect(try field("0-0:96.14.0(TARIFF 1)") == ["tariff: 1"])
    #expect(try field("0-0:96.14.1(0003)") == ["tariff: 3"])
    #expect(try field("0-0:96.14.0()") == ["tariff: absent no_data"])
    #expect(try field("0-0:96.14.0(5433)") == ["tariff: 3"])
    #expect(try field("0-0:96.14.0(543300)") == ["tariff: 3"])
    #expect(try field("0-0:96.14.0(30303032)") == ["tariff: 2"])
    #expect(try field("0-0:96.14.0(5441524946462034)") == ["tariff: 4"])
    #expect(try field("0-0:96.14.0(444159)") == [])
  }

  @Test("limits that are not set are absent") func limits() throws {
    func field(_ line: String) throws -> [String] { try P1Builder.telegram(line).fieldLines() }
    #expect(try field("0-0:17.0.0(016.1*kW)") == ["power_limit: 16100 W"])
    #expect(try field("0-0:17.0.0(24000*W)") == ["power_limit: 24000 W"])
    #expect(try field("0-0:17.0.0(999.9*kW)") == ["power_limit: absent not_set"])
    #expect(try field("0-0:17.0.0(99.999*kW)") == ["power_limit: absent not_set"])
    #expect(try field("0-0:17.0.0(016*A)") == ["current_limit: 16 A"])
    #expect(try field("0-0:17.0.0(999*A)") == ["current_limit: absent not_set"])
    #expect(try field("0-0:17.0.0(27.600*kVA)") == ["obis_0_0_17_0_0: 27600 VA"])
    #expect(try field("1-0:31.4.0(999.99*A)") == ["current_limit_l1: absent not_set"])
    #expect(try field("1-1:31.4.0(100*A)(-063*A)") == ["current_limit_l1: 100 A", "obis_1_1_31_4_0: -63 A"])
  }

  @Test("a text is decoded only where it is hexadecimal of text") func texts() throws {
    func message(_ text: String) throws -> [String] { try P1Builder.telegram("0-0:96.13.0(\(text))").fieldLines() }
    #expect(try message("") == ["message: absent no_data"])
    #expect(try message("2020") == ["message: absent no_data"])
    #expect(try message("4f4B") == ["message: OK"])
    #expect(try message("4F4") == ["message: 4F4"])
    #expect(try message("0102") == ["message: 0102"])
    #expect(try message("Plain text") == ["message: Plain text"])
    let more = try P1Builder.telegram("0-0:96.13.1(3132)", "0-0:96.13.2()", "0-0:96.13.5(4F4B)")
    #expect(more.fieldLines() == ["obis_0_0_96_13_1: 12", "obis_0_0_96_13_5: OK"])
  }

  @Test("the serial number is the best of several") func serialNumber() throws {
    func number(_ lines: [String]) throws -> String? {
      try P1Builder.telegrams(P1Builder.bytes(lines))[0].readings[0].meterNumber
    }
    #expect(try number([]) == nil)
    #expect(try number(["1-0:0.0.0(0012)"]) == "0012")
    #expect(try number(["0-0:42.0.0(4142)", "1-0:0.0.0(0012)"]) == "AB")
    #expect(try number(["0-0:96.1.0(39)", "0-0:42.0.0(4142)"]) == "9")
    #expect(try number(["0-0:96.1.0(39)", "0-0:96.1.1(ADC3100000158491)"]) == "9")
    #expect(try number(["0-0:96.1.1(ADC3100000158491)"]) == "ADC3100000158491")
    #expect(try number(["0-0:96.1.1(54595045)", "0-0:96.1.0(39)", "7-0:0.0.0(38)"]) == "9")
    #expect(try number(["0-0:96.1.0(39)", "0-0:96.1.1()"]) == "9")
  }
}
