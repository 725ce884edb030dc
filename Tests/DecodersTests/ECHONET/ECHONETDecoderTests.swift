import Testing

@testable import Decoders

@Suite struct ECHONETDecoderTests {
  @Test("later readings have what the meter has said of itself") func identity() throws {
    var decoder = ECHONETDecoder()
    let frame = ECHONETBuilder.frame(
      .getResponse,
      [(0x82, [0, 0, 0x52, 1]), (0x8A, [0, 0, 0x16]), (0x8D, Array("AB 123".utf8) + [0, 0, 0, 0, 0, 0])])
    _ = try ECHONETBuilder.telegram(frame, &decoder)
    let reading = try #require(try ECHONETBuilder.telegram(ECHONETBuilder.frame(0xE7, [0, 0, 0, 1]), &decoder))
      .readings[0]
    #expect(reading.meterNumber == "AB 123")
    #expect(reading.manufacturerName == "000016")
    #expect(reading.modelName == "Smart meter, release R")
    #expect(reading.meter.medium == .electricity)
  }

  @Test("a time is that of all values or of none") func time() throws {
    // A value without a stamp beside them is not of that moment.
    let mixed = ECHONETBuilder.frame(
      .getResponse, [(0xEA, ECHONETBuilder.stamp(0, 0) + ECHONETBuilder.big(1)), (0xE7, [0, 0, 0, 1])])
    let telegram = try #require(try ECHONETBuilder.telegram(mixed))
    #expect(telegram.readings[0].time == nil)
    guard case .stamped(let time, _)? = telegram.echonetRecords.first?.value else { Issue.record("no stamp"); return }
    #expect(time?.offset == 540)
    // The clock was never set: the value stands, without a time.
    let unset = ECHONETBuilder.frame(0xEA, [0x07, 0xE9, 2, 30, 0, 0, 0] + ECHONETBuilder.big(1))
    #expect(try ECHONETBuilder.telegram(unset)?.readings[0].time == nil)
    #expect(try ECHONETBuilder.telegram(unset)?.fieldLines() == ["energy_import_scheduled: 0.1 kWh"])
  }

  @Test("histories are records") func histories() throws {
    let day = ECHONETBuilder.frame(0xE2, [0, 3] + (0..<48).flatMap { ECHONETBuilder.big($0 == 47 ? 0xFFFF_FFFE : $0) })
    guard case .day(3, let slots)? = try ECHONETBuilder.telegram(day)?.echonetRecords.first?.value else {
      Issue.record("no history")
      return
    }
    #expect(slots.count == 48)
    #expect(slots[11] == .number(FixedDecimal(11, exponent: -1)))
    #expect(slots[47] == .absent(.noData))
    let two = [40, 4, 30, 3].flatMap { ECHONETBuilder.big($0) }
    let back = ECHONETBuilder.frame(0xEC, ECHONETBuilder.stamp(9, 30, second: [2]) + two)
    let record = try ECHONETBuilder.telegram(back)?.echonetRecords.first
    guard case .history(let time, stepMinutes: 30, let pairs)? = record?.value else {
      Issue.record("no history")
      return
    }
    #expect(time?.description == "2025-03-31T09:30:00+09:00")
    #expect(pairs.map(\.normal) == [.number(FixedDecimal(40, exponent: -1)), .number(FixedDecimal(30, exponent: -1))])
    #expect(try ECHONETBuilder.telegram(day)?.fieldLines() == [])
    // Three announced, two there.
    let short = ECHONETBuilder.frame(0xEC, ECHONETBuilder.stamp(9, 30, second: [3]) + two)
    #expect(try ECHONETBuilder.telegram(short)?.issues.map(\.code) == [.lengthMismatch])
  }

  @Test("a value that a setting repeats is not a reading") func settings() throws {
    let refused = ECHONETBuilder.frame(.setIRefused, [(0xE0, ECHONETBuilder.big(7))])
    #expect(try ECHONETBuilder.telegram(refused)?.fieldLines() == [])
    #expect(try ECHONETBuilder.telegram(refused)?.echonetRecords.count == 1)
  }
}
