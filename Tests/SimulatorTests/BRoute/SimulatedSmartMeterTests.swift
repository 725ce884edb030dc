import Decoders
import Testing
import TestSupport

@testable import Base
@testable import Simulator

/// What a program makes of a simulated meter's answers.
private struct Readout {
  var meter: SimulatedSmartMeter
  private var decoder = ECHONETDecoder()

  init(_ profile: DongleSettings.Profile, _ properties: [UInt8: [UInt8]] = [:]) {
    meter = SimulatedSmartMeter(profile, properties: properties, seed: 7)
    meter.advance(to: SimulatedDongle.start)
  }

  mutating func frame(_ service: ECHONETService, _ codes: [UInt8]) throws -> [UInt8] {
    let answer = meter.answer(ECHONETFrame.toMeter(service, transaction: 1, properties: codes))
    return try #require(answer)
  }

  /// The service of the answer to a setting.
  mutating func set(_ code: UInt8, _ data: [UInt8]) -> UInt8? {
    let head: [UInt8] = [0x10, 0x81, 0, 9, 5, 0xFF, 1, 2, 0x88, 1, 0x61, 1, code, UInt8(data.count)]
    return meter.answer(head + data)?[10]
  }

  mutating func values(_ codes: UInt8...) throws -> [String: String] {
    var telegrams: [Telegram] = []
    for codes in [[0x9F], [0xD3, 0xD7, 0xE1], codes] {
      let answer = try frame(.get, codes)
      try decoder.decode(answer.span, into: &telegrams)
    }
    #expect(telegrams.flatMap(\.issues) == [])
    var values: [String: String] = [:]
    for reading in telegrams.flatMap(\.readings) {
      for field in reading.fields {
        if case .number(let number) = field.value { values[reading.topicLevel(field)] = number.description }
      }
    }
    return values
  }

  mutating func records(_ codes: UInt8...) throws -> [ECHONETRecord.Value] {
    var telegrams: [Telegram] = []
    for codes in [[0xD3, 0xE1], codes] {
      let answer = try frame(.get, codes)
      try decoder.decode(answer.span, into: &telegrams)
    }
    #expect(telegrams.flatMap(\.issues) == [])
    guard let records = (telegrams.last?.content as? ECHONETContent)?.records else { return [] }
    return records.map(\.value)
  }
}

struct StartValues: Sendable, CustomTestStringConvertible {
  var profile: DongleSettings.Profile
  var values: [String: String]
  var testDescription: String { profile.rawValue }
}

@Suite struct SimulatedSmartMeterTests {
  @Test(
    "a profile has its start values",
    arguments: [
      StartValues(
        profile: .first,
        values: [
          "power": "500", "current_r": "3.2", "current_t": "1.8", "energy_import": "12345.6", "energy_export": "0.0",
        ]),
      StartValues(
        profile: .second,
        values: [
          "power": "500", "current_r": "3.2", "current_t": "1.8", "energy_import": "12345.67", "energy_export": "0.00",
        ]),
      StartValues(
        profile: .withoutCoefficient,
        values: [
          "power": "500", "current_r": "3.2", "current_t": "1.8", "energy_import": "12345.6", "energy_export": "0.0",
        ]),
      StartValues(
        profile: .singlePhase,
        values: ["power": "500", "current_r": "5.0", "energy_import": "12345.6", "energy_export": "0.0"]),
      StartValues(
        profile: .solar,
        values: [
          "power": "-1540", "current_r": "-9.0", "current_t": "-6.4", "energy_import": "12345.6",
          "energy_export": "4321.0",
        ]),
      // Counts of 30 × 0.1 kWh.
      StartValues(
        profile: .coefficient,
        values: [
          "power": "500", "current_r": "3.2", "current_t": "1.8", "energy_import": "12345.0", "energy_export": "0.0",
        ]),
    ]) func startValues(_ expected: StartValues) throws
  {
    var readout = Readout(expected.profile)
    let values = try readout.values(0xE7, 0xE8, 0xE0, 0xE3)
    #expect(values == expected.values)
  }

  @Test("registers advance and wrap") func registersWrap() throws {
    var readout = Readout(.first, [0xE1: [0x04]])
    readout.meter.advance(to: WallTime(milliseconds: SimulatedDongle.start.milliseconds + 86_400_000))
    // Six digits of 0.0001 kWh.
    let values = try readout.values(0xE0)
    let energy = try #require(values["energy_import"])
    #expect(energy.count <= 7)
    let import_ = readout.meter.supply.energyImport.count
    #expect((10_000...40_000).contains(import_ - 12_345_678))
    #expect(energy == FixedDecimal(import_ * 10 % 1_000_000, exponent: -4).description)
    #expect(readout.meter.supply.halfHours.count == 49)
  }

  @Test("every property can be set and removed") func changedProperties() throws {
    var readout = Readout(.first, [0xE7: [0x7F, 0xFF, 0xFF, 0xFE], 0xE3: []])
    let values = try readout.values(0xE7, 0xE3, 0xE0)
    #expect(values == ["energy_import": "12345.6"])
    #expect(!readout.meter.codes.contains(0xE3))
  }

