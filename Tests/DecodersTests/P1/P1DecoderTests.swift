import Testing

@testable import Decoders

@Suite struct P1LineTests {
  private func issue(_ line: String) throws -> [DecodeError.Code] {
    let telegram = try P1Sample.telegram("1-0:32.7.0(230.0*V)", line, "1-0:52.7.0(231.0*V)")
    #expect(telegram.fields().first == "voltage_l1=230.0 V")
    #expect(telegram.fields().last == "voltage_l2=231.0 V")
    #expect(telegram.issues.allSatisfy { $0.offset >= 37 && $0.offset < 37 + line.utf8.count + 1 })
    return telegram.issues.map(\.code)
  }

  @Test(arguments: [
    "1-0:1.7.0", "1-0:1.7.0(00.1*kW", "1-0:1.7.0)00.1*kW(", "1-0:1.7.0(0(0.1*kW))", "1-0:1.7.0 (00.1*kW)",
    "1-0:1.7.0(00.1*kW)x", "1-0:1.7(00.1*kW)", "1-0:1.7.0.1.2(00.1*kW)", "1-0:999.7.0(00.1*kW)", "1-:1.7.0(00.1*kW)",
    "1-0:1..0(00.1*kW)", "1-0:1:7.0(00.1*kW)", "1.7.0(00.1*kW)", "hello", "(",
  ])
  func aLineThatIsNoneCostsNothingButItself(_ line: String) throws { #expect(try issue(line) == [.badLine]) }

  @Test func numbersAndUnitsThatAreNone() throws {
    #expect(try issue("1-0:1.7.0(00.A1*kW)") == [.badNumber])
    #expect(try issue("1-0:1.7.0(1.2.3*kW)") == [.badNumber])
    #expect(try issue("1-0:1.7.0(00.1kW)") == [.badNumber])
    #expect(try issue("1-0:1.7.0(00.1)") == [.badUnit])
    #expect(try issue("1-0:1.7.0(00.1*kVA)") == [.badUnit])
    #expect(try issue("1-0:1.7.0(00.1*kWh)") == [.badUnit])
    #expect(try issue("1-0:1.7.0(00.1*parsec)") == [.badUnit])
    #expect(try issue("0-0:96.7.21(00001*s)") == [.badUnit])
    #expect(try issue("0-0:96.3.10(7)") == [.badNumber])
    #expect(try issue("0-0:96.14.0(DAY)") == [.badNumber])
  }

  @Test func groupsOnALineOfTheirOwnBelongToTheLineBefore() throws {
    let telegram = try P1Sample.telegram("1-0:98.1.0(1)", "(2*kWh)(3)", "", "(4)", "0-0:96.3.10(1)")
    guard case .p1(let records, let groups) = telegram.records else { return #expect(Bool(false)) }
    #expect(records.map(\.groupCount) == [4, 1])
    #expect(groups.map { $0.number?.description ?? "" } == ["1", "2", "3", "4", "1"])
    // But not to a line that was not understood: whose value would they be?
    let broken = try P1Sample.telegram("0-0:96.3.10(1)", "0-1:24.3.0(110403140000", "(00437.631)")
    #expect(broken.issues.map(\.code) == [.badLine, .badLine])
    #expect(broken.fields() == ["breaker=connected"])
  }

  @Test func aWrappedTextIsOneText() throws {
    let telegram = try P1Sample.telegram("0-0:96.13.0(48656C6C6F", "2C20776F", "726C64)", "0-0:96.3.10(1)")
    #expect(telegram.fields() == ["message=Hello, world", "breaker=connected"])
    #expect(telegram.issues.isEmpty)
  }

  @Test func valuesKeepAllTheirDigits() throws {
    let telegram = try P1Sample.telegram(
      "1-0:1.8.0(00052185.7825309*kWh)", "1-0:2.8.0(-00.0240*kWh)", "1-0:3.8.0(+0.5*kvarh)", "1-0:4.8.0(.5*kvarh)",
      "1-0:5.8.0(5.*kvarh)", "1-0:6.8.0(0000000000000000000000012.50*kvarh)", "1-0:7.8.0(9876543210987654321*kvarh)",
      "1-0:8.8.0(123456789012345678*kvarh)", "1-0:1.8.1()")
    #expect(
      telegram.fields() == [
        "energy_import=52185.7825309 kWh", "energy_export=-0.0240 kWh", "reactive_energy_import=0.5 kvarh",
        "reactive_energy_export=0.5 kvarh", "reactive_energy_q1=5 kvarh", "reactive_energy_q2=12.50 kvarh",
        "reactive_energy_q3!out_of_range", "reactive_energy_q4=123456789012345678 kvarh", "energy_import_t1!no_data",
      ])
    #expect(telegram.issues.isEmpty)
  }

  @Test func theUnitScalesAndNotTheCode() throws {
    let telegram = try P1Sample.telegram(
      "1-0:1.8.0(000201282*Wh)", "1-0:2.8.0(0.201*MWh)", "1-0:1.8.1(1.5*kwh)", "1-0:3.8.0(000036520*varh)",
      "1-0:4.8.0(7.0*kVArh)", "1-0:1.7.0(00.234*kW)", "1-0:2.7.0(00234*W)", "1-0:16.7.0(001.01*KW)",
      "1-0:3.7.0(0.5*kVAr)", "1-0:4.7.0(17*var)", "1-0:9.7.0(01.193*kVA)", "1-0:9.8.0(1*VAh)", "1-0:32.7.0(230.10*v)",
      "1-0:31.7.0(002.50*a)", "1-0:14.7.0(49.98*Hz)", "1-0:13.7.0(0.987)")
    #expect(
      telegram.fields() == [
        "energy_import=201.282 kWh", "energy_export=201 kWh", "energy_import_t1=1.5 kWh",
        "reactive_energy_import=36.520 kvarh", "reactive_energy_export=7.0 kvarh", "power_import=234 W",
        "power_export=234 W", "power=1010 W", "reactive_power_import=500 var", "reactive_power_export=17 var",
        "apparent_power_import=1193 VA", "apparent_energy_import=0.001 kVAh", "voltage_l1=230.10 V",
        "current_l1=2.50 A", "frequency=49.98 Hz", "power_factor=0.987",
      ])
    #expect(telegram.issues.isEmpty)
  }

