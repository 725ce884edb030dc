import Testing

@testable import Decoders

private struct UnitCode: Sendable, CustomTestStringConvertible {
  var code: UInt8
  var energy: String
  var testDescription: String { "E1 \(Hexadecimal.text([code])) → \(energy)" }
}

private let unitCodes = [
  UnitCode(code: 0x00, energy: "12345 kWh"), UnitCode(code: 0x01, energy: "1234.5 kWh"),
  UnitCode(code: 0x02, energy: "123.45 kWh"),
  UnitCode(code: 0x03, energy: "12.345 kWh"), UnitCode(code: 0x04, energy: "1.2345 kWh"),
  UnitCode(code: 0x0A, energy: "123450 kWh"), UnitCode(code: 0x0B, energy: "1234500 kWh"),
  UnitCode(code: 0x0C, energy: "12345000 kWh"), UnitCode(code: 0x0D, energy: "123450000 kWh"),
  UnitCode(code: 0x05, energy: "absent unit_unknown"), UnitCode(code: 0x0E, energy: "absent unit_unknown"),
  UnitCode(code: 0xFF, energy: "absent unit_unknown"),
]

@Suite struct ECHONETScalingTests {
  @Test("the unit moves the point", arguments: unitCodes)
  private func units(_ unit: UnitCode) throws {
    var decoder = ECHONETDecoder()
    let frame = ECHONETBuilder.frame(
      .getResponse, [(0xE0, ECHONETBuilder.big(12345)), (0xD3, [0, 0, 0, 1]), (0xE1, [unit.code])])
    let telegram = try #require(try ECHONETBuilder.telegram(frame, &decoder))
    #expect(telegram.fieldLines() == ["energy_import: \(unit.energy)"])
  }

  @Test("energies wait for unit and coefficient") func waiting() throws {
    var decoder = ECHONETDecoder()
    let energy = ECHONETBuilder.frame(0xE0, ECHONETBuilder.big(50))
    func now() throws -> [String] { try #require(try ECHONETBuilder.telegram(energy, &decoder)).fieldLines() }
    #expect(try now() == ["energy_import: absent unit_unknown"])
    _ = try ECHONETBuilder.telegram(ECHONETBuilder.frame(0xE1, [2]), &decoder)
    #expect(try now() == ["energy_import: absent coefficient_unknown"])
    _ = try ECHONETBuilder.telegram(ECHONETBuilder.frame(0xD3, [0, 0, 0, 30]), &decoder)
    #expect(try now() == ["energy_import: 15.00 kWh"])
    // A coefficient of 0 would make every energy 0.
    _ = try ECHONETBuilder.telegram(ECHONETBuilder.frame(0xD3, [0, 0, 0, 0]), &decoder)
    #expect(try now() == ["energy_import: 15.00 kWh"])
  }

  @Test("a unit from the settings says no more than one from the meter")
  func unitFromSettings() throws {
    let energy = ECHONETBuilder.frame(0xE0, ECHONETBuilder.big(50))
    var told = ECHONETDecoder(energyUnit: 1)
    #expect(try ECHONETBuilder.telegram(energy, &told)?.fieldLines() == ["energy_import: absent coefficient_unknown"])
    let refusal = ECHONETBuilder.frame(.getRefused, [(0xD3, []), (0xE0, ECHONETBuilder.big(50))])
    #expect(try ECHONETBuilder.telegram(refusal, &told)?.fieldLines() == ["energy_import: 5.0 kWh"])
  }

  @Test("a refused coefficient is 1 only where that is certain") func refused() throws {
    let all = ECHONETBuilder.frame(.getRefused, [(0xD3, []), (0xE1, []), (0xD7, [])])
    let mixed = ECHONETBuilder.frame(.getRefused, [(0xD3, []), (0xE1, [1])])
    let unit = ECHONETBuilder.frame(0xE1, [1])
    let energy = ECHONETBuilder.frame(0xE0, ECHONETBuilder.big(50))
    func energies(after frames: [[UInt8]]) throws -> [String] {
      var decoder = ECHONETDecoder()
      for frame in frames { _ = try ECHONETBuilder.telegram(frame, &decoder) }
      return try #require(try ECHONETBuilder.telegram(energy, &decoder)).fieldLines()
    }
    let withMap = ECHONETBuilder.frame(0x9F, [4, 0x80, 0xD3, 0xE0, 0xE1])
    let withoutMap = ECHONETBuilder.frame(0x9F, [3, 0x80, 0xE0, 0xE1])
    #expect(try energies(after: [all, unit]) == ["energy_import: absent coefficient_unknown"])
    #expect(try energies(after: [mixed]) == ["energy_import: 5.0 kWh"])
    #expect(try energies(after: [withoutMap, unit]) == ["energy_import: 5.0 kWh"])
    #expect(try energies(after: [withMap, mixed]) == ["energy_import: absent coefficient_unknown"])
    #expect(try energies(after: [all, all, all, unit]) == ["energy_import: 5.0 kWh"])
    #expect(
      try energies(after: [withMap, all, all, all, unit]) == ["energy_import: absent coefficient_unknown"])
  }

  @Test("another meter has another unit") func exchangedMeter() throws {
    var decoder = ECHONETDecoder(energyUnit: 1, coefficient: 1)
    let energy = ECHONETBuilder.frame(0xE0, ECHONETBuilder.big(50))
    func serial(_ text: String) -> [UInt8] {
      ECHONETBuilder.frame(0x8D, Array((text + String(repeating: "\0", count: 12)).utf8.prefix(12)))
    }
    _ = try ECHONETBuilder.telegram(serial("S1"), &decoder)
    #expect(try ECHONETBuilder.telegram(energy, &decoder)?.fieldLines() == ["energy_import: 5.0 kWh"])
    _ = try ECHONETBuilder.telegram(serial("S1"), &decoder)
    #expect(try ECHONETBuilder.telegram(energy, &decoder)?.fieldLines() == ["energy_import: 5.0 kWh"])
    _ = try ECHONETBuilder.telegram(serial("S2"), &decoder)
    let telegram = try #require(try ECHONETBuilder.telegram(energy, &decoder))
    #expect(telegram.fieldLines() == ["energy_import: absent unit_unknown"])
    #expect(telegram.readings[0].meterNumber == "S2")
  }
}
