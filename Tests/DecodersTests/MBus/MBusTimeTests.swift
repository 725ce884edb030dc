import Testing

@testable import Decoders

@Suite struct MBusTimeTests {
  @Test(
    "a day of every year or month is no date, and neither is a clock that was never set",
    arguments: [
      // 31 December, of 2025 and of every year; the first of every month; every day of May; unset; 30 February.
      (0x3C3F as UInt64, nil), (0xFCFF, .recurring), (0x3F21, .recurring), (0x3520, .recurring), (0, .invalidTime),
      (0xFFFF, .invalidTime), (0x323E, .invalidTime),
    ] as [(UInt64, Field.Absence?)])
  func recurring(_ date: UInt64, _ reason: Field.Absence?) {
    // The date alone, and behind 12:30 and 12:30:15.
    for (raw, count) in [(date, 2), (date << 16 | 0x0C1E, 4), (date << 24 | 0x0C1E0F, 6)] {
      switch MBusTime.value(raw, count, at: 0) {
      case .absent(let found): #expect(found == reason)
      case .time(let time): #expect(reason == nil && time.year == 2025 && time.month == 12 && time.day == 31)
      default: Issue.record("neither a time nor its absence")
      }
    }
    #expect(MBusTime.value(0x3C3F_0C9E, 4, at: 0) == .absent(.invalidTime), "marked as invalid")
  }
}
