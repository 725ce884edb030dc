import Testing

@testable import Base
@testable import Publishing

private func at(_ seconds: Int64) -> Instant { Instant(milliseconds: 1_000_000 + seconds * 1_000) }

private let patience = Milliseconds.seconds(45)

private func sent(_ count: Int32, at now: Instant) -> InFlightMessages {
  var inFlight = InFlightMessages()
  for id in 1...count { inFlight.add(.state, id: id, qos: 1, at: now) }
  return inFlight
}

@Test("a slow connection is not given up while acknowledgements come")
func slowConnectionIsNotStuck() {
  var inFlight = sent(20, at: at(0))
  for id in 1...19 as ClosedRange<Int32> {
    #expect(inFlight.answered(id, at: at(Int64(id) * 5)) != nil)
    #expect(!inFlight.isStuck(at: at(Int64(id) * 5 + 44), patience: patience))
  }
  #expect(inFlight.isStuck(at: at(19 * 5 + 45), patience: patience))
}

@Test("a message that was overtaken gets no extra time")
func overtakenMessage() {
  var inFlight = sent(1, at: at(0))
  for second in 1...44 as ClosedRange<Int64> {
    inFlight.add(.state, id: 2, qos: 1, at: at(second))
    #expect(inFlight.answered(2, at: at(second)) != nil)
    #expect(!inFlight.isStuck(at: at(second), patience: patience))
  }
  #expect(inFlight.isStuck(at: at(45), patience: patience))
  #expect(inFlight.answered(1, at: at(46)) != nil && inFlight.answered(1, at: at(46)) == nil)
  #expect(!inFlight.isStuck(at: at(1000), patience: patience))
}

@Test("a QoS 0 message says nothing about the broker")
func qos0SaysNothing() {
  var inFlight = sent(2, at: at(0))
  #expect(inFlight.answered(1, at: at(30)) != nil)
  inFlight.add(.state, id: 3, qos: 0, at: at(40))
  #expect(inFlight.answered(3, at: at(41)) != nil)
  // Overtaken by it, message 2 would be given up now; prolonged by it, not yet at the end.
  #expect(!inFlight.isStuck(at: at(74), patience: patience))
  #expect(inFlight.isStuck(at: at(75), patience: patience))
  #expect(inFlight.answered(2, at: at(75)) != nil)
  inFlight.add(.state, id: 4, qos: 0, at: at(76))
  #expect(!inFlight.isStuck(at: at(1000), patience: patience))
}
