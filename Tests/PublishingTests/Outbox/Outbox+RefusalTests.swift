import Decoders
import Testing
import TestSupport

@testable import Base
@testable import MQTT
@testable import Publishing

private func refusingPower(_ message: Outbox.Outgoing) -> Refusal? {
  message.topic.hasSuffix("/power") ? .notAuthorized : nil
}

@Test("a refused topic makes one dead letter, and the others go on")
func refusedTopic() {
  var harness = OutboxHarness()
  harness.outbox.take(.meters([OutboxHarness.meter("grid", minimumInterval: 0)]), at: harness.now)
  harness.connect()
  for power in 1...5 {
    harness.publish("grid", [(.power, "\(power)"), (.voltage, "23\(power)")])
    harness.drain(refusing: refusingPower)
  }
  let refused = harness.outbox.takeRefused()
  #expect(
    refused == [
      Outbox.Refused(
        meter: "grid", source: "/dev/ttyUSB0", protocolName: "p1", topic: "meterbridge/grid/power", value: "1",
        refusal: .notAuthorized)
    ])
  // The topic is tried again with every new value.
  #expect(harness.sent.to("grid/power") == ["1", "2", "3", "4", "5"])
  #expect(harness.sent.to("grid/voltage") == ["231", "232", "233", "234", "235"])
}

@Test("a refusal is told again after a success, another reason or a reconnect")
func refusalToldAgain() {
  var harness = OutboxHarness()
  harness.outbox.take(.meters([OutboxHarness.meter("grid", minimumInterval: 0)]), at: harness.now)
  harness.connect()
  var told: [Int] = []
  let answers: [Refusal?] = [.notAuthorized, .notAuthorized, .quotaExceeded, nil, .quotaExceeded, .quotaExceeded]
  for (power, answer) in answers.enumerated() {
    harness.publish("grid", [(.power, "\(power)")])
    harness.drain { $0.topic.hasSuffix("/power") ? answer : nil }
    told.append(harness.outbox.takeRefused().count)
  }
  #expect(told == [1, 0, 1, 0, 1, 0])
  harness.disconnect()
  harness.connect()
  harness.drain { $0.topic.hasSuffix("/power") ? .quotaExceeded : nil }
  #expect(harness.outbox.takeRefused().count == 1)
}

@Test("a refused reading is not tried again")
func refusedReading() {
  var harness = OutboxHarness(discovery: false)
  harness.configure("grid")
  harness.connect()
  harness.drain()
  harness.publish("grid", [], reading: "1")
  harness.publish("grid", [], reading: "2")
  let sent = harness.drain { $0.topic.hasSuffix("/reading") ? .packetTooLarge : nil }
  #expect(sent.to("grid/reading") == ["1", "2"])
  #expect(harness.outbox.takeRefused().map(\.topic) == ["meterbridge/grid/reading"])
  #expect(harness.outbox.backlog.readings == 0)
}

@Test("a message larger than the packet limit is never sent", arguments: [MQTTVersion.five, .threeOneOne])
func tooLargeForPacket(version: MQTTVersion) {
  var harness = OutboxHarness(discovery: false, maximumPacketSize: 300)
  harness.configure("grid")
  harness.connect(version)
  harness.publish("grid", [(.power, "1")], reading: String(repeating: "x", count: 400))
  harness.publish("grid", [(.power, "1")], reading: "small")
  #expect(harness.drain().to("grid/reading") == ["small"])
  let refused = harness.outbox.takeRefused()
  #expect(refused.map(\.topic) == ["meterbridge/grid/reading"] && refused.map(\.refusal) == [.packetTooLarge])
}

@Test("the smaller of the broker's and the configured limit counts")
func smallerLimit() {
  for (told, configured) in [(300, nil), (300, 1_000), (1_000, 300)] as [(Int, Int?)] {
    var harness = OutboxHarness(discovery: false, maximumPacketSize: configured)
    harness.configure("grid")
    harness.connect { $0.maximumPacketSize = told }
    harness.publish("grid", [], reading: String(repeating: "x", count: 400))
    #expect(harness.drain().to("grid/reading") == [])
  }
}

@Test("a refused dead letter does not make a dead letter")
func refusedDeadLetter() {
  var harness = OutboxHarness(maximumPacketSize: 100)
  harness.configure("grid")
  harness.connect()
  harness.drain()
  _ = harness.outbox.takeRefused()
  harness.outbox.take(.deadLetter([UInt8](repeating: 65, count: 200)), at: harness.now)
  harness.drain()
  #expect(harness.outbox.takeRefused().isEmpty)
}

@Test("a broker that does not retain gets unretained messages, with a warning")
func withoutRetain() {
  var harness = OutboxHarness()
  harness.configure("grid")
  harness.publish("grid", [(.power, "1")])
  harness.connect { $0.retains = false }
  #expect(harness.drain().allSatisfy { !$0.retain })
  #expect(harness.outbox.takeNotes().count == 1)
}
