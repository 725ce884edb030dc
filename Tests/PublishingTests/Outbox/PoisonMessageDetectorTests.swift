import Decoders
import Testing
import TestSupport

@testable import Base
@testable import MQTT
@testable import Publishing

/// A broker that says nothing and cuts the connection over some messages.
private struct SilentBroker {
  var harness = OutboxHarness()
  var cuts = 0
  /// What it took on the connection that is open now.
  var taken: [Outbox.Outgoing] = []
  var isUp = false
  /// Whether the session takes the cuts as what they are.
  var causes: [DisconnectCause] = []

  /// Connects, and goes on until nothing moves any more; whatever is cut is connected again at once.
  mutating func settle(cuttingOver isPoison: (Outbox.Outgoing) -> Bool, by cause: DisconnectCause = .lost) {
    for _ in 0..<200 {
      if !isUp { harness.connect(.threeOneOne) }
      if !isUp { taken = [] }
      isUp = true
      harness.handOver()
      while !harness.open.isEmpty, isUp {
        let message = harness.open.removeFirst()
        if isPoison(message) {
          cut(cause)
        } else {
          taken.append(message)
          harness.outbox.finish(message.item, refusal: nil, at: harness.now)
          harness.handOver()
        }
      }
      if !isUp { continue }
      guard let due = harness.outbox.sending.deadline(at: harness.now) else { return }
      harness.now = max(harness.now, due)
    }
  }

  mutating func cut(_ cause: DisconnectCause = .lost) {
    cuts += 1
    causes.append(harness.outbox.explain(cause, at: harness.now))
    harness.disconnect()
    isUp = false
  }
}

private func isLong(_ message: Outbox.Outgoing) -> Bool { message.payload.count > 300 }

private func broker(readingOf bytes: Int) -> SilentBroker {
  var broker = SilentBroker(harness: OutboxHarness(discovery: false))
  broker.harness.configure("grid", "heat")
  broker.harness.publish("grid", [(.power, "1")], reading: String(repeating: "x", count: bytes))
  broker.harness.publish("heat", [(.energy, "2")], reading: "small")
  return broker
}

@Test("the message that costs the connection is found, and the others go on")
func poisonIsFound() {
  var broker = broker(readingOf: 400)
  broker.settle(cuttingOver: isLong)
  #expect(broker.taken.to("grid/power") == ["1"] && broker.taken.to("heat/reading") == ["small"])
  #expect(broker.harness.outbox.backlog.messages == 0 && broker.harness.outbox.backlog.readings == 0)
  let refused = broker.harness.outbox.takeRefused()
  #expect(refused.map(\.topic) == ["meterbridge/grid/reading"])
  #expect(refused.map(\.refusal.code) == ["connection_cut"])
  // Once among others, three times alone; and the session is told that no other client is to blame.
  #expect(broker.cuts == 4)
  let blamed = DisconnectCause.message(topic: "meterbridge/grid/reading")
  #expect(broker.causes == [.lost, blamed, blamed, blamed])
}

@Test("later messages of a poison topic are not sent")
func poisonTopicIsBarred() {
  var broker = broker(readingOf: 400)
  broker.settle(cuttingOver: isLong)
  _ = broker.harness.outbox.takeRefused()
  for number in 0..<50 {
    broker.harness.publish("grid", [(.power, "\(number)")], reading: String(repeating: "y", count: 400))
    broker.harness.publish("heat", [], reading: "\(number)")
    broker.settle(cuttingOver: isLong)
  }
  #expect(broker.cuts == 4)
  #expect(broker.harness.outbox.takeRefused().isEmpty)
  #expect(broker.taken.to("heat/reading") == ["small"] + (0..<50).map(String.init))
}

