import Decoders
import Testing
import TestSupport

@testable import Base
@testable import Meters
@testable import MQTT
@testable import Publishing

private func state(
  _ devices: [(String, [FieldName])], root: String = "meterbridge", prefix: String = "homeassistant",
  node: String = "meterbridge"
) -> RetainedState {
  RetainedState(
    baseTopic: root, discoveryPrefix: prefix, nodeID: node,
    devices: devices.map {
      RetainedState.Entry(device: OutboxHarness.device($0.0), fields: $0.1.map(OutboxHarness.field))
    })
}

@Test("the retained topics are reported when they change")
func retainedTopicsAreReported() {
  var harness = OutboxHarness()
  harness.configure("grid")
  harness.connect()
  harness.publish("grid", [(.power, "1")])
  harness.drain()
  var expected = state([("grid", [.power])])
  expected.devices[0].fields.append(.lastTelegram)
  #expect(harness.outbox.takeRetained() == expected)
  #expect(harness.outbox.takeRetained() == nil)
  harness.publish("grid", [(.power, "2")])
  harness.drain()
  #expect(harness.outbox.takeRetained() == nil)
}

@Test("the topics of a meter that is no longer configured are cleared")
func removedMeter() {
  var harness = OutboxHarness(retained: state([("grid", [.power]), ("heat", [.energy, .volume])]))
  harness.configure("grid")
  harness.connect()
  let cleared = harness.drain().filter(\.payload.isEmpty)
  #expect(
    cleared.topics == [
      "homeassistant/device/meterbridge_heat/config", "meterbridge/heat/availability", "meterbridge/heat/energy",
      "meterbridge/heat/volume",
    ])
  #expect(cleared.allSatisfy { $0.retain && $0.qos == 1 })
  #expect(harness.outbox.takeRetained()?.devices.map(\.device.id) == ["grid"])
}

@Test("a reload clears the topics of a removed meter and its sub-meters")
func removedByReload() {
  var harness = OutboxHarness()
  harness.configure("grid", "heat")
  harness.connect()
  harness.publish("grid", [(.power, "1")])
  harness.publish("grid_gas", [(.volume, "1")], parent: "grid")
  harness.publish("heat", [(.energy, "1")])
  harness.drain()
  harness.configure("heat")
  let sent = harness.drain()
  #expect(
    sent.filter(\.payload.isEmpty).topics == [
      "homeassistant/device/meterbridge_grid/config", "meterbridge/grid/availability", "meterbridge/grid/power",
      "meterbridge/grid/last_telegram", "homeassistant/device/meterbridge_grid_gas/config",
      "meterbridge/grid_gas/availability", "meterbridge/grid_gas/volume", "meterbridge/grid_gas/last_telegram",
    ])
  #expect(sent.to("bridge/info").count == 1)
  #expect(harness.outbox.takeRetained()?.devices.map(\.device.id) == ["heat"])
  // Readings that were on the way are nobody's.
  harness.publish("grid", [(.power, "2")], reading: "{}")
  #expect(harness.drain().isEmpty)
}

@Test("a removal that the connection interrupts is done again")
func interruptedRemoval() {
  var harness = OutboxHarness(retained: state([("heat", [.energy])]))
  harness.configure("grid")
  harness.connect()
  harness.handOver()
  #expect(harness.outbox.takeRetained()?.devices.map(\.device.id) == ["grid", "heat"])
  harness.disconnect()
  harness.connect()
  #expect(harness.drain().filter(\.payload.isEmpty).count == 3)
  #expect(harness.outbox.takeRetained()?.devices.map(\.device.id) == ["grid"])
}

@Test("a refused removal stays in the retained state")
func refusedRemoval() {
  var harness = OutboxHarness(retained: state([("heat", [.energy])]))
  harness.configure("grid")
  harness.connect()
  harness.drain { $0.payload.isEmpty ? .notAuthorized : nil }
  #expect(harness.outbox.takeRetained()?.devices.map(\.device.id) == ["grid", "heat"])
  #expect(harness.outbox.takeRefused().count == 3)
}

