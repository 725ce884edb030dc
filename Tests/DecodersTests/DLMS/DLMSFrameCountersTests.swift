import Testing

@testable import Decoders

private let data = DLMSBuilder.kaifa()
private let title = SystemTitle(0x4B46_4D65_5012_3456)

private func counters(_ values: [UInt32], from last: UInt32? = nil) -> [DecodeError.Code?] {
  let known = last.map { [DLMSFrameCounter(title: title, value: $0)] } ?? []
  return DLMSBuilder.codes(DLMSBuilder.decoder(counters: known), values.map { DLMSBuilder.seal(data, counter: $0) })
}

@Suite struct DLMSFrameCountersTests {
  @Test("a frame counter that does not rise is a replay") func rise() {
    #expect(counters([5, 6, 100]) == [nil, nil, nil])
    #expect(counters([5, 5, 4, 6]) == [nil, .replayed, .replayed, nil])
    #expect(counters([5], from: 9) == [.replayed])
    #expect(counters([10], from: 9) == [nil])
  }

  @Test("a counter that began anew is believed with the third telegram") func restart() {
    #expect(counters([1, 2, 3, 4], from: 1000) == [.replayed, .replayed, nil, nil])
    #expect(counters([1, 1, 2, 2, 3], from: 1000) == [.replayed, .replayed, .replayed, .replayed, .replayed])
    #expect(counters([1, 2, 1001, 3], from: 1000) == [.replayed, .replayed, nil, .replayed])
    var decoder = DLMSBuilder.decoder(counters: [DLMSFrameCounter(title: title, value: 1000)])
    var telegrams: [Telegram] = []
    for value in UInt32(1)...3 {
      try? decoder.decode(DLMSBuilder.seal(data, counter: value).span, into: &telegrams)
    }
    #expect(telegrams.first?.dlmsHeader?.isCounterRestarted == true)
    #expect(decoder.counters == [DLMSFrameCounter(title: title, value: 3)])
  }

  @Test("every meter counts for itself, and only so many are remembered") func limit() throws {
    var counters = DLMSFrameCounters()
    for meter in UInt64(1)...20 { #expect(try !counters.accept(SystemTitle(meter), 100)) }
    #expect(counters.all.count == DLMSFrameCounters.limit)
    #expect(throws: DecodeError.self) { try counters.accept(SystemTitle(20), 100) }
    #expect(try !counters.accept(SystemTitle(1), 1))
  }
}
