import Testing
import TestSupport

@testable import Base
@testable import MeterBridge
@testable import Meters

struct NoiseLimiterTests {
  @Test("noise is read at full speed for a while, then with pauses") func pauses() {
    var limiter = NoiseLimiter(isLimited: true, baud: nil)
    var now = Instant(milliseconds: 0)
    var read = 0
    while now < .past + .seconds(10) {
      limiter.tick(now: now)
      if let until = limiter.restsUntil {
        now = until
      } else {
        limiter.received(Limits.readBytes, now: now)
        read += Limits.readBytes
      }
    }
    #expect(read > Limits.noiseBytes + 60 * Limits.readBytes)
    #expect(read < Limits.noiseBytes + 70 * Limits.readBytes)
  }

  @Test("a telegram ends it") func telegram() {
    var limiter = NoiseLimiter(isLimited: true, baud: nil)
    limiter.received(2 * Limits.noiseBytes, now: .past)
    #expect(limiter.restsUntil == .past + Limits.noisePause)
    limiter.end()
    limiter.received(Limits.noiseBytes, now: .past)
    #expect(limiter.restsUntil == nil)
  }

  @Test("a line is read faster than it brings bytes", arguments: LineSettings.baudRates) func lines(baud: Int) {
    var limiter = NoiseLimiter(isLimited: true, baud: baud)
    limiter.received(2 * Limits.noiseBytes, now: .past)
    let pause = (limiter.restsUntil ?? .past) - .past
    // Eight data bits with start and stop bit.
    #expect(Int(pause.count) * baud / 10_000 < Limits.readBytes)
    #expect(pause <= Limits.noisePause)
  }

  @Test("a recording is read as fast as it can be") func recording() {
    var limiter = NoiseLimiter(isLimited: false, baud: nil)
    limiter.received(100 * Limits.noiseBytes, now: .past)
    #expect(limiter.restsUntil == nil)
  }
}
