import Testing

@testable import Base
import Platform

struct LogLimiterTests {
  @Test("the same line is logged once an hour")
  func onceAnHour() {
    var said = LogLimiter()
    let asked = [("x", 0), ("x", 3599), ("y", 10), ("x", 3600)] as [(String, Int64)]
    let answers = asked.map { said.isNew($0.0, now: Instant(milliseconds: $0.1 * 1_000)) }
    #expect(answers == [true, false, true, true])
  }
}
