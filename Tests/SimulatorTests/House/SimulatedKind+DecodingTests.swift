import Decoders
import Testing

@testable import Base
@testable import Meters
@testable import Simulator

/// What the decoders make of simulated telegrams.
@Suite struct SimulatedKindDecodingTests {
  struct Expectation: Sendable, CustomTestStringConvertible {
    var kind: SimulatedKind
    /// Topic level and payload, by reading: the meter, then its sub-meters.
    var readings: [[String: String]]
    var testDescription: String { kind.rawValue }
  }

  /// Start values, as they must stand on the topics.
  static let expectations = [
    Expectation(
      kind: .multical303,
      readings: [
        [
          "energy": "1160", "volume": "104.19", "on_time": "1087", "error_time": "2", "flow_temperature": "59.26",
          "return_temperature": "38.31", "temperature_difference": "20.95", "power": "8200", "volume_flow": "0.340",
        ]
      ]),
    Expectation(
      kind: .pro380,
      readings: [
        [
          "energy_import": "13797.85", "energy_import_t1": "1785.72", "energy_import_t2": "12012.13",
          "energy_import_l1": "4625.00", "energy_import_l2": "4590.10", "energy_import_l3": "4582.75",
          "energy_export": "0.00", "energy_export_t1": "0.00", "energy_export_t2": "0.00", "energy_export_l3": "0.00",
          "power": "1503.0", "power_l1": "412.0", "power_l2": "236.0", "power_l3": "855.0", "voltage_l1": "230.40",
          "current_l3": "3.780", "frequency": "50.00",
        ]
      ]),
    Expectation(kind: .water, readings: [["volume": "187.344", "volume_flow": "0.420"]]),
    Expectation(kind: .gas, readings: [["volume": "5120.930", "volume_flow": "0.610"]]),
    Expectation(
      kind: .p1Netherlands,
      readings: [
        [
          "energy_import_t1": "4312.845", "energy_import_t2": "3987.210", "energy_export_t1": "812.004",
          "energy_export_t2": "1940.331", "power_import": "695", "power_export": "0", "voltage_l1": "231.4",
          "current_l3": "1", "tariff": "2",
        ], ["volume": "2318.427"],
      ]),
    Expectation(
      kind: .p1Belgium,
      readings: [
        [
          "energy_import_t1": "1043.608", "energy_import_t2": "970.853", "energy_export_t1": "302.963",
          "power_import": "695", "current_l1": "0.92", "demand_import_average": "0", "demand_import_maximum": "2350",
          "tariff": "1",
        ], ["volume": "2318.427"], ["volume": "872.234"],
      ]),
    Expectation(
      kind: .p1Version2,
      readings: [
        ["energy_import_t1": "12345.678", "energy_import_t2": "9876.543", "power_import": "690", "tariff": "2"],
        ["volume": "2318.427"],
      ]),
    Expectation(
      kind: .p1Luxembourg,
      readings: [["energy_import": "5675.956", "energy_export": "1204.002", "reactive_energy_export": "697.336"]]),
    Expectation(
      kind: .p1LuxembourgEncrypted,
      readings: [["energy_import": "5675.956", "energy_export": "1204.002", "reactive_energy_export": "697.336"]]),
    Expectation(
      kind: .p1PolandEncrypted,
      readings: [["energy_import": "2345.678", "power_import": "695", "voltage_l1": "231.4"]]),
    Expectation(
      kind: .p1Sweden,
      readings: [
        ["energy_import": "7805.332", "power_import": "695", "power_import_l3": "385", "reactive_power_import": "0"]
      ]),
    Expectation(kind: .kaifa, readings: [kaifa]),
    Expectation(kind: .kaifaEncrypted, readings: [kaifa]),
    Expectation(kind: .hdlc, readings: [kaifa]),
    Expectation(
      kind: .emh, readings: [["energy_import": "2043.1040", "power": "356.0", "error_flags": "0182"]]),
    Expectation(
      kind: .dzg,
      readings: [["energy_import": "2043.1040", "energy_export": "512.7000", "power": "356.00", "status": "ok"]]),
    Expectation(kind: .iskra, readings: [["energy_import": "2043", "energy_export": "0", "status": "ok"]]),
    Expectation(
      kind: .bRoute,
      readings: [["power": "500", "current_r": "3.2", "energy_import": "12345.6", "energy_export": "0.0"]]),
    Expectation(
      kind: .d0Electricity,
      readings: [["energy_import": "11428.000", "energy_import_t1": "8412.300", "power": "630", "status": "ok"]]),
    Expectation(kind: .d0Heat, readings: [["energy": "74900", "volume": "4142.48", "flow_temperature": "61.5"]]),
    Expectation(kind: .d0Push, readings: [["energy_import": "11428.000", "power": "630"]]),
    Expectation(kind: .im871a, readings: [["volume": "187.344", "volume_flow": "0.420"]]),
    Expectation(kind: .amb8465, readings: [["volume": "187.344"]]),
    Expectation(kind: .cul, readings: [["volume": "187.344"]]),
    Expectation(kind: .rc1180, readings: [["volume": "187.344"]]),
    Expectation(kind: .radioLines, readings: [["volume": "187.344"]]),
  ]

