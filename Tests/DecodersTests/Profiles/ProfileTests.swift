import Testing

@testable import Decoders

@Suite struct ProfileTests {
  @Test("every profile has a sample", arguments: Profile.allCases)
  func hasSample(_ profile: Profile) {
    let samples = Sample.all(of: .mbus) + Sample.all(of: .wmbus)
    #expect(samples.contains { $0.profile == profile }, "add Tests/Samples/mbus/\(profile.name).sample")
  }

  @Test("a configured profile is used whatever the header says") func configured() throws {
    let frame = MBusBuilder.answer([0x01, 0xFF, 0x22, 0x08], medium: 0x04)
    #expect(try MBusBuilder.decoded(frame).get().lines.contains("mbus_01_ff22: 8"))
    let profile = try #require(Profile(name: "multical603"))
    #expect(try MBusBuilder.decoded(frame, profile: profile).get().lines.contains("info_code: 8"))
    #expect(try MBusBuilder.decoded(frame, profile: profile).get().lines.contains("model: MULTICAL 603"))
  }

  @Test("every profile has a name of its own") func names() {
    #expect(Set(Profile.allCases.map(\.name)).count == Profile.allCases.count)
    #expect(Profile.allCases.allSatisfy { Profile(name: $0.name) == $0 })
    #expect(Profile(name: "multical") == nil)
  }

  @Test("a family changes plain records of no other quantities than it says", arguments: Profile.allCases)
  func plainQuantities(_ profile: Profile) {
    for quantity in MBusQuantity.allCases where profile.plainQuantities >> UInt128(quantity.rawValue) & 1 == 0 {
      for (isElectric, coding) in [(false, 0x01), (true, 0x05), (true, 0x0C)] as [(Bool, UInt8)] {
        guard quantity.plainName(isElectric: isElectric) != nil else { continue }
        let context = MBusContext(records: [], bytes: [coding, 0x13, 0x99, 0x99, 0x99, 0x99])
        for place in 0..<8 as Range<UInt16> {
          let record = MBusRecord(
            value: .number(FixedDecimal(127)), function: place > 4 ? .minimum : .instantaneous, kind: .data,
            quantity: quantity, storage: UInt64(place % 3), tariff: UInt32(place % 4), subunit: place,
            dib: ByteRange(from: 0, to: 1), vib: ByteRange(from: 1, to: 2), data: ByteRange(from: 2, to: 6),
            unit: .wattHour, phase: .none, quadrant: 0, modifiers: [])
          let before = MBusNaming(record, FixedDecimal(127), .of(isElectric ? .electricity : .heat))
          var naming = before
          profile.family.rename(&naming, record, context)
          #expect(naming.key == before.key && naming.number == before.number, "\(quantity)")
          #expect(naming.unit == before.unit && naming.absence == nil, "\(quantity)")
        }
      }
    }
  }
}
