import Testing

@testable import Decoders

@Suite struct DLMSLayoutsTests {
  @Test("every layout has a sample", arguments: DLMSLayout.all.map(\.name.description))
  func hasSample(_ name: String) {
    let names = Sample.all(of: .dlms).compactMap { $0.layout?.name.description }
    #expect(names.contains(name), "add a sample of this list to Tests/Samples/dlms")
  }

  @Test("every layout has a column for each element, and knows most of them") func columns() {
    for layout in DLMSLayout.all {
      #expect(layout.columns.count == layout.signature.letters.count, "\(layout.name)")
      #expect(layout.columns.count(where: { $0 != nil }) * 2 > layout.columns.count, "\(layout.name)")
    }
    let dashes = DLMSLayout.all.reduce(0) { $0 + $1.columns.count { $0 == nil } }
    #expect(dashes == 9)
  }

  @Test("a list is known by its types and its name, and never guessed") func mark() throws {
    func list(_ name: String) -> [UInt8] {
      AXDR.structure(
        [AXDR.text(name), AXDR.text("6970631400000001"), AXDR.text("MA304H3E")]
          + ([472, 0, 0, 123, 1720, 170, 990, 2350, 2343, 2350] as [UInt32]).map(AXDR.uint32))
    }
    let reading = try DLMSBuilder.decode(DLMSBuilder.notification(list("KFM_001"))).get().readings[0]
    #expect(reading.fieldLines.prefix(2) == ["power_import: 472 W", "power_export: 0 W"])
    #expect(reading.fieldLines.suffix(2) == ["voltage_l2: 234.3 V", "voltage_l3: 235.0 V"])
    #expect(reading.fieldLines.contains("current_l1: 1.720 A"))
    #expect(reading.meterNumber == "6970631400000001")
    #expect(reading.modelName == "MA304H3E")
    // The same types from somebody else: named, never guessed.
    guard case .failure(let error) = DLMSBuilder.decode(DLMSBuilder.notification(list("XYZ_001"))) else {
      Issue.record("guessed")
      return
    }
    #expect(error.code == .unknownLayout)
    #expect(error.description.contains("3 octet-string, 10 uint32"))
  }

  @Test("the disconnector of a Slovenian list is an enum or a flag", arguments: [[0x16, 1], [0x03, 1]] as [[UInt8]])
  func disconnector(_ state: [UInt8]) throws {
    let list = AXDR.structure(
      [AXDR.text("ISK1030700000042"), AXDR.text(""), state, AXDR.text("2")]
        + ([7400, 4300, 3100, 910, 600, 310, 25, 13] as [UInt32]).map(AXDR.uint32))
    let reading = try DLMSBuilder.decode(DLMSBuilder.notification(list)).get().readings[0]
    #expect(
      reading.fieldLines.prefix(4) == [
        "breaker: connected", "tariff: 2", "energy_import: 7.400 kWh", "energy_import_t1: 4.300 kWh",
      ])
  }
}
