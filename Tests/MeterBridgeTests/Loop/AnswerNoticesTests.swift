import Testing

@testable import Base
@testable import MeterBridge
@testable import Meters

@Suite struct AnswerNoticesTests {
  private static let now = Instant(milliseconds: 1000)

  private static func notices(_ ids: String...) -> AnswerNotices { AnswerNotices(ids.map(settings)) }

  private static func settings(_ id: String) -> MeterSettings {
    MeterSettings(id: id, meterProtocol: .mbus, source: .tcp(host: "gw", port: 1), sourceText: "tcp://gw")
  }

  private static func texts(_ outputs: [MeterOutput]) -> [String] {
    outputs.compactMap { if case .log(_, let text) = $0 { text } else { nil } }
  }

  @Test("a meter alone on its bus is missed once, until it has answered") func alone() {
    var notices = Self.notices("heat")
    #expect(
      Self.texts(notices.failed(0, tries: 4, .silence, now: Self.now)) == [
        "heat: no answer after 4 tries; check its address, the wiring and the line settings"
      ])
    #expect(notices.failed(0, tries: 4, .silence, now: Self.now).isEmpty)
    _ = notices.answered(0)
    #expect(notices.failed(0, tries: 4, .silence, now: Self.now + .minutes(61)).count == 1)
  }

  @Test("on a bus each missing meter is told in the first round, then only the sum") func bus() {
    var notices = Self.notices("heat", "water", "gas")
    // Until a meter answers the bus may be dead.
    #expect(notices.failed(1, tries: 4, .silence, now: Self.now).isEmpty)
    #expect(
      Self.texts(notices.answered(0)) == [
        "water: no answer after 4 tries; check its address, the wiring and the line settings"
      ])
    #expect(notices.answered(2).isEmpty)
    #expect(
      Self.texts(notices.summed(MBusRound.Summary(meters: 3, missing: [1], time: 24_300))) == [
        "tcp://gw: 2 of 3 meters answered; a round takes 24 s; missing: water"
      ])
    #expect(notices.failed(2, tries: 4, .silence, now: Self.now).isEmpty)
    _ = notices.answered(1)
    #expect(
      Self.texts(notices.summed(MBusRound.Summary(meters: 3, missing: [], time: 1240))) == [
        "tcp://gw: 3 of 3 meters answered; a round takes 1.2 s"
      ])
  }

  @Test("a dead bus is one line and not one for each meter, and so is its return") func dead() {
    var notices = AnswerNotices((0..<60).map { Self.settings("m\($0)") })
    var told: [String] = []
    for meter in 0..<10 { told += Self.texts(notices.failed(meter, tries: 1, .silence, now: Self.now)) }
    #expect(told.isEmpty && !notices.isDead)
    told += Self.texts(notices.changed(to: .silent, now: Self.now))
    for meter in 0..<60 { told += Self.texts(notices.failed(meter, tries: 1, .silence, now: Self.now)) }
    told += Self.texts(notices.summed(MBusRound.Summary(meters: 60, missing: Array(0..<60), time: 9000)))
    #expect(notices.isDead)
    #expect(
      told == [
        "tcp://gw: none of the 60 meters on this bus answers; is the level converter plugged in and powered, and are both "
          + "wires of the bus connected?"
      ])
    let back = Self.texts(notices.changed(to: .good, now: Self.now + .seconds(95))) + Self.texts(notices.answered(3))
    #expect(back == ["tcp://gw: the bus answers again after 95 s"])
    #expect(!notices.isDead)
  }

  @Test("a meter alone on its bus is called so") func deadAlone() {
    var notices = Self.notices("heat")
    let text = Self.texts(notices.changed(to: .silent, now: Self.now)).first ?? ""
    #expect(text.hasPrefix("tcp://gw: the only meter on this bus does not answer; is the level converter plugged in"))
  }

  @Test("a short is told with the line settings") func disturbed() throws {
    var notices = Self.notices("heat", "water")
    let text = try #require(Self.texts(notices.changed(to: .disturbed, now: Self.now)).first)
    #expect(text.contains("only damaged bytes come; look for a short") && text.hasSuffix("(2400 8E1)"))
  }

  @Test("a long list of missing meters is cut") func manyMissing() throws {
    var notices = AnswerNotices((1...40).map { Self.settings("m\($0)") })
    let text = try #require(
      Self.texts(notices.summed(MBusRound.Summary(meters: 40, missing: Array(0..<12), time: 9960))).first)
    let names = (1...10).map { "m\($0)" }.joined(separator: ", ")
    #expect(text == "tcp://gw: 28 of 40 meters answered; a round takes 10 s; missing: \(names) and 2 more")
  }

  @Test("other meters are named by their dead letters, and not called silence") func strangers() {
    var notices = Self.notices("heat")
    #expect(notices.failed(0, tries: 1, .strangers, now: Self.now).isEmpty)
  }

  @Test("requests that are left out are told once an hour, with their number") func refusedReadouts() throws {
    var notices = Self.notices("heat")
    #expect(
      Self.texts(notices.refused(0, now: Self.now)) == [
        "heat: a request to read it is left out; after five at once, …/read reads it once in 10 s or a tenth of its "
          + "interval"
      ])
    for _ in 0..<99 { #expect(notices.refused(0, now: Self.now + .minutes(1)).isEmpty) }
    let text = try #require(Self.texts(notices.refused(0, now: Self.now + .minutes(60))).first)
    #expect(text.hasPrefix("heat: 100 requests to read it are left out"))
  }

  @Test("damaged answers get a hint of their own, on a bus too") func damage() throws {
    var notices = Self.notices("heat", "water")
    _ = notices.answered(1)
    _ = notices.summed(MBusRound.Summary(meters: 2, missing: [], time: 500))
    let text = try #require(Self.texts(notices.failed(0, tries: 4, .damage, now: Self.now)).first)
    #expect(text.contains("do several meters answer at once?"))
    _ = notices.answered(0)
    #expect(notices.failed(0, tries: 4, .damage, now: Self.now + .minutes(1)).isEmpty)
  }
}