  @Test func duplicatesAreNumbered() throws {
    let telegram = try P1Sample.telegram(
      "1-0:1.7.0(00.100*kW)", "1-1:1.7.0(00.200*kW)", "1-0:1.7.0*255(00.300*kW)", "1-0:99.9.9(1)", "1-0:99.9.9(2)")
    #expect(
      telegram.fields() == [
        "power_import=100 W", "power_import_2=200 W", "power_import_3=300 W", "obis_1_0_99_9_9=1",
        "obis_1_0_99_9_9_2=2",
      ])
  }

  @Test func whatIsUnknownIsShownUnderItsCodeIfItIsANumber() throws {
    let telegram = try P1Sample.telegram(
      "9-9:99.99.99(12345)", "8-8:88.88.88(678.90*kWh)", "1-0:42.1.0(00.001*kW)", "1-0:44.4.4(text)",
      "1-0:44.4.5(1)(2)", "1-0:44.4.6(3*parsec)", "1-0:1.8.0*01(000123.400*kWh)", "1-0:1.8.0*00(000001.000*kWh)",
      "1-0:1.7.1(00.001*kW)", "0-0:96.8.0(055BD83E)")
    #expect(
      telegram.fields() == [
        "obis_9_9_99_99_99=12345", "obis_8_8_88_88_88=678.90 kWh", "obis_1_0_42_1_0=1 W",
        "energy_import_s1=123.400 kWh",
        "obis_1_0_1_8_0=1.000 kWh", "obis_1_0_1_7_1=1 W", "obis_0_0_96_8_0=055BD83E",
      ])
    guard case .p1(let records, _) = telegram.records else { return #expect(Bool(false)) }
    #expect(records.count == 10 && telegram.issues.isEmpty)
  }

  @Test func whatIsNoTelegramIsSaid() {
    func error(_ text: String) -> DecodeError? {
      var decoder = P1Decoder()
      var telegrams: [Telegram] = []
      let bytes = Array(text.utf8)
      do throws(DecodeError) { try decoder.decode(bytes.span, into: &telegrams) } catch { return error }
      return nil
    }
    #expect(error("") == DecodeError(.truncated, at: 0))
    #expect(error("h") == DecodeError(.badFrame, at: 0, expected: 0x2F, found: 0x68))
    #expect(error("/") == DecodeError(.truncated, at: 1))
    #expect(error("/XYZ5\r\n1-0:1.8.0(1") == DecodeError(.truncated, at: 18))
    #expect(error("/!") == nil)
    #expect(error("/" + String(repeating: "x", count: 70_000))?.code == .tooLong)
  }
}

