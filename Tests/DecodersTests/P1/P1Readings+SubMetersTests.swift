import Testing

@testable import Decoders

@Suite struct P1SubMeterTests {
  @Test func linesOfAChannelComeInAnyOrder() throws {
    let telegram = try P1Sample.telegram(
      "0-2:24.2.1(240105172500W)(00112.384*m3)", "0-1:24.2.1(240105172511W)(00872.234*m3)", "0-1:24.4.0(0)",
      "0-2:96.1.0(47303031)", "0-2:24.1.0(003)", "0-1:96.1.0(W-17)", "0-1:24.1.0(007)")
    #expect(telegram.readings.map(\.meter.medium) == [.electricity, .water, .gas])
    #expect(telegram.readings.map(\.meterNumber) == [nil, "W-17", "G001"])
    #expect(telegram.fields(of: 1) == ["volume=872.234 m³", "valve=closed"])
    #expect(telegram.fields(of: 2) == ["volume=112.384 m³"])
    #expect(telegram.readings[1].time?.description == "2024-01-05T17:25:11+01:00")
    #expect(telegram.readings[2].time?.description == "2024-01-05T17:25:00+01:00")
  }

  @Test(arguments: [
    "0-1:24.2.1(632525252525S)(00000.000)", "0-1:24.2.1(700101010000W)(00000000)", "0-1:24.2.1(000101010000W)()",
    "0-1:24.2.1()", "0-1:24.4.0(1)", "0-1:24.3.0(000101000000)(00)(60)(1)(0-1:24.2.1)()", "0-1:96.13.0()",
  ])
  func aChannelThatIsNotLinkedHasNoReading(_ line: String) throws {
    let telegram = try P1Sample.telegram(
      "0-1:24.1.0(003)", "0-1:96.1.0()", line, "0-2:24.1.0(003)", "0-2:24.2.1(240105172500W)(00001.500*m3)")
    #expect(telegram.readings.count == 2 && telegram.issues.isEmpty)
    #expect(telegram.fields(of: 0) == [])
    #expect(telegram.fields(of: 1) == ["volume=1.500 m³"])
  }

  @Test func aValueWithoutATimeIsAValue() throws {
    let telegram = try P1Sample.telegram("0-1:24.1.0(007)", "0-1:24.2.1(00012.500*m3)")
    #expect(telegram.fields(of: 1) == ["volume=12.500 m³"])
    #expect(telegram.readings[1].time == nil && telegram.issues.isEmpty)
  }

  @Test func beforeVersion4TheValueStandsOnALineOfItsOwn() throws {
    let telegram = try P1Sample.telegrams(P1Sample.dutch2.bytes)[0]
    #expect(telegram.readings.count == 2)
    #expect(telegram.readings[1].meter.medium == .gas)
    #expect(telegram.readings[1].meterNumber == "11223344")
    // Local time of a zone that nobody names.
    #expect(telegram.readings[1].time?.description == "2011-04-03T14:00:00")
    #expect(telegram.fields(of: 1) == ["volume=437.631 m³", "valve=open"])
    let oneLine = try P1Sample.telegram("0-1:24.3.0(110403140000)(08)(60)(1)(0-1:24.2.1)(GJ)(00001.000)")
    #expect(oneLine.fields(of: 1) == ["energy=277.778 kWh"])
    #expect(oneLine.readings[1].meter.medium == .heat)
  }

  @Test func heatOnly() throws {
    let telegram = try P1Sample.telegrams(P1Sample.heatOnly.bytes)[0]
    #expect(telegram.readings.count == 2 && telegram.issues.isEmpty)
    #expect(telegram.fields() == [])
    #expect(telegram.readings[0].meterNumber == "ADC3100000000001")
    #expect(telegram.readings[0].modelName == "WARMTELINK")
    #expect(telegram.readings[1].meter.medium == .heat)
    #expect(telegram.readings[1].meterNumber == "621848012D2C0B0C")
    #expect(telegram.fields(of: 1) == ["energy=3472.222 kWh"])
  }

  private struct Kind: Sendable, CustomTestStringConvertible {
    var type: String
    var value: String
    var medium: Medium
    var field: String
    var testDescription: String { "\(type) \(value)" }
  }

  @Test(arguments: [
    Kind(type: "002", value: "1.5*kWh", medium: .electricity, field: "energy_import=1.5 kWh"),
    Kind(type: "003", value: "12345*dm3", medium: .gas, field: "volume=12.345 m³"),
    Kind(type: "004", value: "3.6*MJ", medium: .heat, field: "energy=1.000 kWh"),
    Kind(type: "006", value: "1.0*m3", medium: .water, field: "volume=1.0 m³"),
    Kind(type: "008", value: "00123", medium: .heatCostAllocator, field: "heat_cost_units=123"),
    Kind(type: "010", value: "2*GJ", medium: .cooling, field: "energy=555.556 kWh"),
    Kind(type: "011", value: "2*kWh", medium: .cooling, field: "energy=2 kWh"),
    Kind(type: "012", value: "2*kWh", medium: .heat, field: "energy=2 kWh"),
    Kind(type: "013", value: "2*m3", medium: .heat, field: "volume=2 m³"),
    Kind(type: "303", value: "2*m3", medium: .other, field: "volume=2 m³"),
    Kind(type: "", value: "2*m3", medium: .other, field: "volume=2 m³"),
    Kind(type: "", value: "2*GJ", medium: .heat, field: "energy=555.556 kWh"),
  ])
  private func aSubMeterIsWhatItsTypeAndUnitSay(_ kind: Kind) throws {
    let telegram = try P1Sample.telegram("0-3:24.1.0(\(kind.type))", "0-3:24.2.1(240105172500W)(\(kind.value))")
    #expect(telegram.readings.last?.meter.medium == kind.medium)
    #expect(telegram.fields(of: 1) == [kind.field])
  }

  @Test func valuesThatCannotBeUsedAreIssues() throws {
    func issues(_ value: String) throws -> [DecodeError.Code] {
      let telegram = try P1Sample.telegram("0-1:24.1.0(003)", "0-1:24.2.1(240105172500W)(\(value))")
      #expect(telegram.readings.count == 1)
      return telegram.issues.map(\.code)
    }
    #expect(try issues("1.5m3") == [.badNumber])
    #expect(try issues("1.X*m3") == [.badNumber])
    #expect(try issues("1.5*parsec") == [.badUnit])
  }

  @Test func aTimeThatWasNeverSetLeavesTheValue() throws {
    let telegram = try P1Sample.telegram("0-1:24.1.0(003)", "0-1:24.2.1(632525252525S)(00001.000*m3)")
    #expect(telegram.readings[1].time == nil && telegram.issues.isEmpty)
    #expect(telegram.fields(of: 1) == ["volume=1.000 m³"])
  }

  @Test func moreThanOneValueOfAChannel() throws {
    let telegram = try P1Sample.telegram(
      "0-1:24.1.0(003)", "0-1:24.2.1(240105172500W)(00001.000*m3)", "0-1:24.2.3(240105172500W)(00002.000*m3)",
      "0-1:24.4.0(2)", "0-1:99.1.1(7)")
    #expect(telegram.fields(of: 1) == ["volume=1.000 m³", "volume_2=2.000 m³", "valve=closed", "obis_0_1_99_1_1=7"])
  }
}
