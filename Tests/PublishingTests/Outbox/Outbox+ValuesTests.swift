import Decoders
import Testing
import TestSupport

@testable import Base
@testable import Meters
@testable import MQTT
@testable import Publishing

@Test("a value goes out when it differs, but not more often than the interval")
func minimumInterval() {
  var harness = OutboxHarness()
  harness.configure("grid")
  harness.connect()
  var sent: [(at: Int64, text: String)] = []
  let start = harness.now
  for second in 0..<60 {
    harness.publish("grid", [(.power, "\(second)"), (.voltage, "230")])
    sent += harness.pass(.seconds(1)).to("grid/power").map { (harness.now.milliseconds - start.milliseconds, $0) }
  }
  #expect(sent.map(\.text) == ["0", "10", "20", "30", "40", "50"])
  #expect(harness.sent.to("grid/voltage") == ["230"])
}

@Test("the newest value goes out when the interval ends")
func newestAtEndOfInterval() {
  var harness = OutboxHarness()
  harness.configure("grid")
  harness.connect()
  harness.publish("grid", [(.power, "1")])
  harness.drain()
  harness.now = harness.now + .seconds(3)
  harness.publish("grid", [(.power, "2")])
  harness.publish("grid", [(.power, "3")])
  #expect(harness.pass(Milliseconds(6_999)).to("grid/power") == [])
  #expect(harness.pass(1).to("grid/power") == ["3"])
}

@Test("a value that returns within the interval is not sent again")
func returnWithinInterval() {
  var harness = OutboxHarness()
  harness.configure("grid")
  harness.connect()
  harness.publish("grid", [(.power, "1")])
  harness.drain()
  harness.publish("grid", [(.power, "2")])
  harness.publish("grid", [(.power, "1")])
  #expect(harness.pass(.minutes(1)).to("grid/power") == [])
}

@Test("an unchanged value is sent again after the heartbeat, and only with a telegram")
func heartbeat() {
  var harness = OutboxHarness()
  harness.configure("grid")
  harness.connect()
  for _ in 0..<600 {
    harness.publish("grid", [(.power, "1")])
    harness.pass(.seconds(1))
  }
  #expect(harness.sent.to("grid/power").count == 2)
  // A silent meter says nothing.
  #expect(harness.pass(.minutes(30)).to("grid/power") == [])
}

@Test("the time of the last telegram goes out once a minute, with its offset")
func lastTelegramOncePerMinute() {
  var harness = OutboxHarness()
  harness.configure("grid")
  harness.connect()
  let start = harness.now
  for _ in 0..<180 {
    harness.publish("grid", [(.power, "1")])
    harness.pass(.seconds(1))
  }
  let expected = [0, 60, 120].map { WallTime(milliseconds: start.milliseconds + $0 * 1000).description }
  #expect(harness.sent.to("grid/last_telegram") == expected)
}

@Test("the times of many meters go out together")
func lastTelegramsTogether() {
  var harness = OutboxHarness()
  harness.configure("grid", "heat")
  harness.connect()
  for _ in 0..<5 {
    harness.pass(300)
    harness.publish("grid", [(.power, "1")])
    harness.drain()
    harness.pass(400)
    harness.publish("heat", [(.power, "1")])
    harness.drain()
    harness.pass(.seconds(10))
  }
  harness.sent = []
  while harness.sent.to("last_telegram").isEmpty, let due = harness.outbox.deadline(at: harness.now) {
    harness.pass(due - harness.now)
  }
  #expect(harness.sent.topics == ["meterbridge/grid/last_telegram", "meterbridge/heat/last_telegram"])
}

@Test("with an interval of zero every value goes out")
func intervalOfZero() {
  var harness = OutboxHarness()
  harness.outbox.take(.meters([OutboxHarness.meter("grid", minimumInterval: 0)]), at: harness.now)
  harness.connect()
  for second in 0..<5 {
    harness.publish("grid", [(.power, "\(second)")])
    harness.pass(.seconds(1))
  }
  #expect(harness.sent.to("grid/power") == ["0", "1", "2", "3", "4"])
}

@Test("after an outage the newest value goes out first and at once")
func newestFirstAfterOutage() {
  var harness = OutboxHarness()
  harness.configure("grid")
  harness.connect()
  harness.publish("grid", [(.power, "1")])
  harness.drain()
  harness.disconnect()
  for second in 2..<9 { harness.publish("grid", [(.power, "\(second)")], reading: "\(second)") }
  harness.connect()
  let sent = harness.drain()
  #expect(sent.to("grid/power") == ["8"])
  let places = ["power", "reading"].map { sent.topics.firstIndex(of: "meterbridge/grid/\($0)") ?? 0 }
  #expect(places[0] < places[1])
  #expect(sent.to("grid/reading") == (2..<9).map(String.init))
}

@Test("one message of a topic is in flight, and the newest follows it")
func oneInFlightPerTopic() {
  var harness = OutboxHarness()
  harness.outbox.take(.meters([OutboxHarness.meter("grid", minimumInterval: 0)]), at: harness.now)
  harness.connect()
  harness.drain()
  for power in 1...5 {
    harness.publish("grid", [(.power, "\(power)")])
    harness.handOver()
  }
  #expect(harness.sent.to("grid/power") == ["1"])
  harness.answer()
  harness.handOver()
  #expect(harness.sent.to("grid/power") == ["1", "5"])
}

@Test("no more messages are in flight than the window allows")
func inFlightWindow() {
  for (told, expected) in [(65_535, 20), (3, 3), (1, 1)] {
    var harness = OutboxHarness()
    harness.configure("a", "b", "c", "d", "e", "f", "g")
    for id in ["a", "b", "c", "d", "e", "f", "g"] {
      harness.publish(id, [(.power, "1"), (.voltage, "230")], reading: "{}")
    }
    harness.connect { $0.receiveMaximum = told }
    harness.handOver()
    #expect(harness.open.count == expected)
    let first = harness.open[0]
    harness.outbox.finish(first.item, refusal: nil, at: harness.now)
    harness.handOver()
    #expect(harness.sent.count == expected + 1)
  }
}
