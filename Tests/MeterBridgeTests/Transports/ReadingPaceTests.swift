import Testing
import TestSupport

@testable import Base
@testable import MeterBridge
@testable import Meters

struct ReadingPaceTests {
  /// Whether it is read now without being ready.
  private func isRead(_ pace: inout ReadingPace, at now: Instant) -> Bool { pace.tick(now: now) }

  @Test("noise is read at full speed for a while, then with pauses") func pauses() {
    var pace = ReadingPace(isLimited: true, baud: nil)
    var now = Instant(milliseconds: 0)
    var read = 0
    while now < .past + .seconds(10) {
      _ = pace.tick(now: now)
      if let until = pace.restsUntil {
        now = until
      } else {
        pace.received(Limits.readBytes, now: now)
        read += Limits.readBytes
      }
    }
    #expect(read > Limits.noiseBytes + 60 * Limits.readBytes)
    #expect(read < Limits.noiseBytes + 70 * Limits.readBytes)
  }

  @Test("a telegram ends it") func telegram() {
    var pace = ReadingPace(isLimited: true, baud: nil)
    pace.received(2 * Limits.noiseBytes, now: .past)
    #expect(pace.restsUntil == .past + Limits.noisePause)
    pace.end()
    pace.received(Limits.noiseBytes, now: .past)
    #expect(pace.restsUntil == nil)
  }

  @Test("a line is read faster than it brings bytes", arguments: LineSettings.baudRates) func lines(baud: Int) {
    var pace = ReadingPace(isLimited: true, baud: baud)
    pace.received(2 * Limits.noiseBytes, now: .past)
    let rest = (pace.restsUntil ?? .past) - .past
    // Eight data bits with start and stop bit.
    #expect(Int(rest.count) * baud / 10_000 < Limits.readBytes)
    #expect(rest <= Limits.noisePause)
    pace.end()
    pace.received(120, canWait: true, now: .past)
    let gathering = (pace.restsUntil ?? .past) - .past
    #expect(Int(gathering.count) * baud / 10_000 < Limits.readBytes)
    #expect(gathering <= Limits.gathering)
  }

  @Test("a recording is read as fast as it can be") func recording() {
    var pace = ReadingPace(isLimited: false, baud: nil)
    pace.received(100 * Limits.noiseBytes, now: .past)
    #expect(pace.restsUntil == nil)
  }

  @Test("what nobody waits for gathers, and is read then", arguments: [nil, 57_600]) func gathering(baud: Int?) {
    var pace = ReadingPace(isLimited: true, baud: baud)
    pace.received(120, now: .past)
    #expect(pace.restsUntil == nil)
    #expect(!isRead(&pace, at: .past))
    pace.received(120, canWait: true, now: .past)
    #expect(pace.restsUntil == .past + Limits.gathering)
    pace.end()
    #expect(pace.restsUntil == .past + Limits.gathering)
    #expect(isRead(&pace, at: .past + Limits.gathering))
    #expect(pace.restsUntil == nil)
    #expect(!isRead(&pace, at: .past + Limits.gathering))
  }

  @Test("what else is due has to see first what has gathered") func early() {
    var pace = ReadingPace(isLimited: true, baud: nil)
    pace.received(120, canWait: true, now: .past)
    #expect(isRead(&pace, at: .past + 1))
    #expect(pace.restsUntil == nil)
  }

  @Test("more than a rest brings does not gather, and noise rests all the same") func flood() {
    var pace = ReadingPace(isLimited: true, baud: nil)
    pace.received(Limits.readBytes, canWait: true, now: .past)
    #expect(pace.restsUntil == nil)
    pace.received(2 * Limits.noiseBytes, canWait: true, now: .past)
    #expect(pace.restsUntil == .past + Limits.noisePause)
    #expect(!isRead(&pace, at: .past + 1))
  }
}
