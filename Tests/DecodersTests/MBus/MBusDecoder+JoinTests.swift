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

  @Test("only telegrams of one meter are joined") func otherMeter() throws {
    let water = try MBusBuilder.decoded(MBusBuilder.answer([0x01, 0x13, 0x05])).get()
    var other = MBusBuilder.answer([0x01, 0x13, 0x05])
    other[7] = 0x79
    #expect(MBusDecoder.join([water, try MBusBuilder.decoded(MBusBuilder.resealed(other)).get()]) == nil)
    #expect(MBusDecoder.join([]) == nil)
    #expect(MBusDecoder.join([water])?.bytes == water.bytes)
  }
}
