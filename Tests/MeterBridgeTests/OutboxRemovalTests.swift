import Decoders
import MQTT
import Testing

@testable import MeterBridge

private func state(
  _ devices: [(String, [FieldName])], root: String = "meterbridge", prefix: String = "homeassistant",
  node: String = "meterbridge"
) -> RetainedState {
  RetainedState(
    baseTopic: root, discoveryPrefix: prefix, nodeID: node,
    devices: devices.map {
      RetainedState.Entry(device: OutboxDesk.device($0.0), fields: $0.1.map(OutboxDesk.field))
    })
}

@Test func whatStandsOnTheBrokerIsReported() {
  var desk = OutboxDesk()
  desk.configure("grid")
  desk.connect()
  desk.publish("grid", [(.power, "1")])
  desk.drain()
  var expected = state([("grid", [.power])])
  expected.devices[0].fields.append(.lastTelegram)
  #expect(desk.outbox.takeRetained() == expected)
  #expect(desk.outbox.takeRetained() == nil)
  desk.publish("grid", [(.power, "2")])
  desk.drain()
  #expect(desk.outbox.takeRetained() == nil)
}

@Test func aMeterThatIsNoLongerConfiguredIsTakenAway() {
  var desk = OutboxDesk(retained: state([("grid", [.power]), ("heat", [.energy, .volume])]))
  desk.configure("grid")
  desk.connect()
  let cleared = desk.drain().filter(\.payload.isEmpty)
  #expect(
    cleared.topics == [
      "homeassistant/device/meterbridge_heat/config", "meterbridge/heat/availability", "meterbridge/heat/energy",
      "meterbridge/heat/volume",
    ])
  #expect(cleared.allSatisfy { $0.retain && $0.qos == 1 })
  #expect(desk.outbox.takeRetained()?.devices.map(\.device.id) == ["grid"])
}

@Test func aReloadTakesAwayTheMeterAndItsSubmeters() {
  var desk = OutboxDesk()
  desk.configure("grid", "heat")
  desk.connect()
  desk.publish("grid", [(.power, "1")])
  desk.publish("grid_gas", [(.volume, "1")], parent: "grid")
  desk.publish("heat", [(.energy, "1")])
  desk.drain()
  desk.configure("heat")
  let sent = desk.drain()
  #expect(
    sent.filter(\.payload.isEmpty).topics == [
      "homeassistant/device/meterbridge_grid/config", "meterbridge/grid/availability", "meterbridge/grid/power",
      "meterbridge/grid/last_telegram", "homeassistant/device/meterbridge_grid_gas/config",
      "meterbridge/grid_gas/availability", "meterbridge/grid_gas/volume", "meterbridge/grid_gas/last_telegram",
    ])
  #expect(sent.to("bridge/info").count == 1)
  #expect(desk.outbox.takeRetained()?.devices.map(\.device.id) == ["heat"])
  // Readings that were on the way are nobody's.
  desk.publish("grid", [(.power, "2")], reading: "{}")
  #expect(desk.drain().isEmpty)
}

@Test func aRemovalThatTheConnectionCutShortIsDoneAgain() {
  var desk = OutboxDesk(retained: state([("heat", [.energy])]))
  desk.configure("grid")
  desk.connect()
  desk.handOver()
  #expect(desk.outbox.takeRetained()?.devices.map(\.device.id) == ["grid", "heat"])
  desk.disconnect()
  desk.connect()
  #expect(desk.drain().filter(\.payload.isEmpty).count == 3)
  #expect(desk.outbox.takeRetained()?.devices.map(\.device.id) == ["grid"])
}

@Test func aRefusedRemovalStaysKnown() {
  var desk = OutboxDesk(retained: state([("heat", [.energy])]))
  desk.configure("grid")
  desk.connect()
  desk.drain { $0.payload.isEmpty ? .notAuthorized : nil }
  #expect(desk.outbox.takeRetained()?.devices.map(\.device.id) == ["grid", "heat"])
  #expect(desk.outbox.takeRefused().count == 3)
}

