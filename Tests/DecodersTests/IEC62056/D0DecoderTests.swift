import Testing

@testable import Decoders

@Suite struct D0DecoderTests {
  private func fields(_ lines: String..., identification: String = "XYZ5TEST") -> [String] {
    let bytes = D0Builder.bytes(lines, identification: identification)
    return decodeAll(frames(D0Framer(), bytes), D0Decoder()).telegrams.first?.fieldLines() ?? ["none"]
  }

  private func issues(_ lines: String...) -> [String] {
    let bytes = D0Builder.bytes(lines)
    let telegrams = decodeAll(frames(D0Framer(), bytes), D0Decoder()).telegrams
    return telegrams.first?.issues.map(\.code.name) ?? ["none"]
  }

  @Test("a code may lack medium, channel and tariff", arguments: ["1-0:1.8.0*255", "1-1:1.8.0", "1.8.0", "1.8"])
  func shortCodes(_ code: String) { #expect(fields("\(code)(001.50*kWh)") == ["energy_import: 1.50 kWh"]) }

  @Test("the error register has four forms", arguments: ["F.F", "F", "FF", "1-0:F.F.0*255", "97.97.0"])
  func errorRegister(_ code: String) {
    #expect(fields("\(code)(0000)") == ["status: ok", "error_flags: 0000"])
    // Some digits are units elsewhere.
    for flags in ["00A0", "0000000A", "0C", "0D", "0000 000A"] {
      #expect(fields("\(code)(\(flags))") == ["status: error", "error_flags: \(flags.filter { $0 != " " })"])
    }
  }

  @Test("an error register of several brackets and groups is well if all of its digits are 0")
  func longErrorRegister() {
    #expect(fields("F.F(0000 0000)") == ["status: ok", "error_flags: 00000000"])
    #expect(fields("F.F(8000 0001)") == ["status: error", "error_flags: 80000001"])
    #expect(fields("F.F(00)(01)") == ["status: error", "error_flags: 0001"])
    #expect(fields("F.F(00)\r\n(0A)") == ["status: error", "error_flags: 000A"])
    #expect(
      fields("F.F.1(0000)", "F.F(0001)") == ["obis_1_0_97_97_1: 0000", "status: error", "error_flags: 0001"])
    #expect(fields("F.F(----)") == [] && fields("F.F()") == [])
    #expect(issues("F.F(----)", "1.8.0(1*kWh)") == [] && issues("F.F(0G)", "1.8.0(1*kWh)") == ["bad_number"])
  }

  @Test(
    "blanks around a number and its unit do not count",
    arguments: ["  1.50*kWh", "1.50* kWh", "1.50*kWh ", "1.50 *kWh", " 1.50 kWh ", " 1.50 "])
  func blanks(_ value: String) {
    #expect(fields("1.8.0(\(value))") == ["energy_import: 1.50 kWh"])
    #expect(issues("1.8.0(\(value))") == [])
  }

  @Test("units of other spellings, in Latin-1 too")
  func spellings() {
    let latin: [UInt8] = Array("6.26(12.5*m".utf8) + [0xB3] + Array(")6.29(55.5*".utf8) + [0xB0] + Array("C)!\r\n".utf8)
    let push = Array("/XYZ5TEST\r\n".utf8) + latin
    let telegram = decodeAll(frames(D0Framer(), push), D0Decoder()).telegrams.first
    #expect(telegram?.fieldLines() == ["volume: 12.5 m³", "flow_temperature: 55.5 °C"])
    #expect(fields("7-0:3.1.0(12*Nm3)") == ["volume: 12 m³"] && fields("8-0:1.0.0(12*m^3)") == ["volume: 12 m³"])
    #expect(fields("4-0:1.0.0(12)") == ["heat_cost_units: 12"])
    #expect(fields("7-0:3.0.0(12)") == ["obis_7_0_3_0_0: 12"])
  }