  private static let kaifa = [
    "energy_import": "1385.960", "energy_export": "0.000", "power_import": "472", "voltage_l2": "234.3",
    "current_l1": "1.72", "power_factor": "0.823",
  ]

  @Test("every kind has an expectation")
  func kinds() {
    #expect(Set(Self.expectations.map(\.kind)) == Set(SimulatedKind.allCases.filter { $0 != .bus }))
  }

  @Test("the start values decode", arguments: expectations)
  func startValues(expectation: Expectation) throws {
    let telegrams = try Self.telegrams(expectation.kind.meter(seed: 1), [simulatedNoon])
    try #require(telegrams.count == 1)
    #expect(telegrams[0].issues.isEmpty)
    try #require(telegrams[0].readings.count == expectation.readings.count)
    for (reading, expected) in zip(telegrams[0].readings, expectation.readings) {
      let payloads = Self.payloads(reading)
      for (level, payload) in expected { #expect(payloads[level] == payload, "\(level)") }
    }
  }

  /// A fortnight, over a turn of the month: nothing that a decoder has to complain about.
  @Test("every telegram decodes", arguments: SimulatedKind.allCases)
  func decoding(kind: SimulatedKind) throws {
    let times = (0..<100).map { simulatedNoon.later(Int64($0) * 12_345) }
    let telegrams = try Self.telegrams(kind.meter(seed: 2), times)
    #expect(telegrams.count == times.count)
    #expect(telegrams.allSatisfy { $0.issues.isEmpty })
    let fields = Set(telegrams.map { $0.readings.map { $0.fields.map(\.key) } })
    // The PIN of one meter comes after two minutes.
    #expect(fields.count == (kind == .iskra ? 2 : 1), "the same fields each time")
  }

  @Test("every meter is known by name")
  func identities() throws {
    func identity(_ kind: SimulatedKind) throws -> (String?, String?, Medium) {
      let reading = try Self.telegrams(kind.meter(ordinal: 1, seed: 1), [simulatedNoon])[0].readings[0]
      return (reading.meterNumber, reading.modelName, reading.meter.medium)
    }
    #expect(try identity(.multical303) == ("83012346", "MULTICAL 303", .heat))
    #expect(try identity(.pro380) == ("16012346", "PRO380", .electricity))
    #expect(try identity(.water).2 == .water)
    #expect(try identity(.gas).2 == .gas)
    #expect(try identity(.dzg).0 == "1DZG0070000002")
    #expect(try identity(.p1Netherlands).0 == "E0047000012012346")
  }

  @Test("a readout of several telegrams is joined")
  func joinedReadout() throws {
    var bus = BusSimulation([MBusSlave(address: 1, SimulatedPRO380(seed: 1))])
    bus.slaves[0].recordBytes = 60
    var decoder = MBusDecoder()
    var telegrams: [Telegram] = []
    for control in [0x7B, 0x5B, 0x7B] as [UInt8] {
      let request = MBusFrame.short(control: control, address: 1)
      let moment = SimulatedMoment(now: Instant(milliseconds: 0), world: simulatedNoon)
      let answer = bus.receive(request.bytes, at: moment).flatMap(\.bytes)
      try decoder.decode(answer.span, into: &telegrams)
    }
    let whole = try Self.telegrams(.mbus(SimulatedPRO380(seed: 1)), [simulatedNoon])[0].readings[0].fields
    #expect(
      telegrams.flatMap { $0.readings.flatMap(\.fields) }.count { $0.unit != .none } == whole.count { $0.unit != .none }
    )
  }