@Test func aMeterThatComesBackWhileItIsTakenAwayIsKept() {
  var desk = OutboxDesk()
  desk.configure("grid")
  desk.connect()
  desk.publish("grid", [(.power, "1")])
  desk.drain()
  desk.configure()
  desk.configure("grid")
  desk.publish("grid", [(.power, "2")])
  let sent = desk.drain()
  #expect(sent.filter { $0.topic == "meterbridge/grid/power" }.last?.text == "2")
  #expect(desk.outbox.takeRetained()?.devices.map(\.device.id) == ["grid"])
}

@Test func aFieldThatDoesNotComeInTenReadingsIsRemovedInTwoSteps() throws {
  var desk = OutboxDesk(retained: state([("grid", [.power, .voltage, .lastTelegram])]))
  desk.configure("grid")
  desk.connect()
  let before = try #require(desk.drain().first { $0.topic.hasSuffix("_grid/config") })
  #expect(before.text.contains(#""state_topic":"meterbridge/grid/voltage""#))
  for reading in 1...9 {
    desk.publish("grid", [(.power, "\(reading)")])
    #expect(desk.drain().discoveries.isEmpty)
  }
  desk.publish("grid", [(.power, "10")])
  let sent = desk.drain()
  let documents = sent.filter { $0.topic.hasSuffix("_grid/config") }.map(\.text)
  #expect(documents.count == 2)
  #expect(documents.first?.contains(#""voltage":{"p":"sensor"}"#) == true)
  #expect(documents.last?.contains("voltage") == false && documents.last?.contains("grid/power") == true)
  #expect(sent.filter(\.payload.isEmpty).topics == ["meterbridge/grid/voltage"])
  #expect(desk.outbox.takeRetained()?.devices.first?.fields.map(\.level) == ["power", "last_telegram"])
  // Should it come after all, it is there again.
  desk.publish("grid", [(.power, "11"), (.voltage, "230")])
  let again = desk.drain()
  #expect(again.discoveries.count == 1 && again.to("grid/voltage") == ["230"])
}

@Test func anIdThatIsGivenToAnotherMeterLosesTheFieldsOfTheFormerOne() {
  var desk = OutboxDesk()
  desk.configure("grid")
  desk.connect()
  desk.publish("grid", [(.power, "1"), (.voltage, "230")])
  desk.drain()
  var other = OutboxDesk.meter("grid")
  other.source = "/dev/ttyUSB1"
  desk.outbox.take(.meters([other]), at: desk.now)
  for reading in 2...11 { desk.publish("grid", [(.power, "\(reading)")]) }
  #expect(desk.drain().filter(\.payload.isEmpty).topics == ["meterbridge/grid/voltage"])
  desk.publish("grid", [(.power, "12"), (.voltage, "230")])
  #expect(desk.pass(.seconds(10)).to("grid/voltage") == ["230"])
}

@Test func aFieldIsForgottenOnlyWhenHomeAssistantHasBeenTold() {
  var desk = OutboxDesk(retained: state([("grid", [.power, .voltage])]))
  desk.configure("grid")
  for reading in 1...10 { desk.publish("grid", [(.power, "\(reading)")]) }
  #expect(desk.outbox.takeRetained()?.devices.first?.fields.map(\.level).contains("voltage") == true)
  desk.connect()
  let documents = desk.drain().filter { $0.topic.hasSuffix("_grid/config") }.map(\.text)
  #expect(documents.map { $0.contains(#""voltage":{"p":"sensor"}"#) } == [true, false])
  #expect(desk.outbox.takeRetained()?.devices.first?.fields.map(\.level).contains("voltage") == false)
}

@Test func anotherRootTakesTheOldTopicsAway() {
  var desk = OutboxDesk(retained: state([("grid", [.power])], root: "old"))
  desk.configure("grid")
  desk.connect()
  #expect(desk.outbox.takeRetained() == nil)
  let cleared = desk.drain().filter(\.payload.isEmpty).topics
  #expect(
    cleared == [
      "old/grid/availability", "old/grid/power", "old/bridge/state", "old/bridge/info", "old/bridge/health",
    ])
  #expect(desk.outbox.takeRetained()?.baseTopic == "meterbridge")
}

