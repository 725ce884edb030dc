import Decoders
import Glibc
import Testing

@testable import Base
@testable import MeterBridge
@testable import Meters
@testable import Platform

/// Does for one source what the meter loop does, on a clock that can be told to run ahead: waiting for a next try takes
/// no time. And where the machine stands still, so does the clock.
final class SourceDriver {
  let connection: SourceConnection
  private(set) var events: [SourceEvent] = []
  private(set) var now = Clock.now()
  private var lastStep = Clock.now()

  init(_ connection: SourceConnection) { self.connection = connection }

  func skip(_ time: Milliseconds) { now = now + time }

  /// One round of the loop.
  func step(waiting milliseconds: Milliseconds = 10) {
    let step = Clock.now()
    now = now + min(step - lastStep, 10)
    lastStep = step
    let descriptor = connection.pollDescriptor
    if descriptor < 0, let deadline = connection.deadline { now = max(now, deadline) }
    var polled = PollSet()
    let token = connection.interest.map { polled.add($0) }
    let isDue = connection.deadline.map { $0 <= now } ?? false
    polled.wait(atMost: isDue ? 0 : milliseconds)
    connection.service(polled.readiness(of: token), now: now)
    events += connection.takeEvents()
  }

  /// Rounds until something holds; false if it does not within a minute.
  func run(until holds: () -> Bool) -> Bool {
    let end = Clock.now() + .minutes(1)
    while !holds() {
      guard Clock.now() < end else { return false }
      step()
    }
    return true
  }

  /// The connection that the source makes to a gateway.
  func peer(of gateway: Gateway) throws -> Int32 {
    var peer: Int32?
    let isThere = run {
      peer = peer ?? gateway.accept()
      return peer != nil
    }
    try #require(isThere)
    return try #require(peer)
  }

  var lost: [String] { events.compactMap { if case .lost(let reason) = $0 { reason } else { nil } } }
  var opened: Int { events.count { $0 == .opened } }
  var frames: [[UInt8]] {
    events.flatMap { event -> [[UInt8]] in if case .dialogue(.readout(_, let frames)) = event { frames } else { [] } }
  }
  var rejected: [[UInt8]] {
    events.compactMap { if case .dialogue(.rejected(_, let bytes, _)) = $0 { bytes } else { nil } }
  }
}

extension SourceConnection {
  /// -1 for nothing to wait for.
  var pollDescriptor: Int32 { interest?.descriptor ?? -1 }
}

/// A listener for telegrams that are short to write down.
func mbusListener(interval: Milliseconds? = nil) -> Listener {
  Listener(framer: MBusFramer(), gap: 200, interval: interval)
}