@Test("each of many poison messages is found")
func manyPoisonMessages() {
  var broker = SilentBroker()
  let ids = (1...10).map { "meter\($0)" }
  broker.harness.outbox.take(.meters(ids.map { OutboxHarness.meter($0) }), at: broker.harness.now)
  for id in ids { broker.harness.publish(id, [(.power, "1")], reading: String(repeating: "x", count: 400)) }
  broker.settle(cuttingOver: isLong)
  // Ten readings, ten discovery documents and the bridge's, and `bridge/info`.
  #expect(Set(broker.harness.outbox.takeRefused().map(\.topic)).count == 22)
  #expect(broker.cuts == 2 + 2 * 22)
  #expect(broker.taken.filter { $0.topic.hasSuffix("/power") }.count == 10)
  #expect(broker.harness.outbox.backlog.messages == 0)
}

@Test("the reason code of MQTT 5 is the reason of the dead letter")
func poisonWithReason() {
  var broker = broker(readingOf: 400)
  broker.settle(cuttingOver: isLong, by: .reason(0x95))
  #expect(broker.harness.outbox.takeRefused().map(\.refusal) == [.packetTooLarge])
}

@Test("a single cut costs nothing")
func singleCut() {
  var broker = broker(readingOf: 400)
  broker.harness.connect()
  broker.isUp = true
  broker.harness.handOver()
  broker.cut()
  broker.settle(cuttingOver: { _ in false })
  #expect(broker.taken.to("grid/reading").map(\.count) == [400])
  #expect(broker.harness.outbox.takeRefused().isEmpty)
  #expect(!broker.harness.outbox.sending.isDoubting)
}

/// Somebody of the same name takes the connection over again and again, soon after it has come about.
@Test("another client with our id is not taken for a poison message")
func takeOverIsNotPoison() {
  var broker = broker(readingOf: 400)
  for _ in 0..<20 {
    broker.harness.connect()
    broker.isUp = true
    broker.harness.handOver()
    broker.harness.now = broker.harness.now + 500
    broker.cut()
  }
  #expect(broker.causes.allSatisfy { $0 == .lost })
  broker.settle(cuttingOver: { _ in false })
  #expect(broker.harness.outbox.takeRefused().isEmpty)
  #expect(broker.taken.to("grid/reading").map(\.count) == [400])
}

@Test(
  "after an outage of the broker a poison message is tried again",
  arguments: [DisconnectCause.failed(.system(111)), .silent, .requested])
func poisonForgottenAfterOutage(cause: DisconnectCause) {
  var broker = broker(readingOf: 400)
  broker.settle(cuttingOver: isLong)
  _ = broker.harness.outbox.takeRefused()
  broker.cut(cause)
  broker.harness.publish("grid", [], reading: String(repeating: "z", count: 400))
  broker.settle(cuttingOver: { _ in false })
  #expect(broker.taken.to("grid/reading").map(\.count) == [400])
  #expect(broker.harness.outbox.takeRefused().isEmpty)
}

@Test("a connection that lasted was not cut because of its messages")
func oldConnectionIsNotSuspicious() {
  var broker = broker(readingOf: 400)
  broker.harness.connect()
  broker.isUp = true
  broker.harness.handOver()
  broker.harness.now = broker.harness.now + .seconds(11)
  broker.cut()
  #expect(!broker.harness.outbox.sending.isDoubting)
}

/// Health asks for no acknowledgement, so it is not under way when the connection is cut over it.
@Test("a poison message at QoS 0 is found too")
func poisonAtQoS0() {
  var broker = SilentBroker(harness: OutboxHarness(discovery: false))
  broker.harness.configure("grid")
  broker.settle(cuttingOver: { _ in false })
  broker.harness.outbox.take(.health([UInt8](repeating: 65, count: 400)), at: broker.harness.now)
  broker.harness.handOver()
  broker.harness.outbox.finish(.health, refusal: nil, at: broker.harness.now)
  broker.cut()
  broker.settle(cuttingOver: isLong)
  #expect(broker.harness.outbox.takeRefused().map(\.topic) == ["meterbridge/bridge/health"])
  #expect(broker.cuts == 4)
}