@Test func anotherNodeOrPrefixTakesTheOldDocumentsAway() {
  for old in [state([("grid", [.power])], node: "other"), state([("grid", [.power])], prefix: "ha")] {
    var desk = OutboxDesk(retained: old)
    desk.configure("grid")
    desk.connect()
    let cleared = desk.drain().filter(\.payload.isEmpty).topics
    #expect(
      cleared == [
        "\(old.discoveryPrefix)/device/\(old.nodeID)_grid/config",
        "\(old.discoveryPrefix)/device/\(old.nodeID)_bridge/config",
      ])
  }
}

@Test func withoutDiscoveryItsDocumentsAreTakenAwayOnce() {
  var desk = OutboxDesk(retained: state([("grid", [.power])]), discovery: false)
  desk.configure("grid")
  desk.connect()
  let cleared = desk.drain().filter(\.payload.isEmpty).topics
  #expect(
    cleared == ["homeassistant/device/meterbridge_grid/config", "homeassistant/device/meterbridge_bridge/config"])
  #expect(desk.outbox.takeRetained()?.discoveryPrefix == "")
}

@Test func aFieldThatAMeterTellsRarelyIsGoneOnlyAfterMoreThanADay() {
  func publish(_ desk: inout OutboxDesk, _ values: [(FieldName, String)]) {
    var publication = OutboxDesk.publication("grid", values, at: desk.now)
    publication.device.protocolName = "echonet"
    desk.outbox.take(.publication(publication), at: desk.now)
  }
  var desk = OutboxDesk(retained: state([("grid", [.power, .energyImportScheduled, .energyExport])]))
  desk.configure("grid")
  desk.connect()
  for number in 0..<49 {
    publish(&desk, [(.power, "\(number)")])
    if number == 40 { publish(&desk, [(.energyImportScheduled, "1.0")]) }
    #expect(desk.pass(.minutes(30)).allSatisfy { !$0.payload.isEmpty })
  }
  desk.pass(.minutes(30))
  publish(&desk, [(.power, "1")])
  #expect(desk.drain().filter(\.payload.isEmpty).topics == ["meterbridge/grid/energy_export"])
}

@Test func whatIsNoticedBesideAMeterBringsItNotOnline() {
  var desk = OutboxDesk()
  desk.configure("grid")
  desk.connect()
  desk.publish("grid", [(.power, "1")])
  desk.outbox.take(.availability(device: "grid", online: false), at: desk.now)
  desk.drain()
  desk.now = desk.now + .minutes(2)
  var news = OutboxDesk.publication("grid", [(.rateLimited, "ON")], at: desk.now)
  news.isSignOfLife = false
  desk.outbox.take(.publication(news), at: desk.now)
  let sent = desk.drain()
  #expect(sent.to("rate_limited") == ["ON"])
  #expect(sent.to("availability").isEmpty && sent.to("last_telegram").isEmpty)
}

@Test func aFieldWhoseValueIsHeldBackIsNotTakenAway() {
  let field = OutboxDesk.field(.energyImport)
  let retained = RetainedState(
    baseTopic: "meterbridge", discoveryPrefix: "homeassistant", nodeID: "meterbridge",
    devices: [
      RetainedState.Entry(device: OutboxDesk.device("grid"), fields: [field, OutboxDesk.field(.energyExport)])
    ])
  var desk = OutboxDesk(retained: retained)
  desk.configure("grid")
  desk.connect()
  for _ in 0..<20 {
    var publication = OutboxDesk.publication("grid", [(.power, "1")], at: desk.now)
    publication.held = ["energy_import"]
    desk.outbox.take(.publication(publication), at: desk.now)
    desk.pass(.seconds(1))
  }
  #expect(desk.sent.filter { $0.payload.isEmpty }.topics == ["meterbridge/grid/energy_export"])
}
