import Testing

@testable import Decoders

private struct Kind: Sendable, CustomTestStringConvertible {
  var type: String
  var value: String
  var medium: Medium
  var field: String
  var testDescription: String { "\(type) \(value)" }
}

@Suite struct P1SubMetersTests {
  @Test("the lines of a channel come in any order") func order() throws {
    let telegram = try P1Builder.telegram(
      "0-2:24.2.1(240105172500W)(00112.384*m3)", "0-1:24.2.1(240105172511W)(00872.234*m3)", "0-1:24.4.0(0)",
      "0-2:96.1.0(47303031)", "0-2:24.1.0(003)", "0-1:96.1.0(W-17)", "0-1:24.1.0(007)")
    #expect(telegram.readings.map(\.meter.medium) == [.electricity, .water, .gas])
    #expect(telegram.readings.map(\.meterNumber) == [nil, "W-17", "G001"])
    #expect(telegram.fieldLines(of: 1) == ["volume: 872.234 m³", "valve: closed"])
    #expect(telegram.fieldLines(of: 2) == ["volume: 112.384 m³"])
    #expect(telegram.readings[1].time?.description == "2024-01-05T17:25:11+01:00")
    #expect(telegram.readings[2].time?.description == "2024-01-05T17:25:00+01:00")
  }

  @Test(
    "a channel without a meter has no reading",
    arguments: [
      "0-1:24.2.1(632525252525S)(00000.000)", "0-1:24.2.1(700101010000W)(00000000)", "0-1:24.2.1(000101010000W)()",
      "0-1:24.2.1()", "0-1:24.4.0(1)", "0-1:24.3.0(000101000000)(00)(60)(1)(0-1:24.2.1)()", "0-1:96.13.0()",
    ])
  func notLinked(_ line: String) throws {
    let telegram = try P1Builder.telegram(
      "0-1:24.1.0(003)", "0-1:96.1.0()", line, "0-2:24.1.0(003)", "0-2:24.2.1(240105172500W)(00001.500*m3)")
    #expect(telegram.readings.count == 2 && telegram.issues.isEmpty)
    #expect(telegram.fieldLines(of: 0) == [])
    #expect(telegram.fieldLines(of: 1) == ["volume: 1.500 m³"])
  }

  @Test("a value without a time is a value") func noTime() throws {
    let telegram = try P1Builder.telegram("0-1:24.1.0(007)", "0-1:24.2.1(00012.500*m3)")
    #expect(telegram.fieldLines(of: 1) == ["volume: 12.500 m³"])
    #expect(telegram.readings[1].time == nil && telegram.issues.isEmpty)
  }

  @Test("a value whose time has a small letter has none, and the stamp is no value") func smallLetter() throws {
    let telegram = try P1Builder.telegram("0-1:24.1.0(003)", "0-1:24.2.1(240105172500s)(00001.500*m3)")
    #expect(telegram.fieldLines(of: 0) == [] && telegram.fieldLines(of: 1) == ["volume: 1.500 m³"])
    #expect(telegram.readings[1].time == nil && telegram.issues.map(\.code) == [.badTime])
  }

  @Test("before version 4 the value stands on the line of its description") func version3() throws {
    let telegram = try P1Builder.telegram("0-1:24.3.0(110403140000)(08)(60)(1)(0-1:24.2.1)(GJ)(00001.000)")
    #expect(telegram.fieldLines(of: 1) == ["energy: 277.778 kWh"])
    #expect(telegram.readings[1].meter.medium == .heat)
  }

  @Test(
    "a submeter is what its type and unit say",
    arguments: [
      Kind(type: "002", value: "1.5*kWh", medium: .electricity, field: "energy_import: 1.5 kWh"),
      Kind(type: "003", value: "12345*dm3", medium: .gas, field: "volume: 12.345 m³"),
      Kind(type: "004", value: "3.6*MJ", medium: .heat, field: "energy: 1.000 kWh"),
      Kind(type: "006", value: "1.0*m3", medium: .water, field: "volume: 1.0 m³"),
      Kind(type: "008", value: "00123", medium: .heatCostAllocator, field: "heat_cost_units: 123"),
      Kind(type: "010", value: "2*GJ", medium: .cooling, field: "energy: 555.556 kWh"),
      Kind(type: "011", value: "2*kWh", medium: .cooling, field: "energy: 2 kWh"),
      Kind(type: "012", value: "2*kWh", medium: .heat, field: "energy: 2 kWh"),
      Kind(type: "013", value: "2*m3", medium: .heat, field: "volume: 2 m³"),
      Kind(type: "303", value: "2*m3", medium: .other, field: "volume: 2 m³"),
      Kind(type: "", value: "2*m3", medium: .other, field: "volume: 2 m³"),
      Kind(type: "", value: "2*GJ", medium: .heat, field: "energy: 555.556 kWh"),
    ])
  private func kinds(_ kind: Kind) throws {
    let telegram = try P1Builder.telegram("0-3:24.1.0(\(kind.type))", "0-3:24.2.1(240105172500W)(\(kind.value))")
    #expect(telegram.readings.last?.meter.medium == kind.medium)
    #expect(telegram.fieldLines(of: 1) == [kind.field])
  }

