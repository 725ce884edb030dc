import Testing

@testable import Base
@testable import Meters

@Suite struct MBusRoundTests {
  private static let second = Instant(milliseconds: 1000)

  /// A round that has told its first summary at second 1.
  private static func told(_ answered: [Bool]) -> MBusRound {
    var round = MBusRound(meters: answered.count)
    for (meter, isGood) in answered.enumerated() { round.gaveBack(meter, after: 500, answered: isGood, now: second) }
    _ = round.summary(now: second)
    return round
  }

  @Test("the first summary waits for every meter") func first() {
    var round = MBusRound(meters: 3)
    round.gaveBack(0, after: 300, answered: true, now: Self.second)
    round.gaveBack(1, after: 3000, answered: nil, now: Self.second)
    round.gaveBack(2, after: 400, answered: true, now: Self.second)
    #expect(round.summary(now: Self.second) == nil)
    round.gaveBack(1, after: 3000, answered: false, now: Self.second)
    #expect(round.summary(now: Self.second) == MBusRound.Summary(meters: 3, missing: [1], time: 6700))
    #expect(round.summary(now: Self.second) == nil && round.deadline == nil)
  }

  @Test("a meter alone on its bus does not need a summary") func alone() {
    var round = MBusRound(meters: 1)
    round.gaveBack(0, after: 300, answered: false, now: Self.second)
    #expect(round.summary(now: Self.second) == nil)
  }

  @Test("the same result is not told again") func unchanged() {
    var round = Self.told([true, false])
    for minute in 1...100 as ClosedRange<Int64> {
      let now = Self.second + .minutes(minute)
      round.gaveBack(0, after: 500, answered: true, now: now)
      round.gaveBack(1, after: 500, answered: false, now: now)
      #expect(round.summary(now: now) == nil)
    }
  }

  @Test("a change is told when each meter was asked again") func change() {
    var round = Self.told([true, true, true])
    let now = Self.second + 20_000
    round.gaveBack(2, after: 6000, answered: false, now: now)
    #expect(round.summary(now: now) == nil)
    round.gaveBack(0, after: 500, answered: true, now: now)
    round.gaveBack(1, after: 500, answered: false, now: now)
    #expect(round.summary(now: now)?.missing == [1, 2])
  }

  @Test("a change is told after a minute in any case") func slowChange() {
    var round = Self.told([true, true])
    let now = Self.second + 20_000
    round.gaveBack(1, after: 6000, answered: false, now: now)
    #expect(round.deadline == now + .minutes(1))
    #expect(round.summary(now: now + 59_999) == nil)
    #expect(round.summary(now: now + .minutes(1))?.missing == [1])
  }

  @Test("a change that is over is not told") func changeAndBack() {
    var round = Self.told([true, true])
    round.gaveBack(1, after: 6000, answered: false, now: Self.second + 20_000)
    round.gaveBack(1, after: 500, answered: true, now: Self.second + 30_000)
    #expect(round.deadline == nil)
  }

  @Test("a meter that comes and goes for days does not fill the log, and its last state is told") func flapping() {
    var round = Self.told([true, true])
    var summaries: [MBusRound.Summary] = []
    var now = Self.second
    for poll in 0..<2 * 24 * 60 {
      now = now + .minutes(1)
      round.gaveBack(0, after: 500, answered: true, now: now)
      round.gaveBack(1, after: 500, answered: poll % 4 < 2, now: now)
      if let summary = round.summary(now: now) { summaries.append(summary) }
    }
    #expect((10...60).contains(summaries.count), "\(summaries.count)")
    round.gaveBack(1, after: 500, answered: false, now: now)
    for _ in 0..<61 {
      now = now + .minutes(1)
      round.gaveBack(0, after: 500, answered: true, now: now)
      if let summary = round.summary(now: now) { summaries.append(summary) }
    }
    #expect(summaries.last?.missing == [1])
  }

  @Test("the master tells of a missing meter, and that it is back") func master() {
    let slaves = (1...3).map { ScriptedSlave(address: UInt8($0), pages: [[0x04, 0x06, 0x88, 0x04, 0x00, 0x00]]) }
    slaves[1].isSilent = true
    var bus = ScriptedBus(slaves, interval: .seconds(15))
    bus.open()
    bus.run(.seconds(40))
    #expect(bus.summaries.map(\.missing) == [[1]])
    #expect((9000...11_000).contains(bus.summaries[0].time.count), "\(bus.summaries)")
    slaves[1].isSilent = false
    bus.run(.minutes(2))
    #expect(bus.summaries.map(\.missing) == [[1], []])
    #expect((200...600).contains(bus.summaries[1].time.count), "\(bus.summaries)")
  }

  @Test("a crowded bus tells of its missing meter within half a minute") func crowded() {
    let slaves = (1...12).map { ScriptedSlave(address: UInt8($0), pages: [[0x04, 0x06, 0x88, 0x04, 0x00, 0x00]]) }
    slaves[4].isSilent = true
    var bus = ScriptedBus(slaves, interval: .seconds(1))
    bus.open()
    bus.run(.seconds(30))
    #expect(bus.summaries.map(\.missing) == [[4]])
  }
}