  /// What a meter that speaks by itself has sent, framed and decoded.
  private static func decode(
    _ sent: [[UInt8]], _ settings: MeterSettings, into telegrams: inout [Telegram]
  ) throws {
    var framer = settings.meterProtocol.framer(settings)
    var decoder = settings.meterProtocol.decoder(settings)
    for bytes in sent { framer.append(bytes.span) }
    framer.finish()
    while let framed = framer.next() {
      guard case .frame(let frame) = framed else {
        Issue.record("\(framed)")
        continue
      }
      try decoder.decode(frame.span, into: &telegrams)
    }
  }

  /// What a meter sends at some moments, framed and decoded.
  private static func telegrams(_ meter: SimulatedMeter, _ times: [WallTime]) throws -> [Telegram] {
    var telegrams: [Telegram] = []
    switch meter {
    case .p1(var meter):
      var settings = MeterSettings(id: "x", meterProtocol: .p1, source: .standardInput, sourceText: "-")
      settings.key = meter.cipher?.key
      settings.authenticationKey = meter.cipher?.authenticationKey
      try decode(times.map { meter.telegram(at: $0) }, settings, into: &telegrams)
    case .dlms(var meter):
      var settings = MeterSettings(id: "x", meterProtocol: .dlms, source: .standardInput, sourceText: "-")
      settings.key = meter.cipher?.key
      try decode(times.map { meter.telegram(at: $0) }, settings, into: &telegrams)
    case .sml(var meter):
      let settings = MeterSettings(id: "x", meterProtocol: .sml, source: .standardInput, sourceText: "-")
      try decode(times.map { meter.file(at: $0) }, settings, into: &telegrams)
    case .d0(var meter):
      let settings = MeterSettings(id: "x", meterProtocol: .d0, source: .standardInput, sourceText: "-")
      try decode(times.map { meter.readout(at: $0) }, settings, into: &telegrams)
    case .bus(let slaves): return try Self.telegrams(.mbus(slaves[0].meter), times)
    case .mbus(let meter):
      var slave = MBusSlave(address: 1, meter)
      var decoder = MBusDecoder()
      for time in times {
        _ = slave.answer(to: .short(control: 0x40, address: 1), at: time)
        let answered = slave.answer(to: .short(control: 0x7B, address: 1), at: time)
        let answer = try #require(answered)
        try decoder.decode(answer.bytes.span, into: &telegrams)
      }
    case .radio(let simulation):
      var meter = simulation.meters[0]
      var settings = MeterSettings(id: "x", meterProtocol: .wmbus, source: .standardInput, sourceText: "-")
      settings.key = meter.key
      try decode(times.map { meter.telegram(at: $0) }, settings, into: &telegrams)
    case .bRoute(let simulation):
      var meter = simulation.meter
      // Unit and coefficient are known from an answer before.
      var decoder = ECHONETDecoder(energyUnit: 1, coefficient: 1)
      for time in times {
        meter.advance(to: time)
        let request = ECHONETFrame.toMeter(.get, transaction: 1, properties: [0xE7, 0xE8, 0xE0, 0xE3])
        let answered = meter.answer(request)
        let answer = try #require(answered)
        try decoder.decode(answer.span, into: &telegrams)
      }
    }
    return telegrams
  }

  private static func payloads(_ reading: Reading) -> [String: String] {
    var payloads: [String: String] = [:]
    for field in reading.fields {
      switch field.value {
      case .number(let number): payloads[reading.topicLevel(field)] = number.description
      case .text(let range): payloads[reading.topicLevel(field)] = reading.string(range)
      case .time(let time): payloads[reading.topicLevel(field)] = time.description
      case .absent: break
      }
    }
    return payloads
  }
}