  @Test("a value that cannot be used is an issue") func issues() throws {
    func issues(_ value: String) throws -> [DecodeError.Code] {
      let telegram = try P1Builder.telegram("0-1:24.1.0(003)", "0-1:24.2.1(240105172500W)(\(value))")
      #expect(telegram.readings.count == 1)
      return telegram.issues.map(\.code)
    }
    #expect(try issues("1.5mX") == [.badNumber])
    #expect(try issues("1.X*m3") == [.badNumber])
    #expect(try issues("1.5*parsec") == [.badUnit])
  }

  @Test("the time may follow the value") func timeBehindValue() throws {
    let telegram = try P1Builder.telegram(
      "0-1:24.1.0(003)", "0-1:24.2.1(00012.345*m3)(240105172500W)", "0-2:24.1.0(007)", "0-2:24.2.1(1.5m3)(240105172500)"
    )
    #expect(telegram.fieldLines(of: 1) == ["volume: 12.345 m³"] && telegram.fieldLines(of: 2) == ["volume: 1.5 m³"])
    #expect(telegram.readings[1].time?.description == "2024-01-05T17:25:00+01:00")
    #expect(telegram.readings[2].time?.description == "2024-01-05T17:25:00" && telegram.issues.isEmpty)
  }

  @Test("a linked meter that sends no unit counts in that of the standard") func noUnit() throws {
    func fields(_ type: String, _ value: String) throws -> [String] {
      try P1Builder.telegram("0-1:24.1.0(\(type))", "0-1:24.2.1(240105172500W)(\(value))").fieldLines(of: 1)
    }
    #expect(try fields("003", "00012.345") == ["volume: 12.345 m³"])
    #expect(try fields("003", "0001234") == ["no reading 1"])
    #expect(try fields("004", "00012.345") == ["no reading 1"])
  }

  @Test("of two identifications the number is that of 96.1.0") func twoIdentifications() throws {
    for lines in [["0-1:96.1.0(4731)", "0-1:96.1.1(5438)"], ["0-1:96.1.1(5438)", "0-1:96.1.0(4731)"]] {
      let telegram = try P1Builder.telegram("0-1:24.2.1(240105172500W)(1.5*m3)", lines[0], lines[1])
      #expect(telegram.readings[1].meterNumber == "G1")
    }
  }

  @Test("a number with a unit is a field wherever it stands") func nothingVanishes() throws {
    let telegram = try P1Builder.telegram(
      "0-2:33.1.1(5.5*m3)", "0-1:24.1.0(003)", "0-1:24.3.0(240105172500)(00012.345*m3)(3*kWh)",
      "1-0:94.1.2(240105172500W)(4*kW)", "1-0:44.4.5(5*V)(6*V)", "0-3:24.2.1(X*m3)")
    #expect(
      telegram.fieldLines() == [
        "obis_1_0_94_1_2: 4000 W", "obis_1_0_44_4_5: 5 V", "obis_1_0_44_4_5_2: 6 V", "obis_0_2_33_1_1: 5.5 m³",
      ])
    #expect(telegram.fieldLines(of: 1) == ["energy: 3 kWh", "obis_0_1_24_3_0: 12.345 m³"])
    #expect(telegram.issues.map(\.code) == [.badNumber])
  }

  @Test("a time that was never set leaves the value") func neverSet() throws {
    let telegram = try P1Builder.telegram("0-1:24.1.0(003)", "0-1:24.2.1(632525252525S)(00001.000*m3)")
    #expect(telegram.readings[1].time == nil && telegram.issues.isEmpty)
    #expect(telegram.fieldLines(of: 1) == ["volume: 1.000 m³"])
  }

  @Test("a channel has more than one value") func severalValues() throws {
    let telegram = try P1Builder.telegram(
      "0-1:24.1.0(003)", "0-1:24.2.1(240105172500W)(00001.000*m3)", "0-1:24.2.3(240105172500W)(00002.000*m3)",
      "0-1:24.4.0(2)", "0-1:99.1.1(7)")
    #expect(
      telegram.fieldLines(of: 1) == ["volume: 1.000 m³", "volume_2: 2.000 m³", "valve: closed", "obis_0_1_99_1_1: 7"])
  }
}
