import Glibc
import Testing
import TestSupport

@testable import Base
@testable import MeterBridge
@testable import Meters
@testable import Platform
@testable import Simulator

/// A dongle behind a pty that is left alone until it has answered, or not.
private final class LeftDongle {
  let line = SimulatedDongle(.still)
  private let cable: TestPort
  let connection: SourceConnection
  var closing = ClosingConnections()
  var now = Instant(milliseconds: 0)

  init() throws {
    cable = try TestPort()
    let settings = SerialDongleHarness.settings(.serial(path: cable.path))
    connection = try #require(SourceConnection(for: [settings], network: line.simulation.network, lookup: nil))
  }

  /// Carries bytes, and time where none move, until something holds.
  func run(_ serve: (Readiness) -> Void, until isReached: () -> Bool) -> Bool {
    let end = now + .minutes(2)
    while !isReached(), now < end {
      let pieces = line.take(now: now)
      for piece in pieces {
        cable.write(piece)
        awaitBytes(at: connection.pollDescriptor)
        serve(.readable)
      }
      if pieces.isEmpty { serve([]) }
      let sent = cable.readAll()
      line.receive(sent, now: now)
      if sent.isEmpty, pieces.isEmpty { now = now + 10 }
    }
    return isReached()
  }

  func join() -> Bool {
    run({ connection.service($0, now: now) }, until: { line.count("SKSENDTO") > 0 })
  }
}

@Test("a connection is closed when its session has ended") func closedAfterSession() throws {
  let left = try LeftDongle()
  #expect(left.join())
  let start = left.now
  left.connection.leave(now: left.now)
  left.closing.add(left.connection, until: left.now + Limits.leaving)
  #expect(left.closing.sources == [left.connection.address])
  var freed = 0
  let isDone = left.run(
    { freed += left.closing.service([$0], now: left.now) ? 1 : 0 }, until: { left.closing.isEmpty })
  #expect(isDone && freed == 1)
  #expect(left.line.count("SKTERM") == 1)
  #expect(left.now - start < .seconds(1))
  #expect(left.connection.pollDescriptor < 0)
}

@Test("a dongle that does not answer is closed after a second") func closedAfterASecond() throws {
  let left = try LeftDongle()
  #expect(left.join())
  left.line.order("no-power")
  let start = left.now
  left.connection.leave(now: left.now)
  left.closing.add(left.connection, until: left.now + Limits.leaving)
  #expect(left.closing.deadline.map { $0 <= start + Limits.leaving } == true)
  #expect(left.run({ _ = left.closing.service([$0], now: left.now) }, until: { left.closing.isEmpty }))
  #expect(left.now - start >= .seconds(1) && left.now - start < .seconds(2))
}

@Test("a connection without a session is not waited for") func closedWithoutSession() throws {
  let port = try TestPort()
  let connection = SourceConnection(
    .serial(path: port.path), line: ProtocolDescription.p1.line, dialogue: mbusListener(), lookup: nil)
  connection.service([], now: Instant(milliseconds: 0))
  connection.leave(now: Instant(milliseconds: 0))
  var closing = ClosingConnections()
  closing.add(connection, until: Instant(milliseconds: 1000))
  #expect(closing.isEmpty)
}
