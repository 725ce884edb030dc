import Testing

@testable import Base
@testable import Meters

@Suite struct AskedReadoutsTests {
  /// How many of so many requests, one every so often, are granted.
  private static func granted(
    _ requests: Int, every pause: Milliseconds, interval: Milliseconds, from start: Instant = .past
  ) -> Int {
    var asked = AskedReadouts()
    return (0..<requests).count { asked.take(interval: interval, now: start + Milliseconds(pause.count * Int64($0))) }
  }

  @Test("five at once, then one in 10 s or in a tenth of the interval")
  func budget() {
    #expect(Self.granted(100, every: 0, interval: .seconds(15)) == 5)
    #expect(Self.granted(100, every: .seconds(1), interval: .seconds(15)) == 5 + 9)
    #expect(Self.granted(900, every: .seconds(1), interval: .minutes(15)) == 5 + 9)
    #expect(Self.granted(100, every: .seconds(10), interval: .seconds(15)) == 100)
    #expect(Self.granted(100_000, every: 1, interval: .minutes(15)) == 5 + 1)
  }

  @Test("a pause fills the budget, and never more") func pause() {
    var asked = AskedReadouts()
    let later = Instant.past + .minutes(600)
    for now in [Instant.past, later] {
      #expect((0..<10).count { _ in asked.take(interval: .minutes(1), now: now) } == 5)
    }
  }
}
