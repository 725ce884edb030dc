import Decoders
import Testing
import TestSupport

@testable import Base
@testable import MQTT
@testable import Publishing

/// Two meters on a connection that has just come back after an outage, in which `grid` has sent three readings.
private func afterOutage() -> OutboxHarness {
  var harness = OutboxHarness(discovery: false, replayAfter: .seconds(15))
  harness.configure("grid", "heat")
  harness.connect()
  harness.pass(.minutes(1))
  harness.disconnect()
  for number in 1...3 { harness.publish("grid", [(.power, "\(number)")], reading: "g\(number)") }
  harness.pass(.minutes(1))
  harness.connect()
  harness.drain()
  return harness
}

@Test("readings of an outage wait for the subscribers, and new ones wait behind them, but values do not")
func readingsWaitForSubscribers() {
  var harness = afterOutage()
  #expect(harness.sent.to("grid/power") == ["3"])
  harness.pass(.seconds(5))
  harness.publish("grid", [(.power, "4")], reading: "g4")
  harness.publish("heat", [(.power, "1")], reading: "h1")
  harness.pass(.seconds(9))
  #expect(harness.sent.to("grid/reading") == [] && harness.sent.to("heat/reading") == [])
  #expect(harness.sent.to("grid/power") == ["3", "4"] && harness.sent.to("heat/power") == ["1"])
  harness.pass(.seconds(1))
  #expect(harness.sent.to("grid/reading") == ["g1", "g2", "g3", "g4"])
  #expect(harness.sent.to("heat/reading") == ["h1"])
  // Now the outage is over.
  harness.publish("heat", [], reading: "h2")
  #expect(harness.drain().to("heat/reading") == ["h2"])
  harness.pass(.seconds(2))
  #expect(harness.journal.entries.isEmpty)
}

@Test("on the first connection a new reading goes out at once")
func firstConnectionHasNoOutage() {
  var harness = OutboxHarness(discovery: false, replayAfter: .seconds(15))
  harness.configure("grid", "heat")
  harness.publish("heat", [], reading: "early")
  harness.connect()
  harness.drain()
  harness.publish("grid", [], reading: "live")
  // Without an outage a topic without a subscriber is nothing special.
  harness.isHeard = { _ in false }
  #expect(harness.drain().to("grid/reading") == ["live"])
  #expect(harness.sent.to("heat/reading") == [])
  harness.isHeard = { _ in true }
  harness.pass(.seconds(15))
  #expect(harness.sent.to("heat/reading") == ["early"] && harness.sent.to("grid/reading") == ["live"])
}

@Test("a reading in flight when the connection ends waits too")
func readingInFlightWaits() {
  var harness = OutboxHarness(discovery: false, replayAfter: .seconds(15))
  harness.configure("grid")
  harness.connect()
  harness.drain()
  harness.publish("grid", [], reading: "1")
  harness.handOver()
  harness.disconnect()
  harness.connect()
  harness.pass(.seconds(14))
  #expect(harness.sent.to("grid/reading") == ["1"])
  harness.pass(.seconds(1))
  #expect(harness.sent.to("grid/reading") == ["1", "1"])
}

@Test("without a subscriber only the first reading of the outage is tried, until there is one")
func searchForSubscriber() {
  var harness = afterOutage()
  harness.isHeard = { !$0.topic.hasSuffix("grid/reading") }
  harness.pass(.seconds(15))
  #expect(harness.sent.to("grid/reading") == ["g1"])
  harness.publish("grid", [], reading: "g4")
  harness.publish("heat", [], reading: "h1")
  // Other meters do not wait.
  #expect(harness.drain().to("heat/reading") == ["h1"])
  harness.pass(.seconds(29))
  #expect(harness.sent.to("grid/reading") == ["g1"])
  harness.pass(.seconds(61))
  #expect(harness.sent.to("grid/reading") == ["g1", "g1", "g1", "g1"])
  harness.isHeard = { _ in true }
  harness.pass(.seconds(30))
  #expect(harness.sent.to("grid/reading").suffix(4) == ["g1", "g2", "g3", "g4"])
  harness.pass(.seconds(2))
  #expect(harness.journal.entries.isEmpty && harness.outbox.backlog.readings == 0)
}

@Test("the search for a subscriber ends after ten minutes, and everything goes out")
func searchEnds() {
  var harness = afterOutage()
  harness.isHeard = { !$0.topic.hasSuffix("/reading") }
  harness.pass(Milliseconds(614_999))
  #expect(Set(harness.sent.to("grid/reading")) == ["g1"] && harness.sent.to("grid/reading").count == 20)
  harness.pass(1)
  #expect(harness.sent.to("grid/reading").suffix(3) == ["g1", "g2", "g3"])
  harness.publish("grid", [], reading: "g4")
  #expect(harness.drain().to("grid/reading") == ["g4"])
  harness.pass(.seconds(2))
  #expect(harness.journal.entries.isEmpty)
}

@Test("a subscriber that leaves during the replay is waited for as well")
func subscriberLeaves() {
  var harness = afterOutage()
  harness.isHeard = { $0.text != "g2" }
  harness.pass(.seconds(20))
  #expect(harness.sent.to("grid/reading") == ["g1", "g2"])
  harness.isHeard = { _ in true }
  harness.pass(.seconds(30))
  #expect(harness.sent.to("grid/reading") == ["g1", "g2", "g2", "g3"])
}

@Test("a refused reading of an outage is not tried again")
func refusedReadingOfOutage() {
  var harness = afterOutage()
  harness.now = harness.now + .seconds(15)
  harness.outbox.tick(at: harness.now)
  harness.drain(refusing: { $0.text == "g1" ? .notAuthorized : nil })
  #expect(harness.sent.to("grid/reading") == ["g1", "g2", "g3"])
}

@Test("with replay_after of 0 readings of an outage neither wait nor look for a subscriber")
func noWait() {
  var harness = OutboxHarness(discovery: false)
  harness.configure("grid")
  harness.publish("grid", [], reading: "1")
  harness.isHeard = { _ in false }
  harness.connect()
  #expect(harness.drain().to("grid/reading") == ["1"])
  harness.pass(.minutes(1))
  #expect(harness.sent.to("grid/reading") == ["1"] && harness.journal.entries.isEmpty)
}
