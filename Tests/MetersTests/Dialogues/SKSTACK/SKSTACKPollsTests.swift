import Testing

@testable import Base
@testable import Meters

private func at(_ seconds: Int64) -> Instant { Instant(milliseconds: 1_000_000) + .seconds(seconds) }

@Suite struct SKSTACKPollsTests {
  @Test("the pause before another try counts from the moment when the module took the last one")
  func pauseAfterLateSending() {
    var polls = SKSTACKPolls(powerInterval: .seconds(30), energyInterval: .minutes(5), transaction: 0)
    polls.start(now: at(0))
    #expect(polls.next(now: at(0)) != nil)
    // The module says that sending failed, is busy, and takes the repeated command at last.
    polls.postpone(now: at(0))
    polls.sent(now: at(3))
    #expect(polls.deadline == at(5))
    #expect(polls.next(now: at(4)) == nil)
    #expect(polls.next(now: at(5)) != nil)
  }

  @Test("a request that failed at once is tried again after two seconds")
  func pauseAfterFailure() {
    var polls = SKSTACKPolls(powerInterval: .seconds(30), energyInterval: .minutes(5), transaction: 0)
    polls.start(now: at(0))
    #expect(polls.next(now: at(0)) != nil)
    polls.postpone(now: at(0))
    polls.sent(now: at(0))
    #expect(polls.next(now: at(1)) == nil)
    #expect(polls.next(now: at(2)) != nil)
  }
}
