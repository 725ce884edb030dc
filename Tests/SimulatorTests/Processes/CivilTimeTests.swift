import Foundation
import Testing

@testable import Simulator

@Suite struct CivilTimeTests {
  /// Against the calendar of the system, over two centuries.
  @Test("the calendar agrees with the system")
  func calendar() throws {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = try #require(TimeZone(identifier: "UTC"))
    for second in stride(from: Int64(-1_000_000_000), to: 5_000_000_000, by: 7_654_321) {
      let date = Date(timeIntervalSince1970: Double(second))
      let expected = calendar.dateComponents([.year, .month, .day, .hour, .minute, .second, .weekday], from: date)
      let time = CivilTime(utc: second)
      #expect([time.year, time.month, time.day] == [expected.year, expected.month, expected.day], "\(second)")
      #expect([time.hour, time.minute, time.second] == [expected.hour, expected.minute, expected.second], "\(second)")
      #expect(expected.weekday == (time.weekday + 1) % 7 + 1, "\(second)")
      #expect(
        CivilTime.midnight(year: time.year, month: time.month, day: time.day) == second - Int64(time.secondOfDay))
    }
  }

  @Test("summer time agrees with the system")
  func summerTime() throws {
    let zone = try #require(TimeZone(identifier: "Europe/Amsterdam"))
    for second in stride(from: Int64(946_684_800), to: 2_000_000_000, by: 97_531) {
      let offset = zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(second)))
      #expect(LocalClock.central.isSummer(second) == (offset == 7200), "\(second)")
    }
    // The very seconds of 2026.
    #expect(!LocalClock.central.isSummer(1_774_745_999))
    #expect(LocalClock.central.isSummer(1_774_746_000))
    #expect(LocalClock.central.isSummer(1_792_889_999))
    #expect(!LocalClock.central.isSummer(1_792_890_000))
    #expect(!LocalClock.standard.isSummer(1_780_000_000))
  }

  @Test("months begin at local midnight")
  func months() {
    // 2026-07-14 12:00 UTC is in a month that began at 22:00 UTC on June 30th.
    #expect(LocalClock.central.monthStart(1_784_030_400) == 1_782_856_800)
    #expect(LocalClock.standard.monthStart(1_784_030_400) == 1_782_860_400)
  }

  @Test("totals keep what is less than a step")
  func remainders() {
    var total: Totalizer = 7
    for _ in 0..<10 { total.add(999, per: 1000) }
    #expect(total.count == 16)
    total.add(-5000, per: 1000)
    #expect(total.count == 16)
    total.add(10, per: 1000)
    #expect(total.count == 17)
  }
}