  @Test("a unit that is left out is that of the register; elsewhere the value is not used")
  func impliedUnits() {
    #expect(
      fields("1.8.0(12)", "1.7.0(0.25)", "4.8.0(3.0)", "9.7.0(1)") == [
        "energy_import: 12 kWh", "power_import: 250 W", "reactive_energy_export: 3.0 kvarh",
        "apparent_power_import: 1000 VA",
      ])
    #expect(fields("6.8(12)") == [])
  }

  @Test("unknown digits are no value, never a lower one", arguments: ["0012?.3", "????", "-----"])
  func unknownDigits(_ value: String) {
    #expect(fields("1.8.0(\(value)*kWh)") == ["energy_import: absent invalid_digits"])
  }

  @Test("a number of thirty digits is out of range")
  func longNumbers() {
    #expect(fields("1.8.0(123456789012345678901234567890*kWh)") == ["energy_import: absent out_of_range"])
  }

  @Test("a value of period 00 is the current one where no other is, and a number said twice is one")
  func periodZero() {
    #expect(
      fields("1.8.0*00(000123.40)(000123.40)", "2.8.0*00(000000.00)(000000.00)") == [
        "energy_import: 123.40 kWh", "energy_export: 0.00 kWh",
      ])
    #expect(
      fields("1.8.0(12*kWh)", "1.8.0*00(11)", "1.8.0*99(10)") == ["energy_import: 12 kWh", "energy_import_s99: 10 kWh"])
    #expect(fields("1.6.1(0.00*kW)(0000000000)") == ["demand_import_maximum_t1: absent no_data"])
  }

  @Test("what cannot be read is an issue, and the rest goes on")
  func badLines() {
    #expect(issues("HELLO WORLD", "1.8.0(1*kWh)") == ["bad_line"])
    #expect(issues("1.8.0(1*kWh", "2.8.0(1*kWh)") == ["bad_line"])
    #expect(issues("1.8.1 1*kWh)2.8.0(1*kWh)") == ["bad_line"])
    #expect(fields("1.8.1 1*kWh)2.8.0(1*kWh)") == ["energy_export: 1 kWh"])
    #expect(issues(String(repeating: "1", count: 40) + "(1)", "1.8.0(1*kWh)") == ["bad_line"])
    #expect(issues("1.8.0(" + String(repeating: "9", count: 200) + "*kWh)") == ["too_long"])
    #expect(issues("1.8.0(5*furlong)") == ["bad_unit"])
    #expect(issues("0.9.2(261301)", "0.9.1(101010)") == ["bad_time"])
  }

  @Test("more sets than a meter can have are left out with an issue")
  func manySets() {
    let lines = (0..<1100).map { "1.8.0*\($0 % 100)(1)" }
    let telegram = decodeAll(frames(D0Framer(), D0Builder.bytes(lines)), D0Decoder()).telegrams.first
    #expect((telegram?.content as? D0Content)?.records.count == 1000)
    #expect(telegram?.issues.map(\.code) == [.tooLong])
  }

  @Test(
    "dates and times have many forms",
    arguments: [
      ("260117", "101530", "2026-01-17T10:15:30"), ("26-01-17", "10:15:30", "2026-01-17T10:15:30"),
      ("2026-01-17", "10:15", "2026-01-17T10:15"), ("2026/01/17", "10:15", "2026-01-17T10:15"),
      ("17.01.26", "1015", "2026-01-17T10:15"), ("17/01/26", "10:15", "2026-01-17T10:15"),
      ("1260117", "1101530", "2026-01-17T10:15:30"), ("20260117", "0101530", "2026-01-17T10:15:30"),
    ])
  func times(_ date: String, _ time: String, _ expected: String) {
    let telegram = D0Builder.telegram("0.9.1(\(time))", "0.9.2(\(date))", "1.8.0(1*kWh)")
    #expect(telegram?.readings[0].time.map { "\($0)" } == expected)
    #expect(telegram?.issues == [])
  }

  @Test("a digit 2 before a time is summer time, and a clock that was never set is no time")
  func summerTime() {
    let summer = D0Builder.telegram("0.9.1(2101530)", "0.9.2(2260717)", "1.8.0(1*kWh)")
    #expect(summer?.readings[0].time?.isSummer == true)
    #expect(D0Builder.telegram("0.9.1(000000)", "0.9.2(000000)", "1.8.0(1*kWh)")?.readings[0].time == nil)
  }

  @Test("codes of C = 6 and 9 alone are a heat meter, among others they are not")
  func media() {
    #expect(D0Builder.telegram("6.8(1*MWh)", "9.20(1)", "0.0(1)")?.readings[0].meter.medium == .heat)
    let pulses = D0Builder.telegram(
      "6.8(1*MWh)", "9.7(20000)", "8.26.1(12*m3)", "8.26.1*01(11*m3)", "9.20(1)", "0.0(2)")
    #expect(pulses?.readings[0].meter.medium == .heat && pulses?.readings[0].meterNumber == "1")
    #expect(
      pulses?.fieldLines() == ["energy: 1000 kWh", "obis_6_0_8_26_1: 12 m³", "obis_6_0_8_26_1_s1: 11 m³"])
    #expect(D0Builder.telegram("1.8.0(1*kWh)", "6.8.0(1*kvarh)")?.readings[0].meter.medium == .electricity)
    #expect(D0Builder.telegram("7-0:3.0.0(1*m3)", "0.0.0(1)")?.readings[0].meter.medium == .gas)
    #expect(fields("6.8(1*mwh)") == ["energy: 1000 kWh"])
  }

  @Test("the number is the first of 96.1.0, 96.1.255, 0.0.0 and 0.0.1 that is there")
  func numbers() {
    #expect(D0Builder.telegram("0.0.1(A1)", "0.0.0(A2)", "C.1.0(A3)")?.readings[0].meterNumber == "A3")
    #expect(D0Builder.telegram("0.0.1(A1)", "0.0.0(  )", "C.1.0(  )")?.readings[0].meterNumber == "A1")
    #expect(D0Builder.telegram("C.1.0(  A3 )")?.readings[0].meterNumber == "A3")
    #expect(D0Builder.telegram("0.0.1(A1)", "0.0.0(A2)", "C.1.0()")?.readings[0].meterNumber == "A2")
    #expect(D0Builder.telegram("9.21(A1)", "9.20(A2)", "6.8(1*kWh)")?.readings[0].meterNumber == "A2")
  }

  @Test("an identification tells maker, model and mode")
  func identifications() {
    func identification(_ text: String) -> D0Identification { D0Identification(Array((text + "\r\n").utf8).span) }
    #expect(identification("/XYZ5TEST").mode == .c(9600))
    #expect(identification("/XYZCTEST").mode == .b(2400))
    #expect(identification("/XYZ\\@TEST").mode == .a)
    #expect(identification("/XYz5TEST").isFast)
    #expect(identification("/XYZ4\\2ZMD").model.count == 3)
  }
}