@Test("a meter that comes back during its removal is kept")
func meterComesBack() {
  var harness = OutboxHarness()
  harness.configure("grid")
  harness.connect()
  harness.publish("grid", [(.power, "1")])
  harness.drain()
  harness.configure()
  harness.configure("grid")
  harness.publish("grid", [(.power, "2")])
  let sent = harness.drain()
  #expect(sent.filter { $0.topic == "meterbridge/grid/power" }.last?.text == "2")
  #expect(harness.outbox.takeRetained()?.devices.map(\.device.id) == ["grid"])
}

@Test("a field that is missing in ten readings is removed in two steps")
func unseenField() throws {
  var harness = OutboxHarness(retained: state([("grid", [.power, .voltage, .lastTelegram])]))
  harness.configure("grid")
  harness.connect()
  let before = try #require(harness.drain().first { $0.topic.hasSuffix("_grid/config") })
  #expect(before.text.contains(#""state_topic":"meterbridge/grid/voltage""#))
  for reading in 1...9 {
    harness.publish("grid", [(.power, "\(reading)")])
    #expect(harness.drain().discoveries.isEmpty)
  }
  harness.publish("grid", [(.power, "10")])
  // The second step is a document of its own, ten seconds later.
  let sent = harness.drain() + harness.pass(.seconds(20))
  let documents = sent.filter { $0.topic.hasSuffix("_grid/config") }.map(\.text)
  #expect(documents.count == 2)
  #expect(documents.first?.contains(#""voltage":{"p":"sensor"}"#) == true)
  #expect(documents.last?.contains("voltage") == false && documents.last?.contains("grid/power") == true)
  #expect(sent.filter(\.payload.isEmpty).topics == ["meterbridge/grid/voltage"])
  #expect(harness.outbox.takeRetained()?.devices.first?.fields.map(\.level) == ["power", "last_telegram"])
  // Should it come after all, it is there again.
  harness.publish("grid", [(.power, "11"), (.voltage, "230")])
  let again = harness.drain() + harness.pass(.seconds(10))
  #expect(again.discoveries.count == 1 && again.to("grid/voltage") == ["230"])
}

@Test("an id given to another meter loses the fields of the former one")
func idOfAnotherMeter() {
  var harness = OutboxHarness()
  harness.configure("grid")
  harness.connect()
  harness.publish("grid", [(.power, "1"), (.voltage, "230")])
  harness.drain()
  var other = OutboxHarness.meter("grid")
  other.source = "/dev/ttyUSB1"
  harness.outbox.take(.meters([other]), at: harness.now)
  for reading in 2...11 { harness.publish("grid", [(.power, "\(reading)")]) }
  #expect(harness.drain().filter(\.payload.isEmpty).topics == ["meterbridge/grid/voltage"])
  harness.publish("grid", [(.power, "12"), (.voltage, "230")])
  #expect(harness.pass(.seconds(10)).to("grid/voltage") == ["230"])
}

@Test("a field is forgotten only after Home Assistant has been told")
func forgottenAfterDiscovery() {
  var harness = OutboxHarness(retained: state([("grid", [.power, .voltage])]))
  harness.configure("grid")
  for reading in 1...10 { harness.publish("grid", [(.power, "\(reading)")]) }
  #expect(harness.outbox.takeRetained()?.devices.first?.fields.map(\.level).contains("voltage") == true)
  harness.connect()
  let sent = harness.drain() + harness.pass(.seconds(10))
  let documents = sent.filter { $0.topic.hasSuffix("_grid/config") }.map(\.text)
  #expect(documents.map { $0.contains(#""voltage":{"p":"sensor"}"#) } == [true, false])
  #expect(harness.outbox.takeRetained()?.devices.first?.fields.map(\.level).contains("voltage") == false)
}

@Test("another root clears the old topics")
func anotherRoot() {
  var harness = OutboxHarness(retained: state([("grid", [.power])], root: "old"))
  harness.configure("grid")
  harness.connect()
  #expect(harness.outbox.takeRetained() == nil)
  let cleared = harness.drain().filter(\.payload.isEmpty).topics
  #expect(
    cleared == [
      "old/grid/availability", "old/grid/power", "old/bridge/state", "old/bridge/info", "old/bridge/health",
    ])
  #expect(harness.outbox.takeRetained()?.baseTopic == "meterbridge")
}

