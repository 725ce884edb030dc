import Decoders
import Testing

@testable import Base
@testable import MeterBridge
@testable import Meters

@Suite struct LifeNoticesTests {
  private static func notices(_ ids: String...) -> LifeNotices {
    LifeNotices(
      ids.map { MeterSettings(id: $0, meterProtocol: .mbus, source: .tcp(host: "gw", port: 1), sourceText: "tcp://gw") }
    )
  }

  private static func publication(_ id: String, parent: String? = nil, isFromTelegram: Bool = true) -> MeterOutput {
    let device = Device(
      id: id, parent: parent, name: nil, manufacturer: nil, model: nil, serial: nil, medium: .heat, protocolName: "mbus"
    )
    return .publication(
      Publication(
        device: device, fields: [], reading: nil, received: WallTime(milliseconds: 0), isFromTelegram: isFromTelegram))
  }

  private static func texts(_ outputs: [MeterOutput]) -> [String] {
    outputs.compactMap { if case .log(_, let text) = $0 { text } else { nil } }
  }

  private static func at(_ minutes: Int64) -> Instant { Instant(milliseconds: 1) + .minutes(minutes) }

  @Test("what is unknown of a meter is left out") func unknownMeter() {
    var notices = Self.notices("heat")
    #expect(Self.texts(notices.heard(0, 1, [Self.publication("heat", isFromTelegram: false)], now: Self.at(0))).isEmpty)
    #expect(
      Self.texts(notices.heard(0, 1, [Self.publication("heat")], now: Self.at(0))) == ["heat: first telegram: 0 values"]
    )
  }

  @Test("an outage that was told ends with its length, each time") func toldOutage() {
    var notices = Self.notices("heat")
    _ = notices.heard(0, 1, [Self.publication("heat")], now: Self.at(0))
    for round in 1...3 as ClosedRange<Int64> {
      notices.isMissed(0)
      #expect(
        Self.texts(notices.heard(0, 1, [Self.publication("heat")], now: Self.at(12 * round))) == [
          "heat: again after 12 min"
        ])
    }
    #expect(notices.heard(0, 1, [Self.publication("heat")], now: Self.at(48)).isEmpty)
  }

  @Test("a meter that is missed before its first telegram has no return") func missedFirst() {
    var notices = Self.notices("heat")
    notices.isMissed(0)
    #expect(Self.texts(notices.heard(0, 1, [Self.publication("heat")], now: Self.at(5))).count == 1)
    #expect(notices.heard(0, 1, [Self.publication("heat")], now: Self.at(6)).isEmpty)
  }

  @Test("the return of a bus with many meters is one line") func bus() {
    var notices = Self.notices("heat", "water")
    for meter in 0...1 {
      #expect(notices.heard(meter, 1, [Self.publication(["heat", "water"][meter])], now: Self.at(0)).count == 1)
    }
    notices.isMissed()
    notices.note(["heat", "water"].map { .availability(device: $0, online: false) })
    #expect(
      Self.texts(notices.heard(1, 1, [Self.publication("water")], now: Self.at(30))) == [
        "tcp://gw: telegrams again after 30 min"
      ])
    #expect(notices.heard(0, 1, [Self.publication("heat")], now: Self.at(30)).isEmpty)
    // One of them alone is the summary's.
    notices.isMissed(0)
    #expect(notices.heard(0, 1, [Self.publication("heat")], now: Self.at(60)).isEmpty)
  }

  @Test("one damaged telegram is not a share, and others' telegrams are not damaged") func singleDamage() {
    var notices = Self.notices("heat")
    notices.rejected(0, [1], DecodeError(.otherMeter, at: 0), now: Self.at(0))
    notices.rejected(0, [1], DecodeError(.noise, at: 0, found: 1), now: Self.at(0))
    #expect(notices.deadline == nil)
    notices.rejected(0, [1], DecodeError(.truncated, at: 0), now: Self.at(0))
    #expect(notices.deadline == Self.at(60) && notices.due(now: Self.at(60)).isEmpty && notices.deadline == nil)
    for minute in 61...70 as ClosedRange<Int64> {
      notices.rejected(0, [1], DecodeError(.checksumMismatch, at: 0), now: Self.at(minute))
      notices.rejected(0, [1, 2, 3], DecodeError(.noise, at: 0, found: 3), now: Self.at(minute))
      _ = notices.heard(0, 2, [], now: Self.at(minute))
    }
    #expect(notices.due(now: Self.at(120)).isEmpty)
    #expect(
      Self.texts(notices.due(now: Self.at(121))) == [
        "heat: 10 of 30 telegrams were damaged in the last hour, and 30 bytes came between telegrams; a shorter cable or "
          + "another adapter may help"
      ])
  }

  @Test("a few damaged telegrams of a hundred are usual at an optical head, and more are a warning about the head")
  func opticalDamage() {
    func told(_ damaged: Int) -> [String] {
      let settings = MeterSettings(
        id: "house", meterProtocol: .sml, source: .serial(path: "/dev/x"), sourceText: "/dev/x")
      var notices = LifeNotices([settings])
      for _ in 0..<damaged { notices.rejected(0, [1], DecodeError(.checksumMismatch, at: 0), now: Self.at(0)) }
      _ = notices.heard(0, 100 - damaged, [], now: Self.at(1))
      return notices.due(now: Self.at(60)).compactMap {
        if case .log(let level, let text) = $0 { "\(level) \(text)" } else { nil }
      }
    }
    #expect(told(20) == ["info house: 20 of 100 telegrams were damaged in the last hour, which is usual"])
    #expect(
      told(21) == [
        "warning house: 21 of 100 telegrams were damaged in the last hour; turn the head a little, clean the eye, and keep "
          + "light away from it"
      ])
  }
}
