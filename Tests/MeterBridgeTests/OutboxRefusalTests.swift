import Decoders
import MQTT
import Testing

@testable import MeterBridge

private func refusingPower(_ message: Outbox.Outgoing) -> Refusal? {
  message.topic.hasSuffix("/power") ? .notAuthorized : nil
}

@Test func aRefusedTopicIsOneDeadLetterAndTheOthersGoOn() {
  var desk = OutboxDesk()
  desk.outbox.take(.meters([OutboxDesk.meter("grid", minimumInterval: 0)]), at: desk.now)
  desk.connect()
  for power in 1...5 {
    desk.publish("grid", [(.power, "\(power)"), (.voltage, "23\(power)")])
    desk.drain(refusing: refusingPower)
  }
  let refused = desk.outbox.takeRefused()
  #expect(
    refused == [
      Outbox.Refused(
        meter: "grid", source: "/dev/ttyUSB0", protocolName: "p1", topic: "meterbridge/grid/power", value: "1",
        refusal: .notAuthorized)
    ])
  // The topic is tried again with every new value.
  #expect(desk.sent.to("grid/power") == ["1", "2", "3", "4", "5"])
  #expect(desk.sent.to("grid/voltage") == ["231", "232", "233", "234", "235"])
}

@Test func aRefusalIsToldAgainAfterASuccessAnotherReasonOrAReconnect() {
  var desk = OutboxDesk()
  desk.outbox.take(.meters([OutboxDesk.meter("grid", minimumInterval: 0)]), at: desk.now)
  desk.connect()
  var told: [Int] = []
  let answers: [Refusal?] = [.notAuthorized, .notAuthorized, .quotaExceeded, nil, .quotaExceeded, .quotaExceeded]
  for (power, answer) in answers.enumerated() {
    desk.publish("grid", [(.power, "\(power)")])
    desk.drain { $0.topic.hasSuffix("/power") ? answer : nil }
    told.append(desk.outbox.takeRefused().count)
  }
  #expect(told == [1, 0, 1, 0, 1, 0])
  desk.disconnect()
  desk.connect()
  desk.drain { $0.topic.hasSuffix("/power") ? .quotaExceeded : nil }
  #expect(desk.outbox.takeRefused().count == 1)
}

@Test func aRefusedReadingIsNotTriedAgain() {
  var desk = OutboxDesk(discovery: false)
  desk.configure("grid")
  desk.connect()
  desk.drain()
  desk.publish("grid", [], reading: "1")
  desk.publish("grid", [], reading: "2")
  let sent = desk.drain { $0.topic.hasSuffix("/reading") ? .packetTooLarge : nil }
  #expect(sent.to("grid/reading") == ["1", "2"])
  #expect(desk.outbox.takeRefused().map(\.topic) == ["meterbridge/grid/reading"])
  #expect(desk.outbox.backlog.readings == 0)
}

@Test(arguments: [MQTTVersion.five, .threeOneOne])
func whatIsLargerThanAPacketMayBeIsNeverSent(version: MQTTVersion) {
  var desk = OutboxDesk(discovery: false, maximumPacketSize: 300)
  desk.configure("grid")
  desk.connect(version)
  desk.publish("grid", [(.power, "1")], reading: String(repeating: "x", count: 400))
  desk.publish("grid", [(.power, "1")], reading: "small")
  #expect(desk.drain().to("grid/reading") == ["small"])
  let refused = desk.outbox.takeRefused()
  #expect(refused.map(\.topic) == ["meterbridge/grid/reading"] && refused.map(\.refusal) == [.packetTooLarge])
}

@Test func theSmallerOfTheTwoLimitsHolds() {
  for (told, configured) in [(300, nil), (300, 1_000), (1_000, 300)] as [(Int, Int?)] {
    var desk = OutboxDesk(discovery: false, maximumPacketSize: configured)
    desk.configure("grid")
    desk.connect { $0.maximumPacketSize = told }
    desk.publish("grid", [], reading: String(repeating: "x", count: 400))
    #expect(desk.drain().to("grid/reading") == [])
  }
}

@Test func aRefusedDeadLetterMakesNoDeadLetter() {
  var desk = OutboxDesk(maximumPacketSize: 100)
  desk.configure("grid")
  desk.connect()
  desk.drain()
  _ = desk.outbox.takeRefused()
  desk.outbox.take(.deadLetter([UInt8](repeating: 65, count: 200)), at: desk.now)
  desk.drain()
  #expect(desk.outbox.takeRefused().isEmpty)
}

@Test func aBrokerWithoutRetainedMessagesIsWarnedAboutAndServedWithoutThem() {
  var desk = OutboxDesk()
  desk.configure("grid")
  desk.publish("grid", [(.power, "1")])
  desk.connect { $0.retains = false }
  #expect(desk.drain().allSatisfy { !$0.retain })
  #expect(desk.outbox.takeNotes().count == 1)
}
