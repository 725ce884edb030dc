import Decoders
import Testing

@testable import Meters

private func reading(_ fields: [(FieldKey, FixedDecimal)], _ unit: Decoders.Unit = .kilowattHour) -> Reading {
  Reading(
    meter: MeterIdentity(medium: .electricity), fields: fields.map { Field($0.0, .number($0.1), unit) })
}

private func values(_ reading: Reading) -> [String: String] {
  var values: [String: String] = [:]
  for field in reading.fields {
    if case .number(let number) = field.value { values[reading.topicLevel(field)] = "\(number)" }
  }
  return values
}

struct DerivationTests {
  private let t1 = (FieldKey(.energyImport, tariff: 1), FixedDecimal(178_572, exponent: -2))
  private let t2 = (FieldKey(.energyImport, tariff: 2), FixedDecimal(1_201_213, exponent: -2))

  @Test("the total is the sum of the tariffs")
  func sumOfTariffs() {
    var derivation = Derivation()
    var reading = reading([t1, t2])
    derivation.apply(to: &reading, isChecked: true, isWhole: { _ in true })
    #expect(values(reading)["energy_import"] == "13797.85")
  }

  @Test("a total from the meter stays")
  func ownTotal() {
    var derivation = Derivation()
    var reading = reading([t1, t2, (FieldKey(.energyImport), FixedDecimal(1))])
    derivation.apply(to: &reading, isChecked: true, isWhole: { _ in true })
    #expect(values(reading)["energy_import"] == "1")
  }

  @Test("a tariff that is missing once does not make the total smaller")
  func missingTariff() {
    var derivation = Derivation()
    var whole = reading([t1, t2])
    derivation.apply(to: &whole, isChecked: true, isWhole: { _ in true })
    var part = reading([t1])
    derivation.apply(to: &part, isChecked: true, isWhole: { _ in false })
    #expect(values(part)["energy_import"] == nil)
    var again = reading([t1, t2])
    derivation.apply(to: &again, isChecked: true, isWhole: { _ in true })
    #expect(values(again)["energy_import"] == "13797.85")
  }

  @Test("the first telegram must be whole")
  func firstTelegram() {
    var derivation = Derivation()
    var part = reading([t1])
    derivation.apply(to: &part, isChecked: true, isWhole: { _ in false })
    #expect(values(part)["energy_import"] == nil)
  }

  @Test("without a check value two telegrams must have the same tariffs")
  func unchecked() {
    var derivation = Derivation()
    /// The total over these tariffs.
    func total(_ tariffs: (FieldKey, FixedDecimal)...) -> String? {
      var reading = reading(tariffs)
      derivation.apply(to: &reading, isChecked: false, isWhole: { _ in true })
      return values(reading)["energy_import"]
    }
    #expect(total(t1) == nil)
    #expect(total(t1, t2) == nil)
    #expect(total(t1) == nil)
    #expect(total(t1, t2) == nil)
    #expect(total(t1, t2) == "13797.85")
    #expect(total(t1) == nil)
    #expect(total(t1, t2) == "13797.85")
    // A tariff that comes later must come twice too.
    let t3 = (FieldKey(.energyImport, tariff: 3), FixedDecimal(1))
    #expect(total(t1, t2, t3) == nil)
    #expect(total(t1, t2, t3) == "13798.85")
  }

  @Test("an absent tariff makes no total")
  func absentTariff() {
    var derivation = Derivation()
    var reading = reading([t1, t2])
    reading.fields[1].value = .absent(.noData)
    derivation.apply(to: &reading, isChecked: true, isWhole: { _ in true })
    #expect(values(reading)["energy_import"] == nil)
  }

  @Test("a readout that lacks its last telegrams makes no total", arguments: [(UInt8(0x0F), "15"), (0x1F, nil)])
  func unfinishedReadout(_ end: UInt8, _ total: String?) throws {
    let header: [UInt8] = [0x78, 0x56, 0x34, 0x12, 0x74, 0x52, 1, 2, 5, 0, 0, 0]
    let records: [UInt8] = [0x81, 0x10, 0x06, 7, 0x81, 0x20, 0x06, 8, end]
    let frame = MBusFrame.long(control: 8, address: 1, information: 0x72, data: header + records).bytes
    var decoder = MBusDecoder()
    var telegrams: [Telegram] = []
    try decoder.decode(frame.span, into: &telegrams)
    var adjustment = Adjustment(p1Meter { $0.meterProtocol = .mbus })
    adjustment.apply(to: &telegrams[0])
    #expect(values(telegrams[0].readings[0])["energy_import"] == total)
  }

  @Test("history is not a part of a total")
  func history() {
    var derivation = Derivation()
    var reading = reading([(FieldKey(.energyImport, tariff: 1, storage: 1), FixedDecimal(5))])
    derivation.apply(to: &reading, isChecked: true, isWhole: { _ in true })
    #expect(values(reading)["energy_import"] == nil)
  }

  @Test("power is import less export on each phase")
  func power() {
    var derivation = Derivation()
    var reading = reading(
      [
        (FieldKey(.powerImport), FixedDecimal(0)), (FieldKey(.powerExport), FixedDecimal(1500)),
        (FieldKey(.powerImport, phase: .l2), FixedDecimal(20)), (FieldKey(.powerExport, phase: .l2), FixedDecimal(0)),
        (FieldKey(.powerImport, phase: .l3), FixedDecimal(7)),
      ], .watt)
    derivation.apply(to: &reading, isChecked: true, isWhole: { _ in true })
    let values = values(reading)
    #expect(values["power"] == "-1500")
    #expect(values["power_l2"] == "20")
    #expect(values["power_l3"] == nil)
  }
}