  @Test("the property map names the properties of the meter") func propertyMap() throws {
    for profile in DongleSettings.Profile.allCases {
      var readout = Readout(profile)
      let frame = try readout.frame(.get, [0x9F])
      let map = Array(frame.dropFirst(14))
      let codes = ECHONETPropertyMap.codes(map.span)
      #expect(codes.map(Set.init) == Set(readout.meter.codes))
      for code in readout.meter.codes { #expect(readout.meter.data(code) != nil, "\(code)") }
    }
  }

  @Test("histories are those of the selected day") func histories() throws {
    var readout = Readout(.second)
    readout.meter.advance(to: WallTime(milliseconds: SimulatedDongle.start.milliseconds + 6 * 3_600_000))
    #expect(readout.set(0xE5, [1]) == 0x71)
    #expect(readout.set(0xE5, [100]) == 0x51)
    #expect(readout.set(0xE7, [0, 0, 0, 0]) == 0x51)
    // Just past midnight in Japan: the day before has its evening.
    let day = try readout.records(0xE2)
    let slots: [ECHONETRecord.Amount] = if case .day(1, let slots)? = day.first { slots } else { [] }
    try #require(slots.count == 48)
    #expect(slots[0] == .absent(.noData) && slots[35] == .absent(.noData))
    let evening = slots[36...].compactMap { if case .number(let number) = $0 { number.mantissa } else { nil } }
    #expect(evening.count == 12 && evening == evening.sorted() && evening[0] < evening[11])
    // 23:30 on 14 March, and two before.
    #expect(readout.set(0xED, [0x07, 0xEA, 3, 14, 23, 30, 3]) == 0x71)
    let history = try readout.records(0xEC)
    let energies: [ECHONETRecord.Energies] =
      if case .history(_, _, let energies)? = history.first { energies } else { [] }
    #expect(energies.map(\.normal) == [slots[47], slots[46], slots[45]])
  }

  @Test("settings are read, and invalid ones change nothing") func dongleSettings() {
    var settings = DongleSettings()
    for (name, value) in [
      ("model", "rl7023-dss"), ("profile", "no-d3"), ("ropt", "00"), ("echo", "off"), ("beacon", "7"),
      ("lifetime", "3600"), ("chunk", "5"), ("lqi", "48"), ("announce", "off"), ("e7", "FFFFFE0C"), ("D3", "none"),
      ("fault", "answer-dropped*3@60"), ("fault", "out-of-reach@60-90"),
    ] {
      #expect(DongleSetting.take(name, value, &settings), "\(name)=\(value)")
    }
    var expected = DongleSettings()
    expected.model = .rl7023
    expected.profile = .withoutCoefficient
    expected.writesBinary = true
    expected.hasEcho = false
    expected.beacon = 7
    expected.lifetime = .seconds(3600)
    expected.chunk = 5
    expected.linkQuality = 48
    expected.announcement = nil
    expected.properties = [0xE7: [0xFF, 0xFF, 0xFE, 0x0C], 0xD3: []]
    expected.orders = [
      .init(order: .fault(.answerDropped, count: 3), after: .seconds(60)),
      .init(order: .fault(.outOfReach, count: 1), after: .seconds(60)),
      .init(order: .end(.outOfReach), after: .seconds(90)),
    ]
    #expect(settings == expected)
    for (name, value) in [
      ("model", "bp35c3"), ("beacon", "9"), ("chunk", "0"), ("lqi", "256"), ("e7", "FFF"), ("7F", "00"), ("speed", "1"),
      ("fault", "answer-dropped*0"), ("fault", "hang-up@60-90"), ("fault", "out-of-reach@90-60"), ("fault", "x"),
      ("fault", "hang-up@"), ("fault", "hang-up@1@2"),
    ] {
      var before = settings
      #expect(!DongleSetting.take(name, value, &before) && before == settings, "\(name)=\(value)")
    }
  }

  @Test("orders are read") func orders() {
    #expect(BRouteOrder(["answer-dropped", "3"]) == .fault(.answerDropped, count: 3))
    #expect(BRouteOrder(["out-of-reach"]) == .fault(.outOfReach, count: 1))
    #expect(BRouteOrder(["out-of-reach", "off"]) == .end(.outOfReach))
    #expect(BRouteOrder(["E7", "FFFFFE0C"]) == .property(0xE7, [0xFF, 0xFF, 0xFE, 0x0C]))
    #expect(BRouteOrder(["D3", "none"]) == .property(0xD3, []))
    #expect(BRouteOrder(["counters"]) == .counters)
    for words in [["hang-up", "off"], ["answer-dropped", "x"], ["E7"], ["counters", "1"], ["a", "b", "c"], []] {
      #expect(BRouteOrder(words) == nil, "\(words)")
    }
  }
}
