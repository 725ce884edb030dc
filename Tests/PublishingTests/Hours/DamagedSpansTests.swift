import Base
import Publishing
import Testing

/// A time by its minutes since some hour.
private func time(_ minutes: Int64) -> WallTime {
  WallTime(milliseconds: 498_000 * WallTime.hourLength + minutes * 60_000)
}

@Suite("Outages that damage hours") struct DamagedSpansTests {
  private var spans = DamagedSpans()

  private mutating func due(_ minute: Int64) -> [Int64]? {
    spans.due(at: time(minute)).map { [$0.firstHour - 498_000, $0.returnHour - 498_000] }
  }

  @Test("an outage of the broker is due a minute after the end of its return hour") mutating func broker() {
    spans.lose(.broker, at: time(20))
    spans.lose(.broker, at: time(30))
    spans.find(.broker, at: time(160))
    #expect(due(180) == nil)
    #expect(due(181) == [0, 2])
    #expect(due(182) == [0, 2])
    spans.finish(DamagedSpan(from: time(18), until: time(161)), isDone: true, at: time(182))
    #expect(due(183) == nil)
  }

  @Test("an outage that is noticed late has begun in the hour before") mutating func late() {
    spans.lose(.homeAssistant, at: time(61))
    spans.find(.homeAssistant, at: time(90))
    #expect(due(121) == [0, 1])
    spans.lose(.broker, at: time(365), notice: .minutes(10))
    spans.find(.broker, at: time(370))
    #expect(spans.spans.last?.firstHour == 498_005)
  }

  @Test("a clock that is set back makes no outage that ends before it begins") mutating func clockSetBack() {
    spans.lose(.broker, at: time(300))
    spans.find(.broker, at: time(20))
    #expect(spans.spans == [DamagedSpan(from: time(21), until: time(21))])
    spans = DamagedSpans()
    spans.begin(lastAlive: time(900), at: time(30))
    #expect(spans.since == time(30))
  }

  @Test("what ended ahead of a clock that was set back holds up no later outage") mutating func setBack() {
    spans.begin(lastAlive: time(10), at: time(100_000))
    spans.find(.broker, at: time(100_000))
    #expect(due(20) == nil)
    spans.lose(.broker, at: time(200))
    spans.find(.broker, at: time(250))
    #expect(due(310) == [3, 4])
  }

  @Test("an outage inside of one hour damages nothing") mutating func short() {
    spans.lose(.broker, at: time(20))
    spans.find(.broker, at: time(40))
    #expect(due(61) == nil)
    #expect(spans.spans.isEmpty)
  }

  @Test("Home Assistant is back a minute later than the broker") mutating func margin() {
    spans.lose(.broker, at: time(20))
    spans.find(.broker, at: time(59))
    #expect(due(120) == nil)
    #expect(due(121) == [0, 1])
  }

  @Test("Home Assistant's birth message after an outage of the broker makes it longer") mutating func lateBirth() {
    spans.lose(.broker, at: time(20))
    spans.find(.broker, at: time(30))
    _ = due(31)
    spans.find(.homeAssistant, at: time(150))
    #expect(due(181) == [0, 2])
    // Another birth without an absence before is one of the same Home Assistant.
    spans.finish(DamagedSpan(from: time(18), until: time(151)), isDone: true, at: time(182))
    spans.find(.homeAssistant, at: time(400))
    #expect(due(500) == nil)
  }

  @Test("from `offline` to `online` Home Assistant was away") mutating func birthTopic() {
    spans.lose(.homeAssistant, at: time(50))
    spans.find(.homeAssistant, at: time(130))
    #expect(due(181) == [0, 2])
  }

  @Test("a Home Assistant that said it goes is away until it says it is back, over restarts of bridge and broker")
  mutating func longAway() {
    spans.lose(.homeAssistant, at: time(50))
    for hours in [3, 6] as [Int64] {
      spans = DamagedSpans(spans: [], since: spans.since, gone: spans.gone)
      spans.begin(lastAlive: time(hours * 60), at: time(hours * 60 + 1))
      spans.find(.broker, at: time(hours * 60 + 1))
    }
    spans.lose(.broker, at: time(540))
    spans.find(.broker, at: time(541))
    spans.find(.homeAssistant, at: time(700))
    #expect(due(800) == [0, 11])
    // It was there meanwhile.
    spans.spans = []
    spans.begin(lastAlive: time(900), at: time(990))
    spans.find(.broker, at: time(991))
    spans.find(.homeAssistant, at: time(992))
    #expect(due(1090) == [15, 16])
  }

  @Test("outages that share an hour are repaired together, others after each other") mutating func merged() {
    spans.lose(.broker, at: time(20))
    spans.find(.broker, at: time(70))
    spans.lose(.homeAssistant, at: time(90))
    spans.find(.homeAssistant, at: time(130))
    #expect(spans.spans.count == 1)
    spans.lose(.broker, at: time(200))
    spans.find(.broker, at: time(250))
    #expect(spans.spans.count == 2)
    #expect(due(400) == [0, 2])
  }

  @Test("the time without the program is an outage from the last register on") mutating func bridgeAway() {
    spans.begin(lastAlive: time(10), at: time(200))
    #expect(due(300) == nil)
    spans.find(.broker, at: time(201))
    #expect(due(241) == [0, 3])
  }

  @Test("an outage that cannot be repaired does not hold up the next one") mutating func independent() {
    spans.lose(.broker, at: time(20))
    spans.find(.broker, at: time(70))
    spans.lose(.broker, at: time(200))
    spans.find(.broker, at: time(250))
    #expect(due(310) == [0, 1])
    spans.finish(spans.spans[0], isDone: false, at: time(310))
    #expect(due(310) == [3, 4])
  }

  @Test("a try that came too early waits for the next hour, for two days at most") mutating func patience() {
    spans.lose(.broker, at: time(20))
    spans.find(.broker, at: time(70))
    let span = spans.spans[0]
    #expect(due(121) != nil)
    spans.finish(span, isDone: false, at: time(122))
    #expect(due(130) == nil)
    #expect(due(181) != nil)
    #expect(due(71 + 48 * 60) != nil)
    #expect(due(72 + 48 * 60) == nil)
    #expect(spans.spans.isEmpty)
  }
}