@Suite struct P1ReadingTests {
  @Test func dutch() throws {
    let five = try P1Sample.telegrams(P1Sample.dutch5.bytes)[0]
    #expect(five.issues.isEmpty && five.readings.count == 2)
    #expect(five.readings[0].time?.description == "2023-10-29T02:59:30+02:00")
    #expect(five.readings[0].meterNumber == "E0099000012345678")
    #expect(five.readings[0].modelName == "XT300 ESMR 5.0")
    #expect(MeterIdentity.letters(five.readings[0].meter.manufacturer) == "ENE")
    #expect(five.readings[0].meter.medium == .electricity)
    #expect(
      five.fields() == [
        "energy_import_t1=2222.345 kWh", "energy_import_t2=1111.007 kWh", "energy_export_t1=0.000 kWh",
        "energy_export_t2=3.100 kWh", "tariff=2", "power_import=234 W", "power_export=0 W", "power_failures=7",
        "power_failures_long=2", "voltage_sags_l1=2", "voltage_sags_l2=0", "voltage_sags_l3=11", "voltage_swells_l1=1",
        "voltage_swells_l2=0", "voltage_swells_l3=0", "message=Hello, world", "voltage_l1=230.1 V",
        "voltage_l2=229.0 V",
        "voltage_l3=231.9 V", "current_l1=1 A", "current_l2=0 A", "current_l3=2 A", "power_import_l1=120 W",
        "power_import_l2=14 W", "power_import_l3=100 W", "power_export_l1=0 W", "power_export_l2=0 W",
        "power_export_l3=0 W",
      ])
    let two = try P1Sample.telegrams(P1Sample.dutch2.bytes)[0]
    #expect(two.readings[0].time == nil && two.issues.isEmpty)
    #expect(
      two.fields() == [
        "energy_import_t1=1234.567 kWh", "energy_import_t2=987.001 kWh", "energy_export_t1=0.000 kWh",
        "energy_export_t2=0.010 kWh", "tariff=1", "power_import=540 W", "power_export=0 W", "power_limit!not_set",
        "breaker=connected", "message!no_data",
      ])
  }

  @Test func belgian() throws {
    let telegram = try P1Sample.telegrams(P1Sample.belgian.bytes)[0]
    #expect(telegram.issues.isEmpty)
    #expect(telegram.readings.map(\.meter.medium) == [.electricity, .gas, .water])
    #expect(telegram.readings.map(\.meterNumber) == ["1SAG9999000001", "7FLO9999000003", "8SAG9999000002"])
    #expect(
      telegram.fields() == [
        "energy_import_t1=345.001 kWh", "energy_import_t2=456.020 kWh", "energy_export_t1=10.300 kWh",
        "energy_export_t2=0.004 kWh", "tariff=1", "demand_import_average=1250 W", "demand_import_maximum=4567 W",
        "power_import=678 W", "power_export=0 W", "voltage_l1=233.3 V", "current_l1=2.97 A", "breaker=connected",
        "power_limit!not_set", "current_limit_l1!not_set", "obis_0_1_96_3_10=0", "message!no_data",
      ])
    #expect(telegram.fields(of: 1) == ["volume=112.384 m³", "valve=open"])
    #expect(telegram.fields(of: 2) == ["volume=872.234 m³"])
  }

  @Test func theMaximumOfAMonthThatHasNoneYetIsNoZero() throws {
    let telegram = try P1Sample.telegram("1-0:1.6.0(632525252525W)(00.000*kW)")
    #expect(telegram.fields() == ["demand_import_maximum!no_data"])
  }

  @Test func swedish() throws {
    let telegram = try P1Sample.telegrams(P1Sample.swedish.bytes)[0]
    #expect(telegram.issues.isEmpty)
    // W all the year: the letter is the truth.
    #expect(telegram.readings[0].time?.description == "2023-07-15T12:00:10+01:00")
    #expect(telegram.readings[0].modelName == "6534")
    #expect(
      telegram.fields() == [
        "energy_import=6678.394 kWh", "energy_export=0.000 kWh", "reactive_energy_import=21.988 kvarh",
        "reactive_energy_export=1020.971 kvarh", "power_import=1727 W", "reactive_power_export=309 var",
        "power_import_l1=1023 W", "reactive_power_export_l1=309 var", "voltage_l1=240.3 V", "current_l1=4.2 A",
        "current_l3=1.4 A",
      ])
  }

  @Test func german() throws {
    let telegram = try P1Sample.telegrams(P1Sample.german.bytes)[0]
    #expect(telegram.issues.isEmpty)
    #expect(telegram.readings[0].meterNumber == "9ESY9990000001")
    #expect(telegram.readings[0].modelName == "Q3DA9999 V9.99")
    #expect(
      telegram.fields() == [
        "energy_import=52185.7825309 kWh", "power_import_l1=-458.90 W", "power_import=129.01 W", "obis_1_0_96_5_5=82",
      ])
  }

  @Test func lithuanian() throws {
    let telegram = try P1Sample.telegrams(P1Sample.lithuanian.bytes)[0]
    #expect(telegram.issues.isEmpty)
    #expect(telegram.readings[0].time?.description == "2024-07-14T10:18:55+03:00")
    #expect(
      telegram.fields() == [
        "energy_import=360.152 kWh", "obis_1_0_32_24_0=233.9 V", "obis_1_0_31_4_0=12 A", "voltage=235.6 V",
        "current_n=3 A", "obis_1_0_15_7_0=24 W", "apparent_power_import=100 VA", "apparent_power_export_l1=25 VA",
        "power=-24 W", "power_factor=-1.000", "power_factor_min=0.120", "obis_1_0_0_8_2=900 s", "obis_1_0_2_4_0=24 W",
        "obis_1_0_32_33_0=3042 s",
      ])
  }

  @Test func hungarianProfileIsARecordOnly() throws {
    let telegram = try P1Sample.telegram(
      "0-0:42.0.0(53414733303939)", "0-0:96.1.0(39393930303031)", "1-0:15.8.0(000800.817*kWh)",
      "0-0:98.1.0(230701000000S)(000040.777*kWh)(000008.950*kWh)(03.564*kW)", "1-0:51.4.0(200.00*A)")
    #expect(telegram.fields() == ["energy_absolute=800.817 kWh", "current_limit_l2=200.00 A"])
    #expect(telegram.readings[0].meterNumber == "9990001")
    guard case .p1(_, let groups) = telegram.records else { return #expect(Bool(false)) }
    #expect(groups[3].time?.description == "2023-07-01T00:00:00+02:00")
  }

  @Test func statesAndTariffs() throws {
    func field(_ line: String) throws -> [String] { try P1Sample.telegram(line).fields() }
    #expect(try field("0-0:96.3.10(0)") == ["breaker=disconnected"])
    #expect(try field("0-0:96.3.10(1)") == ["breaker=connected"])
    #expect(try field("0-0:96.3.10(2)") == ["breaker=ready"])
    #expect(try field("0-0:96.3.10(ON)") == ["breaker=connected"])
    #expect(try field("0-0:96.3.10()") == ["breaker!no_data"])
    #expect(try field("0-0:96.14.0(0010)") == ["tariff=10"])
    #expect(try field("0-0:96.14.0(TARIFF 1)") == ["tariff=1"])
    #expect(try field("0-0:96.14.1(0003)") == ["tariff=3"])
    #expect(try field("0-0:96.14.0()") == ["tariff!no_data"])
  }

  @Test func limits() throws {
    func field(_ line: String) throws -> [String] { try P1Sample.telegram(line).fields() }
    #expect(try field("0-0:17.0.0(016.1*kW)") == ["power_limit=16100 W"])
    #expect(try field("0-0:17.0.0(24000*W)") == ["power_limit=24000 W"])
    #expect(try field("0-0:17.0.0(999.9*kW)") == ["power_limit!not_set"])
    #expect(try field("0-0:17.0.0(99.999*kW)") == ["power_limit!not_set"])
    #expect(try field("0-0:17.0.0(016*A)") == ["current_limit=16 A"])
    #expect(try field("0-0:17.0.0(999*A)") == ["current_limit!not_set"])
    #expect(try field("0-0:17.0.0(27.600*kVA)") == ["obis_0_0_17_0_0=27600 VA"])
    #expect(try field("1-0:31.4.0(999.99*A)") == ["current_limit_l1!not_set"])
    #expect(try field("1-1:31.4.0(100*A)(-063*A)") == ["current_limit_l1=100 A"])
  }

  @Test func textsAreDecodedOnlyWhereTheyAreHexadecimalOfText() throws {
    func message(_ text: String) throws -> [String] { try P1Sample.telegram("0-0:96.13.0(\(text))").fields() }
    #expect(try message("") == ["message!no_data"])
    #expect(try message("2020") == ["message!no_data"])
    #expect(try message("4f4B") == ["message=OK"])
    #expect(try message("4F4") == ["message=4F4"])
    #expect(try message("0102") == ["message=0102"])
    #expect(try message("Plain text") == ["message=Plain text"])
    let more = try P1Sample.telegram("0-0:96.13.1(3132)", "0-0:96.13.2()", "0-0:96.13.5(4F4B)")
    #expect(more.fields() == ["obis_0_0_96_13_1=12", "obis_0_0_96_13_5=OK"])
  }

  @Test func theSerialNumberIsTheBestOfSeveral() throws {
    func number(_ lines: [String]) throws -> String? {
      try P1Sample.telegrams(P1Sample("", "XYZ5TEST", lines).bytes)[0].readings[0].meterNumber
    }
    #expect(try number([]) == nil)
    #expect(try number(["1-0:0.0.0(0012)"]) == "0012")
    #expect(try number(["0-0:42.0.0(4142)", "1-0:0.0.0(0012)"]) == "AB")
    #expect(try number(["0-0:96.1.0(39)", "0-0:42.0.0(4142)"]) == "9")
    #expect(try number(["0-0:96.1.0(39)", "0-0:96.1.1(ADC3100000158491)"]) == "ADC3100000158491")
    #expect(try number(["0-0:96.1.0(39)", "0-0:96.1.1()"]) == "9")
  }

  @Test func clocks() throws {
    func time(_ stamp: String, _ identification: String = "XYZ5TEST", utcOffset: Int16? = nil) throws -> String? {
      try P1Sample.telegram("0-0:1.0.0(\(stamp))", identification: identification, utcOffset: utcOffset)
        .readings[0].time?.description
    }
    #expect(try time("240229120000W") == "2024-02-29T12:00:00+01:00")
    #expect(try time("240729120000S") == "2024-07-29T12:00:00+02:00")
    #expect(try time("240729120000S", "ESO5\\VMMmm") == "2024-07-29T12:00:00+03:00")
    #expect(try time("240129120000W", "eso5\\VMMmm") == "2024-01-29T12:00:00+02:00")
    #expect(try time("240729120000S", "ISk5\\2MIE5T-200") == "2024-07-29T12:00:00+01:00")
    #expect(try time("240129120000W", "ISk5\\2MIE5E-201") == "2024-01-29T12:00:00+00:00")
    #expect(try time("240129120000W", "ISk5\\2MT382-1000") == "2024-01-29T12:00:00+01:00")
    #expect(try time("240129120000W", "ADN9 7534", utcOffset: 120) == "2024-01-29T12:00:00+02:00")
    #expect(try time("240129120000", utcOffset: -210) == "2024-01-29T12:00:00-03:30")
    #expect(try time("240129120000") == "2024-01-29T12:00:00")
  }

  @Test(arguments: [
    "632525252525S", "250000000000W", "000000000000W", "990230120000W", "991130235960W", "230229000000W",
    "700101010000W", "",
  ])
  func aClockThatWasNeverSetIsUnknown(_ stamp: String) throws {
    let telegram = try P1Sample.telegram("0-0:1.0.0(\(stamp))", "1-0:1.7.0(00.1*kW)")
    #expect(telegram.readings[0].time == nil)
    #expect(telegram.fields() == ["power_import=100 W"] && telegram.issues.isEmpty)
  }

  @Test(arguments: ["99113023W", "991130235959s", "991130235959X", "now"])
  func aTimeThatIsNoneIsAnIssue(_ stamp: String) throws {
    let telegram = try P1Sample.telegram("0-0:1.0.0(\(stamp))", "1-0:1.7.0(00.1*kW)")
    #expect(telegram.readings[0].time == nil && telegram.issues.map(\.code) == [.badTime])
    #expect(telegram.fields() == ["power_import=100 W"])
  }
}
