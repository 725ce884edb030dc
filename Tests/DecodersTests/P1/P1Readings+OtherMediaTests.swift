import Testing

@testable import Decoders

private struct Line: Sendable, CustomTestStringConvertible {
  var line: String
  var medium: Medium
  var field: String
  var testDescription: String { line }
}

@Suite struct P1OtherMediaTests {
  @Test(
    "group A of a code is the medium of a meter",
    arguments: [
      Line(line: "7-0:23.1.0*255(00881.250*m3)", medium: .gas, field: "volume: 881.250 m³"),
      Line(line: "7-1:3.0.0(00881.250m3)", medium: .gas, field: "volume: 881.250 m³"),
      Line(line: "7-0:23.2.0(00881.250)", medium: .gas, field: "volume: 881.250 m³"),
      Line(line: "6-0:1.0.0(0012.5*GJ)", medium: .heat, field: "energy: 3472.222 kWh"),
      Line(line: "6-0:10.0.0(0064.5*C)", medium: .heat, field: "flow_temperature: 64.5 °C"),
      Line(line: "6-0:8.0.0(0004.5*kW)", medium: .heat, field: "power: 4500 W"),
      Line(line: "5-0:1.0.0(00012*kWh)", medium: .cooling, field: "energy: 12 kWh"),
      Line(line: "8-0:1.0.0(00012.345*m3)", medium: .water, field: "volume: 12.345 m³"),
      Line(line: "9-0:1.0.0*1(12345*dm3)", medium: .water, field: "volume_s1: 12.345 m³"),
      Line(line: "8-0:9.0.0(120*l/h)", medium: .water, field: "volume_flow: 0.120 m³/h"),
      Line(line: "4-0:1.0.0(00123)", medium: .heatCostAllocator, field: "heat_cost_units: 123"),
    ])
  private func media(_ line: Line) throws {
    let telegram = try P1Builder.telegram("1-0:1.7.0(00.100*kW)", line.line)
    #expect(telegram.readings.map(\.meter.medium) == [.electricity, line.medium])
    #expect(telegram.fieldLines() == ["power_import: 100 W"] && telegram.fieldLines(of: 1) == [line.field])
    #expect(telegram.issues.isEmpty)
  }

  @Test("number, time, valve and other registers go with the meter") func belongings() throws {
    let telegram = try P1Builder.telegram(
      "7-0:96.3.10(2)", "7-0:0.0.0(4731)", "7-0:23.1.0(00881.250*m3)(25-02-03 14:00:00)", "7-0:99.1.2(3)",
      "0-1:24.1.0(007)", "0-1:24.2.1(250203140000W)(00012.345*m3)", "8-0:1.0.0(00001.500*m3)", "8-0:24.4.0(1)")
    #expect(telegram.readings.map(\.meter.medium) == [.electricity, .water, .gas, .water])
    #expect(telegram.readings.map(\.meterNumber) == [nil, nil, "G1", nil])
    #expect(telegram.fieldLines(of: 2) == ["valve: closed", "volume: 881.250 m³", "obis_7_0_99_1_2: 3"])
    #expect(telegram.fieldLines(of: 3) == ["volume: 1.500 m³", "valve: open"])
    #expect(telegram.readings[2].time?.description == "2025-02-03T14:00:00" && telegram.issues.isEmpty)
  }

  @Test("a time without a letter has the offset of the meter's clock on the same day") func offset() throws {
    func time(_ clock: String, _ stamp: String) throws -> String? {
      try P1Builder.telegram("0-0:1.0.0(\(clock))", "7-0:23.1.0(00881.250*m3)(\(stamp))").readings[1].time?.description
    }
    #expect(try time("250203140500W", "25-02-03 14:00:00") == "2025-02-03T14:00:00+01:00")
    #expect(try time("250703140500S", "25-07-03 14:00:00") == "2025-07-03T14:00:00+02:00")
    #expect(try time("250203000500W", "25-02-02 23:00:00") == "2025-02-02T23:00:00")
    #expect(try time("250330040500S", "25-03-30 01:00:00") == "2025-03-30T01:00:00")
    #expect(try time("20250203 14:05:00", "25-02-03 14:00:00") == "2025-02-03T14:00:00")
  }

  @Test("what measures nothing of its medium is the meter's") func noMeter() throws {
    let telegram = try P1Builder.telegram("8-8:88.88.88(678.90*kWh)", "9-0:96.1.0(W-39)", "2-0:1.8.0(1*kWh)")
    #expect(telegram.fieldLines() == ["obis_8_8_88_88_88: 678.90 kWh", "obis_2_0_1_8_0: 1 kWh"])
    #expect(telegram.readings.count == 1 && telegram.readings[0].meterNumber == nil && telegram.issues.isEmpty)
  }
}
