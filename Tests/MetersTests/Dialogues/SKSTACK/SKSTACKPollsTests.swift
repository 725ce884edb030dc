import Decoders
import Testing

@testable import Base
@testable import Meters

private func at(_ seconds: Int64) -> Instant { Instant(milliseconds: 1_000_000) + .seconds(seconds) }

@Suite struct SKSTACKPollsTests {
  /// Polls whose first request, which is returned too, has failed at once.
  private static func failed() throws -> (polls: SKSTACKPolls, request: [UInt8]) {
    var polls = SKSTACKPolls(powerInterval: .seconds(30), energyInterval: .minutes(5), transaction: 0)
    polls.start(now: at(0))
    let request = polls.next(now: at(0))
    polls.postpone(now: at(0))
    return (polls, try #require(request))
  }

  @Test("the pause before another try counts from the moment when the module took the last one", arguments: [0, 3])
  func pauseAfterFailure(taken: Int64) throws {
    var (polls, request) = try Self.failed()
    // Perhaps the module was busy in between.
    polls.sent(request, now: at(taken))
    #expect(polls.deadline == at(taken + 2))
    #expect(polls.next(now: at(taken + 1)) == nil)
    #expect(polls.next(now: at(taken + 2)) != nil)
  }

  @Test("frames that are not the request do not put it off")
  func otherFrames() throws {
    var (polls, request) = try Self.failed()
    let confirmation = ECHONETFrame.toMeter(.confirmation, transaction: 1, properties: [0xEA])
    for second in 0...1 { polls.sent(confirmation, now: at(Int64(second))) }
    #expect(polls.next(now: at(2)) != nil)
    polls.sent(request, now: at(3))
    // The first try may be answered late: its sending counts for the request.
    #expect(polls.deadline == at(3) + SKSTACKPolls.patience)
  }
}
