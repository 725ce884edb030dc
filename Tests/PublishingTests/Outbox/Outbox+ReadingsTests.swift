import Decoders
import Testing
import TestSupport

@testable import Base
@testable import Meters
@testable import MQTT
@testable import Publishing

@Test("readings keep their order and wait only for their own meter")
func readingOrder() {
  var harness = OutboxHarness(discovery: false)
  harness.configure("grid", "heat")
  harness.connect()
  harness.drain()
  for number in 1...3 {
    harness.publish("grid", [], reading: "g\(number)")
    harness.publish("heat", [], reading: "h\(number)")
  }
  harness.handOver()
  #expect(harness.sent.to("grid/reading") == ["g1"] && harness.sent.to("heat/reading") == ["h1"])
  harness.drain()
  #expect(
    harness.sent.to("grid/reading") == ["g1", "g2", "g3"] && harness.sent.to("heat/reading") == ["h1", "h2", "h3"])
}

@Test("readings of an outage come from the journal in order")
func readingsOfOutage() {
  var harness = OutboxHarness(discovery: false)
  harness.configure("grid")
  for number in 0..<500 {
    harness.publish("grid", [], reading: "\(number)")
    harness.pass(.seconds(1))
  }
  #expect(harness.outbox.backlog.readings == 500 && harness.journal.entries.count == 500)
  harness.connect()
  #expect(harness.drain().to("grid/reading") == (0..<500).map(String.init))
  #expect(harness.outbox.backlog.readings == 0)
  harness.pass(.seconds(2))
  #expect(harness.journal.entries.isEmpty)
}

@Test("a live reading waits for the history of its own meter only")
func liveReadingAfterHistory() {
  var harness = OutboxHarness(discovery: false, replayPace: 20)
  harness.configure("grid", "heat")
  for number in 0..<100 { harness.publish("grid", [], reading: "\(number)") }
  harness.drain()
  harness.connect()
  harness.drain()
  harness.publish("grid", [(.power, "1")], reading: "live")
  harness.publish("heat", [], reading: "live")
  #expect(harness.drain().to("heat/reading") == ["live"])
  #expect(harness.sent.to("grid/power") == ["1"] && harness.sent.to("grid/reading") == ["0"])
  harness.pass(.seconds(1))
  #expect(harness.sent.to("grid/reading").count == 51)
  harness.pass(.seconds(2))
  #expect(harness.sent.to("grid/reading") == (0..<100).map(String.init) + ["live"])
}

@Test("readings of an earlier run go first, also those of removed meters")
func earlierRunFirst() {
  var first = OutboxHarness(discovery: false)
  first.configure("grid", "old")
  for number in 0..<50 {
    first.publish("grid", [], reading: "g\(number)")
    first.publish("old", [], reading: "o\(number)")
  }
  first.drain()
  var harness = OutboxHarness(discovery: false, journal: TestJournal(after: first.journal))
  harness.configure("grid")
  harness.connect()
  harness.publish("grid", [], reading: "new")
  harness.drain()
  #expect(harness.sent.to("grid/reading") == (0..<50).map { "g\($0)" } + ["new"])
  #expect(harness.sent.to("old/reading") == (0..<50).map { "o\($0)" })
  harness.pass(.seconds(2))
  #expect(harness.journal.entries.isEmpty)
}

@Test("an unacknowledged reading is sent again after a reconnect")
func readingAfterReconnect() {
  var harness = OutboxHarness(discovery: false)
  harness.configure("grid")
  harness.connect()
  harness.drain()
  harness.publish("grid", [], reading: "1")
  harness.handOver()
  harness.disconnect()
  harness.connect()
  #expect(harness.drain().to("grid/reading") == ["1"])
  harness.disconnect()
  harness.connect()
  #expect(harness.drain().to("grid/reading") == [])
}

@Test("answers may rest unless something waits for them")
func restingAnswers() {
  var harness = OutboxHarness()
  harness.configure("grid", "heat")
  harness.connect()
  harness.drain()
  #expect(!harness.outbox.waitsForAnswers)
  harness.publish("grid", [(.power, "1")], reading: "1")
  harness.handOver()
  #expect(!harness.open.isEmpty && !harness.outbox.waitsForAnswers)
  // The next reading of the meter, though others could go out.
  harness.publish("grid", [(.power, "1")], reading: "2")
  harness.handOver()
  #expect(harness.outbox.waitsForAnswers)
  harness.drain()
  #expect(!harness.outbox.waitsForAnswers)
  harness.outbox.take(.settle(batch: 1), at: harness.now)
  #expect(harness.outbox.waitsForAnswers)
  #expect(harness.outbox.takeSettled(at: harness.now) == 1 && !harness.outbox.waitsForAnswers)
  // Of two messages one finds no room.
  harness.disconnect()
  harness.connect { $0.receiveMaximum = 1 }
  harness.handOver()
  #expect(harness.open.count == 1 && harness.outbox.waitsForAnswers)
  harness.drain()
  #expect(!harness.outbox.waitsForAnswers)
  harness.outbox.take(.stop, at: harness.now)
  #expect(harness.outbox.waitsForAnswers)
}

@Test("the journal is told of a delivered reading at once, of more in the next round, and of all before long")
func journalIsTold() {
  var harness = OutboxHarness()
  harness.configure("grid")
  harness.connect()
  harness.drain()
  let start = harness.now
  func told() -> [Int64] {
    harness.journal.orders.compactMap { at, order in
      if case .delivered = order { (at - start).count } else { nil }
    }
  }
  for _ in 0..<4 {
    harness.publish("grid", [(.power, "1")], reading: "1")
    harness.drain()
    harness.pass(100)
  }
  #expect(told() == [0, 300])
  harness.publish("grid", [(.power, "1")], reading: "1")
  harness.drain()
  harness.pass(.seconds(1))
  #expect(told() == [0, 300, 800])
}
