import Testing

@testable import Decoders

private struct Said: Sendable, CustomTestStringConvertible {
  var code: UInt8
  var data: [UInt8]
  var fields: [String]
  var issue: DecodeError.Code?
  var testDescription: String { "\(Hexadecimal.text([code])) \(Hexadecimal.text(data))" }

  init(_ code: UInt8, _ data: [UInt8], _ fields: [String], issue: DecodeError.Code? = nil) {
    self.code = code
    self.data = data
    self.fields = fields
    self.issue = issue
  }
}

private let said: [Said] = [
  Said(0xE7, [0, 0, 3, 0xE8], ["power=1000"]),
  Said(0xE7, [0xFF, 0xFF, 0xFF, 0xFF], ["power=-1"]),
  Said(0xE7, [0x80, 0, 0, 1], ["power=-2147483647"]),
  Said(0xE7, [0x7F, 0xFF, 0xFF, 0xFD], ["power=2147483645"]),
  Said(0xE7, [0x7F, 0xFF, 0xFF, 0xFE], ["power=no_data"]),
  Said(0xE7, [0x7F, 0xFF, 0xFF, 0xFF], ["power=overflow"]),
  Said(0xE7, [0x80, 0, 0, 0], ["power=underflow"]),
  Said(0xE7, [0, 1, 2], ["power=data_error"], issue: .lengthMismatch),
  Said(0xE8, [0, 123, 0xFF, 0x9C], ["current_r=12.3", "current_t=-10.0"]),
  Said(0xE8, [0, 7, 0x7F, 0xFE], ["current_r=0.7", "current_t=no_data"]),
  Said(0xE8, [0x7F, 0xFF, 0x80, 0], ["current_r=overflow", "current_t=underflow"]),
  Said(0xE0, ECHONETSample.big(12340), ["energy_import=1234.0"]),
  Said(0xE0, ECHONETSample.big(99_999_999), ["energy_import=9999999.9"]),
  Said(0xE0, ECHONETSample.big(100_000_000), ["energy_import=out_of_range"]),
  Said(0xE3, ECHONETSample.big(0), ["energy_export=0.0"]),
  Said(0xE3, ECHONETSample.big(0xFFFF_FFFE), ["energy_export=no_data"]),
  Said(0xE3, ECHONETSample.big(0xFFFF_FFFF), ["energy_export=out_of_range"]),
  Said(0xEA, ECHONETSample.stamp(9, 30) + ECHONETSample.big(5), ["energy_import_scheduled=0.5"]),
  Said(0xEB, ECHONETSample.stamp(9, 30) + ECHONETSample.big(6), ["energy_export_scheduled=0.6"]),
  Said(0xEA, ECHONETSample.stamp(9, 30), ["energy_import_scheduled=data_error"], issue: .lengthMismatch),
  Said(
    0xD0, ECHONETSample.stamp(9, 31) + ECHONETSample.big(70) + ECHONETSample.big(8),
    ["energy_import=7.0", "energy_export=0.8"]),
  Said(0x88, [0x41], ["status=fault"]),
  Said(0x88, [0x42], ["status=ok"]),
  Said(0x80, [0x31], ["status=off"]),
  Said(0x80, [0x30], []),
  Said(0xE1, [0x0E], [], issue: .badUnit),
  Said(0x9F, [3, 0x80, 0x81], [], issue: .lengthMismatch),
  Said(0xC0, Array(repeating: 1, count: 16), []),
  Said(0xF0, [1, 2, 3], []),
]

@Test(arguments: said)
private func everyPropertySaysWhatItShould(_ said: Said) throws {
  let telegram = try #require(try ECHONETSample.telegram(ECHONETSample.frame(said.code, said.data)))
  #expect(telegram.said == said.fields)
  #expect(telegram.issues.map(\.code) == [said.issue].compactMap(\.self))
}

private struct UnitCode: Sendable, CustomTestStringConvertible {
  var code: UInt8
  var energy: String
  var testDescription: String { "E1 \(Hexadecimal.text([code])) → \(energy)" }
}

private let unitCodes = [
  UnitCode(code: 0x00, energy: "12345"), UnitCode(code: 0x01, energy: "1234.5"), UnitCode(code: 0x02, energy: "123.45"),
  UnitCode(code: 0x03, energy: "12.345"), UnitCode(code: 0x04, energy: "1.2345"),
  UnitCode(code: 0x0A, energy: "123450"), UnitCode(code: 0x0B, energy: "1234500"),
  UnitCode(code: 0x0C, energy: "12345000"), UnitCode(code: 0x0D, energy: "123450000"),
  UnitCode(code: 0x05, energy: "unit_unknown"), UnitCode(code: 0x0E, energy: "unit_unknown"),
  UnitCode(code: 0xFF, energy: "unit_unknown"),
]

