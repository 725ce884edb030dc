import Decoders
import Testing
import TestSupport

@testable import Base
@testable import Meters
@testable import MQTT
@testable import Publishing

extension OutboxHarness {
  fileprivate mutating func forward(_ number: Int64, bytes: [UInt8]) {
    let telegram = ForwardedTelegram(
      meter: "grid", topic: "raw/grid", received: WallTime(milliseconds: 1_795_172_401_250 + number), source: "-",
      protocolName: "p1", bytes: bytes)
    let entry = JournalEntry(meter: telegram.journalName, number: number, payload: telegram.document)
    journal.take(.keep(entry), at: now)
    outbox.take(.forward(entry), at: now)
  }
}

@Suite struct OutboxForwardTests {
  @Test("a telegram goes on as it came, with time, source and protocol") func liveTelegram() {
    var harness = OutboxHarness(discovery: false)
    harness.configure("grid")
    harness.connect()
    harness.drain()
    harness.forward(1, bytes: [0x68, 0, 0xFF])
    let sent = harness.drain()
    #expect(sent.map(\.topic) == ["raw/grid"] && sent[0].payload == [0x68, 0, 0xFF])
    #expect(sent[0].qos == 1 && !sent[0].retain)
    let time = WallTime(milliseconds: 1_795_172_401_251).description
    #expect(sent[0].properties == [.init("time", time), .init("source", "-"), .init("protocol", "p1")])
  }

  @Test("telegrams of an outage follow in order, beside the meter's readings") func telegramsOfOutage() {
    var harness = OutboxHarness(discovery: false)
    harness.configure("grid")
    for number in Int64(1)...100 {
      harness.forward(number, bytes: [UInt8(number)])
      harness.publish("grid", [], reading: "\(number)")
    }
    harness.connect()
    let sent = harness.drain()
    #expect(sent.filter { $0.topic == "raw/grid" }.map(\.payload) == (1...100).map { [$0] })
    #expect(sent.to("grid/reading") == (1...100).map(String.init))
    #expect(harness.outbox.backlog.readings == 0)
    harness.pass(.seconds(2))
    #expect(harness.journal.entries.isEmpty)
  }

  @Test("MQTT 3.1.1 carries the same in JSON") func oldVersion() throws {
    var harness = OutboxHarness(discovery: false)
    harness.configure("grid")
    harness.connect(.threeOneOne)
    harness.drain()
    harness.forward(1, bytes: [0x68, 0, 0xFF])
    let message = try #require(harness.drain().first)
    let time = WallTime(milliseconds: 1_795_172_401_251).description
    #expect(message.text == #"{"time":"\#(time)","source":"-","protocol":"p1","telegram":"6800FF"}"#)
    let read = TelegramPayload(IncomingTelegram(topic: message.topic, payload: message.payload))
    #expect(read?.bytes == [0x68, 0, 0xFF])
    #expect(read?.received(WallTime(milliseconds: 1_795_172_500_000)).description == time)
  }

  @Test("a telegram that no bridge takes is a dead letter of its meter") func tooLong() {
    var harness = OutboxHarness(discovery: false)
    harness.configure("grid")
    harness.connect()
    harness.drain()
    harness.forward(1, bytes: [UInt8](repeating: 1, count: Limits.incomingMessageBytes))
    harness.forward(2, bytes: [2])
    #expect(harness.drain().map(\.payload) == [[2]])
    let refused = harness.outbox.takeRefused()
    #expect(refused.map(\.meter) == ["grid"] && refused.map(\.topic) == ["raw/grid"])
  }

  @Test("a batch is settled when its readings are delivered, and after a while in any case") func settling() {
    var harness = OutboxHarness(discovery: false)
    harness.configure("grid")
    harness.connect()
    harness.drain()
    harness.outbox.take(.settle(batch: 1), at: harness.now)
    #expect(harness.outbox.takeSettled(at: harness.now) == 1 && harness.outbox.takeSettled(at: harness.now) == nil)
    harness.publish("grid", [], reading: "1")
    harness.publish("grid", [], reading: "2")
    harness.outbox.take(.settle(batch: 2), at: harness.now)
    harness.handOver()
    #expect(harness.outbox.takeSettled(at: harness.now) == nil)
    harness.drain()
    #expect(harness.outbox.takeSettled(at: harness.now) == 2)
    harness.publish("grid", [], reading: "3")
    harness.outbox.take(.settle(batch: 3), at: harness.now)
    harness.disconnect()
    #expect(harness.outbox.takeSettled(at: harness.now) == nil)
    #expect(harness.outbox.deadline(at: harness.now).map { $0 <= harness.now + Limits.telegramPatience } == true)
    harness.now = harness.now + Limits.telegramPatience
    #expect(harness.outbox.takeSettled(at: harness.now) == 3)
  }
}
