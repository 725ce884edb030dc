import Testing

@testable import Decoders

/// What a sample cannot show: the samples of these families have everything else.
@Suite struct MBusProfileTests {
  @Test("a telegram that names its model goes before the name of the family, and the profile stays for the readout")
  func model() throws {
    let first = try #require(decoded("iem3000"))
    let second = try #require(decoded("iem3000-energies"))
    #expect(first.readings[0].modelName == "iEM3135")
    #expect(second.readings[0].modelName == "iEM3000")
    let joined = try #require(MBusDecoder.join([first, second]))
    #expect(joined.readings[0].modelName == "iEM3135")
    let names = joined.readings[0].fields.map { joined.readings[0].topicLevel($0) }
    #expect(names.contains("power_factor") && names.contains("reactive_energy_export"))
  }

  @Test("floats that repeat the registers of an iEM3000 keep their codes in a whole readout") func copies() throws {
    let parts = try ["iem3000", "iem3000-energies", "iem3000-floats"].map { try #require(decoded($0)) }
    let joined = try #require(MBusDecoder.join(parts))
    let lines = joined.fieldLines()
    #expect(lines.contains("energy_import: 12345.678 kWh") && lines.contains("mbus_05_03: 12345.625 kWh"))
    #expect(lines.contains("energy_import_l2: 4000.002 kWh") && !lines.contains { $0.hasPrefix("energy_import_2") })
    #expect(lines.contains("reactive_energy_export: 3.456 kvarh"))
  }

  @Test("a configured profile outlives the model in the telegram") func configured() throws {
    let text: [UInt8] = [0x0D, 0xFD, 0x0C, 0x01, 0x58]
    let profile = try #require(Profile(name: "multical603"))
    let parts = try [text, [0x01, 0xFF, 0x22, 0x08]].map {
      try MBusBuilder.decoded(MBusBuilder.answer($0, medium: 0x04), profile: profile).get()
    }
    let joined = try #require(MBusDecoder.join(parts))
    #expect(joined.lines.contains("info_code: 8"))
    #expect(joined.lines.contains("model: X"))
  }

  @Test("the maker's own codes stand behind the first FF, and never in a text or in a table's code")
  func makerCodes() throws {
    #expect(try codes([0xFF, 0x0A]) == [0x0A])
    #expect(try codes([0x83, 0xFF, 0x09]) == [0x09])
    #expect(try codes([0xFD, 0xC8, 0xFF, 0x81, 0x00]) == [0x01, 0x00])
    #expect(try codes([0xFF, 0xE0, 0xFF, 0x82, 0x15]) == [0x60, 0x7F, 0x02, 0x15])
    #expect(try codes([0xFD, 0x7F]) == [])
    #expect(try codes([0xFC, 0x01, 0xFF, 0x41]) == [])
    #expect(try codes([0x83, 0x41]) == [])
    #expect(try codes([0xFF, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x09]).count == 9)
  }

  @Test("a power factor beyond 1 tells the quadrant", arguments: [(1125, 875), (-1750, -250), (1000, 1000), (-1, -1)])
  func quadrants(_ register: Int64, _ factor: Int64) throws {
    let bits = (Float(register) / 1000).bitPattern
    let bytes = [UInt32(0), 8, 16, 24].map { UInt8(truncatingIfNeeded: bits >> $0) }
    let telegram = try MBusBuilder.decoded(
      MBusBuilder.answer([0x05, 0xFF, 0x0A] + bytes, medium: 0x02), profile: Profile(name: "iem3000")
    ).get()
    guard case .number(let number)? = telegram.readings[0].fields.last?.value else {
      Issue.record("\(telegram.lines)")
      return
    }
    #expect(number.isEqual(to: FixedDecimal(factor, exponent: -3)))
  }

  @Test("no header is of two families") func headers() {
    let all = Profile.families.flatMap { family in family.headers.map { (family.name.description, $0) } }
    for (index, (name, headers)) in all.enumerated() {
      for (other, others) in all[(index + 1)...] where headers.manufacturer == others.manufacturer {
        #expect(
          headers.media & others.media == 0 || !headers.versions.overlaps(others.versions), "\(name) and \(other)")
      }
    }
  }

  private func decoded(_ name: String) -> Telegram? {
    decodeAll([.frame(Sample.bytes(.mbus, name))], MBusDecoder()).telegrams.first
  }

  private func codes(_ vib: [UInt8]) throws -> [UInt8] {
    let telegram = try MBusBuilder.decoded(MBusBuilder.answer([0x01] + vib + [0x05])).get()
    let record = try #require((telegram.content as? MBusContent)?.records.first)
    let codes = MBusContext(records: [record], bytes: telegram.bytes).makerCodes(record)
    return (0..<codes.count).map { codes[$0] }
  }
}
