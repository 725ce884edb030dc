import Testing

@testable import Decoders

@Suite struct P1LinesTests {
  private func issue(_ line: String) throws -> [DecodeError.Code] {
    let telegram = try P1Builder.telegram("1-0:32.7.0(230.0*V)", line, "1-0:52.7.0(231.0*V)")
    #expect(telegram.fieldLines().first == "voltage_l1: 230.0 V")
    #expect(telegram.fieldLines().last == "voltage_l2: 231.0 V")
    #expect(telegram.issues.allSatisfy { $0.offset >= 37 && $0.offset < 37 + line.utf8.count + 1 })
    return telegram.issues.map(\.code)
  }

  @Test(
    "a line that cannot be read costs nothing but itself",
    arguments: [
      "1-0:1.7.0", "1-0:1.7.0(00.1*kW", "1-0:1.7.0)00.1*kW(", "1-0:1.7.0(0(0.1*kW))", "1-0:1.7.0 (00.1*kW)",
      "1-0:1.7.0(00.1*kW)x", "1-0:1.7(00.1*kW)", "1-0:1.7.0.1.2(00.1*kW)", "1-0:999.7.0(00.1*kW)", "1-:1.7.0(00.1*kW)",
      "1-0:1..0(00.1*kW)", "1-0:1:7.0(00.1*kW)", "1.7.0(00.1*kW)", "hello", "(",
    ])
  func badLines(_ line: String) throws { #expect(try issue(line) == [.badLine]) }

  @Test("a bad number or unit is an issue") func badNumbers() throws {
    #expect(try issue("1-0:1.7.0(00.A1*kW)") == [.badNumber])
    #expect(try issue("1-0:1.7.0(1.2.3*kW)") == [.badNumber])
    #expect(try issue("1-0:1.7.0(00.1kX)") == [.badNumber])
    #expect(try issue("1-0:1.7.0(00.1*kX)") == [.badUnit])
    #expect(try issue("1-0:1.7.0(00100)") == [.badUnit])
    #expect(try issue("1-0:1.7.0(00.1mw)") == [.badNumber])
    #expect(try issue("1-0:99.1.2(1*parsec)") == [.badUnit])
    #expect(try issue("1-0:99.1.2(X*kW)") == [.badNumber])
    #expect(try issue("1-0:1.7.0(00.1*kVA)") == [.badUnit])
    #expect(try issue("1-0:1.7.0(00.1*kWh)") == [.badUnit])
    #expect(try issue("1-0:1.7.0(00.1*parsec)") == [.badUnit])
    #expect(try issue("0-0:96.7.21(00001*s)") == [.badUnit])
    #expect(try issue("0-0:96.3.10(7)") == [.badNumber])
    #expect(try issue("0-0:96.14.0(DAY)") == [.badNumber])
  }

  @Test("values on a line of their own belong to the line before") func groups() throws {
    let telegram = try P1Builder.telegram("1-0:98.1.0(1)", "(2*kWh)(3)", "", "(4)", "0-0:96.3.10(1)")
    let content = try #require(telegram.content as? P1Content)
    let (records, groups) = content.lines
    #expect(records.map(\.groupCount) == [4, 1])
    #expect(groups.map { $0.number?.description ?? "" } == ["1", "2", "3", "4", "1"])
    // But not to a line that was not understood: whose value would they be?
    let broken = try P1Builder.telegram("0-0:96.3.10(1)", "0-1:24.3.0(110403140000", "(00437.631)")
    #expect(broken.issues.map(\.code) == [.badLine, .badLine])
    #expect(broken.fieldLines() == ["breaker: connected"])
  }

  @Test("a wrapped text is one text") func wrappedText() throws {
    let telegram = try P1Builder.telegram("0-0:96.13.0(48656C6C6F", "2C20776F", "726C64)", "0-0:96.3.10(1)")
    #expect(telegram.fieldLines() == ["message: Hello, world", "breaker: connected"])
    #expect(telegram.issues.isEmpty)
  }

  @Test(
    "blanks around a number and its unit do not count",
    arguments: ["7.50*kWh ", "7.50* kWh", "7.50 *kWh", " 7.50*kWh", "7.50 kWh"])
  func blanks(_ value: String) throws {
    let telegram = try P1Builder.telegram("1-0:15.8.0(\(value))")
    #expect(telegram.fieldLines() == ["energy_absolute: 7.50 kWh"] && telegram.issues.isEmpty)
  }

  @Test("a value keeps all its digits") func digits() throws {
    let telegram = try P1Builder.telegram(
      "1-0:1.8.0(00052185.7825309*kWh)", "1-0:2.8.0(-00.0240*kWh)", "1-0:3.8.0(+0.5*kvarh)", "1-0:4.8.0(.5*kvarh)",
      "1-0:5.8.0(5.*kvarh)", "1-0:6.8.0(0000000000000000000000012.50*kvarh)", "1-0:7.8.0(9876543210987654321*kvarh)",
      "1-0:8.8.0(123456789012345678*kvarh)", "1-0:1.8.1()")
    #expect(
      telegram.fieldLines() == [
        "energy_import: 52185.7825309 kWh", "energy_export: -0.0240 kWh", "reactive_energy_import: 0.5 kvarh",
        "reactive_energy_export: 0.5 kvarh", "reactive_energy_q1: 5 kvarh", "reactive_energy_q2: 12.50 kvarh",
        "reactive_energy_q3: absent out_of_range", "reactive_energy_q4: 123456789012345678 kvarh",
        "energy_import_t1: absent no_data",
      ])
    #expect(telegram.issues.isEmpty)
  }
}
