import Decoders
import MQTT
import Testing

@testable import MeterBridge

/// A broker that says nothing and cuts the connection over some messages.
private struct SilentBroker {
  var desk = OutboxDesk()
  var cuts = 0
  /// What it took on the connection that is open now.
  var taken: [Outbox.Outgoing] = []
  var isUp = false
  /// Whether the session takes the cuts as what they are.
  var closings: [Closing] = []

  /// Connects, and goes on until nothing moves any more; whatever is cut is connected again at once.
  mutating func settle(cuttingOver isPoison: (Outbox.Outgoing) -> Bool, by closing: Closing = .lost) {
    for _ in 0..<200 {
      if !isUp { desk.connect(.threeOneOne) }
      if !isUp { taken = [] }
      isUp = true
      desk.handOver()
      while !desk.open.isEmpty, isUp {
        let message = desk.open.removeFirst()
        if isPoison(message) {
          cut(closing)
        } else {
          taken.append(message)
          desk.outbox.finish(message.item, refusal: nil, at: desk.now)
          desk.handOver()
        }
      }
      if !isUp { continue }
      guard let due = desk.outbox.suspicion.deadline else { return }
      desk.now = max(desk.now, due)
    }
  }

  mutating func cut(_ closing: Closing = .lost) {
    cuts += 1
    closings.append(desk.outbox.explain(closing, at: desk.now))
    desk.disconnect()
    isUp = false
  }
}

private func isLong(_ message: Outbox.Outgoing) -> Bool { message.payload.count > 300 }

private func broker(readingOf bytes: Int) -> SilentBroker {
  var broker = SilentBroker(desk: OutboxDesk(discovery: false))
  broker.desk.configure("grid", "heat")
  broker.desk.publish("grid", [(.power, "1")], reading: String(repeating: "x", count: bytes))
  broker.desk.publish("heat", [(.energy, "2")], reading: "small")
  return broker
}

@Test func theMessageThatCostsTheConnectionIsFoundAndTheOthersGoOn() {
  var broker = broker(readingOf: 400)
  broker.settle(cuttingOver: isLong)
  #expect(broker.taken.to("grid/power") == ["1"] && broker.taken.to("heat/reading") == ["small"])
  #expect(broker.desk.outbox.backlog.messages == 0 && broker.desk.outbox.backlog.readings == 0)
  let refused = broker.desk.outbox.takeRefused()
  #expect(refused.map(\.topic) == ["meterbridge/grid/reading"])
  #expect(refused.map(\.refusal.code) == ["connection_cut"])
  // Once among others, three times alone; and the session is told that no other client is to blame.
  #expect(broker.cuts == 4)
  let blamed = Closing.message(topic: "meterbridge/grid/reading")
  #expect(broker.closings == [.lost, blamed, blamed, blamed])
}

@Test func theNextOnesOfATopicThatCostsTheConnectionAreNotSent() {
  var broker = broker(readingOf: 400)
  broker.settle(cuttingOver: isLong)
  _ = broker.desk.outbox.takeRefused()
  for number in 0..<50 {
    broker.desk.publish("grid", [(.power, "\(number)")], reading: String(repeating: "y", count: 400))
    broker.desk.publish("heat", [], reading: "\(number)")
    broker.settle(cuttingOver: isLong)
  }
  #expect(broker.cuts == 4)
  #expect(broker.desk.outbox.takeRefused().isEmpty)
  #expect(broker.taken.to("heat/reading") == ["small"] + (0..<50).map(String.init))
}

@Test func everyOneOfManyIsFound() {
  var broker = SilentBroker()
  let ids = (1...10).map { "meter\($0)" }
  broker.desk.outbox.take(.meters(ids.map { OutboxDesk.meter($0) }), at: broker.desk.now)
  for id in ids { broker.desk.publish(id, [(.power, "1")], reading: String(repeating: "x", count: 400)) }
  broker.settle(cuttingOver: isLong)
  // Ten readings, ten discovery documents and the bridge's, and `bridge/info`.
  #expect(Set(broker.desk.outbox.takeRefused().map(\.topic)).count == 22)
  #expect(broker.cuts == 2 + 2 * 22)
  #expect(broker.taken.filter { $0.topic.hasSuffix("/power") }.count == 10)
  #expect(broker.desk.outbox.backlog.messages == 0)
}

@Test func aReasonOfMQTTFiveIsTheReasonOfTheDeadLetter() {
  var broker = broker(readingOf: 400)
  broker.settle(cuttingOver: isLong, by: .reason(0x95))
  #expect(broker.desk.outbox.takeRefused().map(\.refusal) == [.packetTooLarge])
}

@Test func aCutOutOfTheBlueCostsNothing() {
  var broker = broker(readingOf: 400)
  broker.desk.connect()
  broker.isUp = true
  broker.desk.handOver()
  broker.cut()
  broker.settle(cuttingOver: { _ in false })
  #expect(broker.taken.to("grid/reading").map(\.count) == [400])
  #expect(broker.desk.outbox.takeRefused().isEmpty)
  #expect(!broker.desk.outbox.suspicion.isDoubting)
}

/// Somebody of the same name takes the connection over again and again, soon after it has come about.
@Test func anotherClientOfOurNameIsNotTakenForAPoisonousMessage() {
  var broker = broker(readingOf: 400)
  for _ in 0..<20 {
    broker.desk.connect()
    broker.isUp = true
    broker.desk.handOver()
    broker.desk.now = broker.desk.now + 500
    broker.cut()
  }
  #expect(broker.closings.allSatisfy { $0 == .lost })
  broker.settle(cuttingOver: { _ in false })
  #expect(broker.desk.outbox.takeRefused().isEmpty)
  #expect(broker.taken.to("grid/reading").map(\.count) == [400])
}

@Test(arguments: [Closing.failed(.system(111)), .silent, .requested])
func aBrokerThatWasAwayIsTriedAnew(closing: Closing) {
  var broker = broker(readingOf: 400)
  broker.settle(cuttingOver: isLong)
  _ = broker.desk.outbox.takeRefused()
  broker.cut(closing)
  broker.desk.publish("grid", [], reading: String(repeating: "z", count: 400))
  broker.settle(cuttingOver: { _ in false })
  #expect(broker.taken.to("grid/reading").map(\.count) == [400])
  #expect(broker.desk.outbox.takeRefused().isEmpty)
}

@Test func aConnectionThatLastedWasNotCutForItsMessages() {
  var broker = broker(readingOf: 400)
  broker.desk.connect()
  broker.isUp = true
  broker.desk.handOver()
  broker.desk.now = broker.desk.now + .seconds(11)
  broker.cut()
  #expect(!broker.desk.outbox.suspicion.isDoubting)
}

/// Health asks for no acknowledgement, so it is not under way when the connection is cut over it.
@Test func aMessageWithoutAcknowledgementIsFoundToo() {
  var broker = SilentBroker(desk: OutboxDesk(discovery: false))
  broker.desk.configure("grid")
  broker.settle(cuttingOver: { _ in false })
  broker.desk.outbox.take(.health([UInt8](repeating: 65, count: 400)), at: broker.desk.now)
  broker.desk.handOver()
  broker.desk.outbox.finish(.health, refusal: nil, at: broker.desk.now)
  broker.cut()
  broker.settle(cuttingOver: isLong)
  #expect(broker.desk.outbox.takeRefused().map(\.topic) == ["meterbridge/bridge/health"])
  #expect(broker.cuts == 4)
}
