import Testing

@testable import Decoders

private func records(_ telegram: Telegram) -> [MBusRecord] {
  let records = (telegram.content as? MBusContent)?.records ?? []
  return records
}

@Suite struct MBusDecoderJoinTests {
  @Test("the telegrams of a readout become one") func join() throws {
    let parts = try [
      [0x04, 0x13, 0x01, 0, 0, 0, 0x1F], [0x04, 0x13, 0x02, 0, 0, 0, 0x0D, 0xFD, 0x0C, 0x01, 0x58, 0x04],
    ]
    .map { try MBusBuilder.decoded(MBusBuilder.answer($0)).get() }
    let joined = try #require(MBusDecoder.join(parts))
    #expect(records(joined).count == 4)
    #expect(
      joined.lines == [
        "model: X", "number: 12345678", "medium: water", "status: ok", "volume: 0.001 m³", "volume_2: 0.002 m³",
        "issue: truncated",
      ])
    #expect(joined.bytes == parts[0].bytes + parts[1].bytes)
    #expect(joined.issues[0].offset == parts[0].bytes.count + parts[1].bytes.count - 2)
    #expect(!joined.moreRecordsFollow)
    for (index, record) in records(parts[1]).enumerated() {
      let moved = records(joined)[index + 2]
      #expect(joined.bytes[moved.vib.indices] == parts[1].bytes[record.vib.indices])
    }
  }

  @Test("sets of data that overlap tell a value once, and their records stay") func overlappingSets() throws {
    let energy: [UInt8] = [0x04, 0x06, 0x07, 0, 0, 0]
    let parts = try [
      energy + [0x04, 0x13, 0x01, 0, 0, 0], energy + [0x02, 0x59, 0x88, 0x13], energy + energy,
    ]
    .map { try MBusBuilder.decoded(MBusBuilder.answer($0)).get() }
    let joined = try #require(MBusDecoder.join(parts))
    #expect(records(joined).count == 6)
    #expect(joined.lines.count { $0.hasPrefix("energy") } == 1)
    #expect(joined.lines.count { $0.hasPrefix("volume") || $0.hasPrefix("flow_temperature") } == 2)
    // In one set the same register twice is two values.
    let twice = try #require(MBusDecoder.join(Array(parts.suffix(1)) + parts.prefix(1)))
    #expect(twice.lines.count { $0.hasPrefix("energy") } == 2)
  }

  @Test("telegrams with the most significant byte first become one as they are read alone") func joinReordered() throws
  {
    let header: [UInt8] = [0x00, 0x11, 0x22, 0x33, 0x52, 0x74, 0x01, 0x07, 0x05, 0x00, 0x00, 0x00]
    func answer(_ records: [UInt8]) -> [UInt8] {
      MBusFrame.long(control: 0x08, address: 1, information: 0x76, data: header + records).bytes
    }
    let parts = try [[0x02, 0x13, 0x01, 0x00, 0x1F], [0x02, 0xFD, 0x17, 0x12, 0x34, 0x0D, 0xFD, 0x0C, 2, 0x41, 0x42]]
      .map { try MBusBuilder.decoded(answer($0)).get() }
    let joined = try #require(MBusDecoder.join(parts))
    #expect(joined.bytes == parts[0].bytes + parts[1].bytes)
    #expect(
      joined.lines == [
        "model: AB", "number: 00112233", "medium: water", "status: ok", "volume: 0.256 m³", "error_flags: 1234",
      ])
  }

  @Test("only telegrams of one meter are joined") func otherMeter() throws {
    let water = try MBusBuilder.decoded(MBusBuilder.answer([0x01, 0x13, 0x05])).get()
    var other = MBusBuilder.answer([0x01, 0x13, 0x05])
    other[7] = 0x79
    #expect(MBusDecoder.join([water, try MBusBuilder.decoded(MBusBuilder.resealed(other)).get()]) == nil)
    #expect(MBusDecoder.join([]) == nil)
    #expect(MBusDecoder.join([water])?.bytes == water.bytes)
  }
}