@Test("another node or prefix clears the old documents")
func anotherNodeOrPrefix() {
  for old in [state([("grid", [.power])], node: "other"), state([("grid", [.power])], prefix: "ha")] {
    var harness = OutboxHarness(retained: old)
    harness.configure("grid")
    harness.connect()
    let cleared = harness.drain().filter(\.payload.isEmpty).topics
    #expect(
      cleared == [
        "\(old.discoveryPrefix)/device/\(old.nodeID)_grid/config",
        "\(old.discoveryPrefix)/device/\(old.nodeID)_bridge/config",
      ])
  }
}

@Test("without discovery its documents are cleared once")
func discoverySwitchedOff() {
  var harness = OutboxHarness(retained: state([("grid", [.power])]), discovery: false)
  harness.configure("grid")
  harness.connect()
  let cleared = harness.drain().filter(\.payload.isEmpty).topics
  #expect(
    cleared == ["homeassistant/device/meterbridge_grid/config", "homeassistant/device/meterbridge_bridge/config"])
  #expect(harness.outbox.takeRetained()?.discoveryPrefix == "")
}

@Test("a field that a meter sends rarely is removed only after more than a day")
func rareField() {
  func publish(_ harness: inout OutboxHarness, _ values: [(FieldName, String)]) {
    var publication = OutboxHarness.publication("grid", values, at: harness.now)
    publication.device.protocolName = "echonet"
    harness.outbox.take(.publication(publication), at: harness.now)
  }
  var harness = OutboxHarness(retained: state([("grid", [.power, .energyImportScheduled, .energyExport])]))
  harness.configure("grid")
  harness.connect()
  for number in 0..<49 {
    publish(&harness, [(.power, "\(number)")])
    if number == 40 { publish(&harness, [(.energyImportScheduled, "1.0")]) }
    #expect(harness.pass(.minutes(30)).allSatisfy { !$0.payload.isEmpty })
  }
  harness.pass(.minutes(30))
  publish(&harness, [(.power, "1")])
  #expect(harness.drain().filter(\.payload.isEmpty).topics == ["meterbridge/grid/energy_export"])
}

@Test("a value noticed beside a telegram does not bring the meter online")
func noticedBesideTelegram() {
  var harness = OutboxHarness()
  harness.configure("grid")
  harness.connect()
  harness.publish("grid", [(.power, "1")])
  harness.outbox.take(.availability(device: "grid", online: false), at: harness.now)
  harness.drain()
  harness.now = harness.now + .minutes(2)
  var news = OutboxHarness.publication("grid", [(.rateLimited, "ON")], at: harness.now)
  news.isFromTelegram = false
  harness.outbox.take(.publication(news), at: harness.now)
  let sent = harness.drain()
  #expect(sent.to("rate_limited") == ["ON"])
  #expect(sent.to("availability").isEmpty && sent.to("last_telegram").isEmpty)
}

@Test("a field whose value is held back is not removed")
func heldBackField() {
  let field = OutboxHarness.field(.energyImport)
  let retained = RetainedState(
    baseTopic: "meterbridge", discoveryPrefix: "homeassistant", nodeID: "meterbridge",
    devices: [
      RetainedState.Entry(device: OutboxHarness.device("grid"), fields: [field, OutboxHarness.field(.energyExport)])
    ])
  var harness = OutboxHarness(retained: retained)
  harness.configure("grid")
  harness.connect()
  for _ in 0..<20 {
    var publication = OutboxHarness.publication("grid", [(.power, "1")], at: harness.now)
    publication.held = ["energy_import"]
    harness.outbox.take(.publication(publication), at: harness.now)
    harness.pass(.seconds(1))
  }
  #expect(harness.sent.filter { $0.payload.isEmpty }.topics == ["meterbridge/grid/energy_export"])
}
