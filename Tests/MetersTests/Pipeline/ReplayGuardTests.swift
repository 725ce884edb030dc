import Decoders
import Testing

@testable import Base
@testable import Meters

/// A guard, and telegrams of one sender.
private final class Line {
  var replays: ReplayGuard
  var now = Instant(milliseconds: 1_000_000)
  var isVerified = true
  var hasValue = true

  init(_ counters: FrameCounter...) { replays = ReplayGuard(counters) }

  /// Sends a telegram with a counter and the minute of the meter's clock; true if it is believed.
  func send(_ counter: UInt32, _ clock: Int? = nil, sender: UInt64 = 7, after: Milliseconds = 1000) -> Bool {
    verdict(counter, clock, sender: sender, after: after).isNew
  }

  func verdict(
    _ counter: UInt32, _ clock: Int? = nil, sender: UInt64 = 7, after: Milliseconds = 1000
  ) -> ReplayGuard.Verdict {
    now = now + after
    let time = clock.flatMap { MeterTime(year: 2026, month: 1, day: 15, hour: 10, minute: $0, offset: 60) }
    var reading = Reading(meter: MeterIdentity(medium: .electricity), time: time)
    if hasValue { reading.fields = [Field(FieldKey(.power), .number(FixedDecimal(472)), .watt)] }
    let telegram = Telegram(bytes: [], content: Nothing(), readings: [reading])
    let seal = TelegramSeal(sender: sender, counter: counter, isVerified: isVerified, frame: [])
    return replays.check(seal, of: telegram, now: now)
  }

  func accept() -> [String] { replays.accept() }

  /// Sends telegrams with a counter and a clock each.
  func row(_ telegrams: [(UInt32, Int?)]) -> [Bool] { telegrams.map { send($0.0, $0.1) } }
}

private struct Nothing: TelegramContent {}

extension ReplayGuard.Verdict {
  fileprivate var isNew: Bool { if case .new = self { true } else { false } }
  fileprivate var notice: String? { if case .new(let notice) = self { notice } else { nil } }
}

/// 10:00 +01:00 on that day.
private let ten: Int64 = 1_768_467_600

@Suite struct ReplayGuardTests {
  @Test("a frame counter that does not rise is a replay") func rising() {
    let line = Line()
    #expect(
      line.row([(5, 0), (6, 1), (100, 1), (100, 1), (99, 0), (101, 2)]) == [true, true, true, false, false, true])
    #expect(line.replays.counters == [FrameCounter(sender: 7, value: 101, clock: ten + 120)])
    let later = Line(FrameCounter(sender: 7, value: 101, clock: ten + 120))
    #expect(
      later.verdict(101, 2)
        == .replayed(DecodeError(.replayed, at: 0, expected: 101, found: 101)))
    #expect(later.send(102, 3))
  }

  @Test("a row of recorded telegrams never gets through") func recordedRow() {
    let line = Line()
    let row = (0..<40).map { (UInt32(1000 + $0), Int?($0)) }
    let first = line.row(row)
    #expect(!first.contains(false))
    for _ in 0..<3 {
      let again = line.row(row)
      #expect(!again.contains(true))
    }
    // Neither with hours between them, nor with the meter's own in between.
    for (index, telegram) in row.enumerated() {
      #expect(!line.send(telegram.0, telegram.1, after: .minutes(90)))
      #expect(line.send(2000 + UInt32(index), 50))
    }
  }

  @Test("a lower counter counts with a later time of the meter") func reset() {
    let line = Line(FrameCounter(sender: 7, value: 1000, clock: ten))
    let verdict = line.verdict(1, 1)
    #expect(verdict.notice?.contains("began again at 1 after 1000") == true)
    #expect(line.row([(2, 2), (3, 3)]) == [true, true])
    // What was recorded before the reset has higher counters now, but not a later time.
    #expect(line.row([(998, 0), (1000, 0), (4, 3), (5, nil), (999, 0)]) == [false, false, false, true, false])
    #expect(line.replays.counters == [FrameCounter(sender: 7, value: 5, clock: ten + 180, former: 1000)])
  }

  @Test("a counter that stays is told apart by the time, and said once") func standing() {
    let line = Line()
    #expect(line.send(0, 0))
    let verdict = line.verdict(0, 1)
    #expect(verdict.notice?.contains("stays at 0") == true)
    #expect(line.verdict(0, 2) == .new(notice: nil))
    #expect(line.row([(0, 2), (0, 1), (0, 0), (0, nil), (0, 3)]) == [false, false, false, false, true])
  }

  @Test("without a clock an hour of rising telegrams is needed") func trial() {
    let line = Line(FrameCounter(sender: 7, value: 1000))
    for counter in 1...59 { #expect(!line.send(UInt32(counter), after: .minutes(1))) }
    // One telegram at the old count ends the trial.
    #expect(line.send(1001))
    for counter in 100...160 { #expect(!line.send(UInt32(counter), after: 58_000)) }
    #expect(!line.send(160, after: .minutes(2)), "it did not rise")
    for counter in 161...220 { #expect(!line.send(UInt32(counter), after: 59_000)) }
    let verdict = line.verdict(221, after: .minutes(1))
    #expect(verdict.notice?.contains("rising for an hour") == true)
    #expect(line.send(222))
  }

  @Test("a meter with a clock is never believed for an hour of old times") func trialWithClock() {
    let line = Line(FrameCounter(sender: 7, value: 1000, clock: ten + 3000))
    for counter in 1...200 { #expect(!line.send(UInt32(counter), counter % 50, after: .minutes(1))) }
  }

  @Test("the user accepts the count of a meter without a clock") func accept() {
    let line = Line(FrameCounter(sender: 7, value: 1000))
    #expect(line.accept() == [])
    #expect(!line.send(5))
    #expect(line.accept() == ["frame counter 5 of meter 0000000000000007"])
    #expect(line.accept() == [])
    #expect(line.row([(5, nil), (6, nil), (7, nil)]) == [false, true, true])
  }

  @Test("a telegram that proves nothing moves no counter") func proof() {
    let line = Line(FrameCounter(sender: 7, value: 1000, clock: ten))
    line.isVerified = false
    line.hasValue = false
    #expect(line.send(.max))
    #expect(line.send(1, sender: 8))
    #expect(line.replays.counters == [FrameCounter(sender: 7, value: 1000, clock: ten)])
    line.hasValue = true
    #expect(line.send(1001, 1))
    line.isVerified = true
    line.hasValue = false
    #expect(line.send(1002, 2))
    #expect(line.replays.counters == [FrameCounter(sender: 7, value: 1002, clock: ten + 120)])
  }

  @Test("every sender counts for itself, and only so many are remembered") func senders() {
    let line = Line()
    for sender in UInt64(1)...20 { #expect(line.send(100, sender: sender)) }
    #expect(line.replays.counters.count == ReplayGuard.limit)
    #expect(!line.send(100, sender: 20))
    #expect(line.send(1, sender: 1))
  }
}