@Test(arguments: unitCodes)
private func theUnitMovesThePoint(_ unit: UnitCode) throws {
  var decoder = ECHONETDecoder()
  let frame = ECHONETSample.frame(
    .getResponse, [(0xE0, ECHONETSample.big(12345)), (0xD3, [0, 0, 0, 1]), (0xE1, [unit.code])])
  let telegram = try #require(try ECHONETSample.telegram(frame, &decoder))
  #expect(telegram.said == ["energy_import=\(unit.energy)"])
}

@Test func energiesWaitForUnitAndCoefficient() throws {
  var decoder = ECHONETDecoder()
  let energy = ECHONETSample.frame(0xE0, ECHONETSample.big(50))
  func now() throws -> [String] { try #require(try ECHONETSample.telegram(energy, &decoder)).said }
  #expect(try now() == ["energy_import=unit_unknown"])
  _ = try ECHONETSample.telegram(ECHONETSample.frame(0xE1, [2]), &decoder)
  #expect(try now() == ["energy_import=unit_unknown"])
  _ = try ECHONETSample.telegram(ECHONETSample.frame(0xD3, [0, 0, 0, 30]), &decoder)
  #expect(try now() == ["energy_import=15.00"])
  // A coefficient of 0 would make every energy 0.
  _ = try ECHONETSample.telegram(ECHONETSample.frame(0xD3, [0, 0, 0, 0]), &decoder)
  #expect(try now() == ["energy_import=15.00"])
}

@Test func aRefusedCoefficientIsOneOnlyWhereItIsCertain() throws {
  let all = ECHONETSample.frame(.getRefused, [(0xD3, []), (0xE1, []), (0xD7, [])])
  let mixed = ECHONETSample.frame(.getRefused, [(0xD3, []), (0xE1, [1])])
  let unit = ECHONETSample.frame(0xE1, [1])
  let energy = ECHONETSample.frame(0xE0, ECHONETSample.big(50))
  func energies(after frames: [[UInt8]]) throws -> [String] {
    var decoder = ECHONETDecoder()
    for frame in frames { _ = try ECHONETSample.telegram(frame, &decoder) }
    return try #require(try ECHONETSample.telegram(energy, &decoder)).said
  }
  let withMap = ECHONETSample.frame(0x9F, [4, 0x80, 0xD3, 0xE0, 0xE1])
  let withoutMap = ECHONETSample.frame(0x9F, [3, 0x80, 0xE0, 0xE1])
  #expect(try energies(after: [all, unit]) == ["energy_import=unit_unknown"])
  #expect(try energies(after: [mixed]) == ["energy_import=5.0"])
  #expect(try energies(after: [withoutMap, unit]) == ["energy_import=5.0"])
  #expect(try energies(after: [withMap, mixed]) == ["energy_import=unit_unknown"])
  #expect(try energies(after: [all, all, all, unit]) == ["energy_import=5.0"])
  #expect(try energies(after: [withMap, all, all, all, unit]) == ["energy_import=unit_unknown"])
}

@Test func anotherMeterHasAnotherUnit() throws {
  var decoder = ECHONETDecoder(energyUnit: 1, coefficient: 1)
  let energy = ECHONETSample.frame(0xE0, ECHONETSample.big(50))
  func serial(_ text: String) -> [UInt8] {
    ECHONETSample.frame(0x8D, Array((text + String(repeating: "\0", count: 12)).utf8.prefix(12)))
  }
  _ = try ECHONETSample.telegram(serial("S1"), &decoder)
  #expect(try ECHONETSample.telegram(energy, &decoder)?.said == ["energy_import=5.0"])
  _ = try ECHONETSample.telegram(serial("S1"), &decoder)
  #expect(try ECHONETSample.telegram(energy, &decoder)?.said == ["energy_import=5.0"])
  _ = try ECHONETSample.telegram(serial("S2"), &decoder)
  let telegram = try #require(try ECHONETSample.telegram(energy, &decoder))
  #expect(telegram.said == ["energy_import=unit_unknown"])
  #expect(telegram.readings[0].meterNumber == "S2")
}

@Test func theMeterIsKnownByItsParticulars() throws {
  var decoder = ECHONETDecoder()
  let frame = ECHONETSample.frame(
    .getResponse,
    [(0x82, [0, 0, 0x52, 1]), (0x8A, [0, 0, 0x16]), (0x8D, Array("AB 123".utf8) + [0, 0, 0, 0, 0, 0])])
  _ = try ECHONETSample.telegram(frame, &decoder)
  let reading = try #require(try ECHONETSample.telegram(ECHONETSample.frame(0xE7, [0, 0, 0, 1]), &decoder)).readings[0]
  #expect(reading.meterNumber == "AB 123")
  #expect(reading.manufacturerName == "000016")
  #expect(reading.modelName == "Smart meter, release R")
  #expect(reading.meter.medium == .electricity)
}

@Test func scheduledReadingsHaveTheirOwnTimeInJapan() throws {
  let both = ECHONETSample.frame(
    .notification,
    [
      (0xEA, ECHONETSample.stamp(0, 0) + ECHONETSample.big(1)),
      (0xEB, ECHONETSample.stamp(0, 0) + ECHONETSample.big(2)),
    ])
  #expect(try ECHONETSample.telegram(both)?.readings[0].time?.description == "2025-03-31T00:00:00+09:00")
  // A value without a stamp beside them is not of that moment.
  let mixed = ECHONETSample.frame(
    .getResponse, [(0xEA, ECHONETSample.stamp(0, 0) + ECHONETSample.big(1)), (0xE7, [0, 0, 0, 1])])
  let telegram = try #require(try ECHONETSample.telegram(mixed))
  #expect(telegram.readings[0].time == nil)
  guard case .stamped(let time, _)? = telegram.echonetRecords.first?.value else { Issue.record("no stamp"); return }
  #expect(time?.offset == 540)
  // The clock was never set: the value stands, without a time.
  let unset = ECHONETSample.frame(0xEA, [0x07, 0xE9, 2, 30, 0, 0, 0] + ECHONETSample.big(1))
  #expect(try ECHONETSample.telegram(unset)?.readings[0].time == nil)
  #expect(try ECHONETSample.telegram(unset)?.said == ["energy_import_scheduled=0.1"])
}

@Test func historiesAreRecords() throws {
  let day = ECHONETSample.frame(0xE2, [0, 3] + (0..<48).flatMap { ECHONETSample.big($0 == 47 ? 0xFFFF_FFFE : $0) })
  guard case .day(3, let slots)? = try ECHONETSample.telegram(day)?.echonetRecords.first?.value else {
    Issue.record("no history")
    return
  }
  #expect(slots.count == 48)
  #expect(slots[11] == .number(FixedDecimal(11, exponent: -1)))
  #expect(slots[47] == .absent(.noData))
  let two = [40, 4, 30, 3].flatMap { ECHONETSample.big($0) }
  let back = ECHONETSample.frame(0xEC, ECHONETSample.stamp(9, 30, second: [2]) + two)
  let record = try ECHONETSample.telegram(back)?.echonetRecords.first
  guard case .history(let time, stepMinutes: 30, let pairs)? = record?.value else {
    Issue.record("no history")
    return
  }
  #expect(time?.description == "2025-03-31T09:30:00+09:00")
  #expect(pairs.map(\.normal) == [.number(FixedDecimal(40, exponent: -1)), .number(FixedDecimal(30, exponent: -1))])
  #expect(try ECHONETSample.telegram(day)?.said == [])
  // Three announced, two there.
  let short = ECHONETSample.frame(0xEC, ECHONETSample.stamp(9, 30, second: [3]) + two)
  #expect(try ECHONETSample.telegram(short)?.issues.map(\.code) == [.lengthMismatch])
}

@Test func propertyMapsInBothForms() {
  let list: [UInt8] = [3, 0xE7, 0x80, 0xD3]
  #expect(ECHONETPropertyMap.codes(list.span) == [0x80, 0xD3, 0xE7])
  var bits: [UInt8] = [16] + [UInt8](repeating: 1, count: 16)
  #expect(ECHONETPropertyMap.codes(bits.span) == Array(0x80...0x8F))
  // Bit 6 of byte 7: E7.
  bits[0] = 17
  bits[8] |= 0x40
  #expect(ECHONETPropertyMap.codes(bits.span) == Array(0x80...0x8F) + [0xE7])
  bits[0] = 18
  #expect(ECHONETPropertyMap.codes(bits.span) == nil)
  #expect(ECHONETPropertyMap.codes([UInt8]().span) == nil)
}

@Test func whatASettingRepeatsIsNoValueOfTheMeter() throws {
  let refused = ECHONETSample.frame(.setIRefused, [(0xE0, ECHONETSample.big(7))])
  #expect(try ECHONETSample.telegram(refused)?.said == [])
  #expect(try ECHONETSample.telegram(refused)?.echonetRecords.count == 1)
}

@Test func emptyPropertiesOfARefusalAreAbsentAndTheOthersStand() throws {
  let frame = ECHONETSample.frame(.getRefused, [(0xE7, [0, 0, 0, 9]), (0xE8, []), (0xE0, [])])
  #expect(
    try ECHONETSample.telegram(frame)?.said == [
      "power=9", "current_r=no_data", "current_t=no_data", "energy_import=no_data",
    ])
}
