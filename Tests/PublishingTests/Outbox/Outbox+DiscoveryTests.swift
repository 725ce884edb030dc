import Decoders
import Testing
import TestSupport

@testable import Base
@testable import Meters
@testable import MQTT
@testable import Publishing

private let device = ["homeassistant/device/meterbridge_bridge/config", "homeassistant/device/meterbridge_grid/config"]
private let bridge = [
  "binary_sensor/meterbridge_bridge/state", "sensor/meterbridge_bridge/started",
  "sensor/meterbridge_bridge/dead_letters", "sensor/meterbridge_bridge/reconnects",
].map { "homeassistant/\($0)/config" }

private func entity(_ field: String, of device: String = "grid") -> String {
  "homeassistant/sensor/meterbridge_\(device)/\(field)/config"
}

private let classic = bridge + [entity("power"), entity("last_telegram")]

private func kept(_ forms: DiscoveryForms, _ ids: String...) -> RetainedState {
  let fields = [OutboxHarness.field(.power), .lastTelegram]
  return RetainedState(
    baseTopic: "meterbridge", discoveryPrefix: "homeassistant", nodeID: "meterbridge", forms: forms,
    devices: ids.map { RetainedState.Entry(device: OutboxHarness.device($0), fields: fields) })
}

private func connected(_ forms: DiscoveryForms, after retained: RetainedState = OutboxHarness.nothing) -> OutboxHarness
{
  var harness = OutboxHarness(retained: retained, forms: forms)
  harness.configure("grid")
  harness.connect()
  return harness
}

extension [Outbox.Outgoing] {
  fileprivate var cleared: [String] { filter { $0.payload.isEmpty && $0.retain }.map(\.topic) }
  /// Those that tell Home Assistant of the change.
  fileprivate var told: [Outbox.Outgoing] { filter { $0.text == #"{"migrate_discovery":true}"# } }
  fileprivate var documents: [String] {
    filter { $0.topic.hasSuffix("/config") && $0.text.contains("identifiers") }.map(\.topic)
  }
}

@Test("classic discovery has a retained document for each field, and again only after a change")
func classicDocuments() {
  var harness = connected(.classic)
  harness.publish("grid", [(.power, "1")])
  let sent = harness.drain()
  #expect(sent.documents == classic)
  #expect(sent.filter { classic.contains($0.topic) }.allSatisfy { $0.retain && $0.qos == 1 })
  harness.publish("grid", [(.power, "2")])
  #expect(harness.pass(.minutes(1)).documents == [])
  // A new field costs one document.
  harness.publish("grid", [(.power, "3"), (.voltage, "230")])
  #expect(harness.drain().documents == [entity("voltage")])
  #expect(harness.outbox.takeRetained()?.forms == .classic)
}

@Test("changes of one device wait for each other, in any form", arguments: [DiscoveryForms.device, .classic])
func pauseBetweenDocuments(_ forms: DiscoveryForms) {
  var harness = connected(forms)
  harness.publish("grid", [(.power, "1")])
  harness.drain()
  var sent = 0
  for second in 0..<60 {
    var publication = OutboxHarness.publication("grid", [(.power, "1")], at: harness.now)
    publication.device.name = "Name \(second)"
    harness.outbox.take(.publication(publication), at: harness.now)
    sent += harness.pass(.seconds(1)).documents.count
  }
  #expect((5...7).contains(forms == .device ? sent : sent / 2))
}

@Test("both forms are published, and each follows the fields")
func bothForms() {
  var harness = connected(.both, after: kept(.both, "grid"))
  #expect(Set(harness.drain().documents) == Set(device + classic))
  for _ in 1...10 { harness.publish("grid", [(.voltage, "230")]) }
  let sent = harness.drain() + harness.pass(.seconds(20))
  #expect(sent.cleared == [entity("power"), "meterbridge/grid/power"])
  #expect(sent.to("meterbridge_grid/config").contains { $0.contains(#""power":{"p":"sensor"}"#) })
  #expect(sent.documents.contains(entity("voltage")))
  harness.configure()
  #expect(
    Set(harness.drain().cleared).isSuperset(of: [device[1], entity("voltage"), entity("last_telegram")]))
}

@Test("the classic document of a field that is gone is cleared, and nothing else is told")
func classicFieldGone() {
  var harness = connected(.classic, after: kept(.classic, "grid"))
  #expect(harness.drain().documents == classic)
  for _ in 1...10 { harness.publish("grid", [(.voltage, "230")]) }
  let sent = harness.drain() + harness.pass(.seconds(20))
  #expect(sent.cleared == [entity("power"), "meterbridge/grid/power"])
  #expect(sent.documents == [entity("voltage")])
  // Should it come after all, it is there again.
  harness.publish("grid", [(.voltage, "230"), (.power, "1")])
  #expect((harness.drain() + harness.pass(.seconds(10))).documents == [entity("power")])
}

@Test("the classic documents of a meter that leaves are cleared")
func classicMeterGone() {
  var harness = connected(.classic, after: kept(.classic, "grid", "heat"))
  let topics = ["meterbridge/heat/availability", "meterbridge/heat/power", "meterbridge/heat/last_telegram"]
  #expect(harness.drain().cleared == [entity("power", of: "heat"), entity("last_telegram", of: "heat")] + topics)
  harness.configure()
  #expect(harness.drain().cleared.prefix(2) == [entity("power"), entity("last_telegram")])
}

@Test("a birth brings the classic documents again")
func birthInClassic() {
  var harness = connected(.classic, after: kept(.classic, "grid"))
  harness.drain()
  _ = harness.outbox.received("homeassistant/status", Array("online".utf8), isRetained: false, at: harness.now)
  #expect(harness.pass(.seconds(6)).documents == classic)
}

// MARK: - From one form to the other

private struct Change: Sendable, CustomTestStringConvertible {
  var from: DiscoveryForms
  var to: DiscoveryForms
  var old: [String]
  var new: [String]
  var testDescription: String { "\(from.name) to \(to.name)" }

  static let all = [
    Change(from: .device, to: .classic, old: device, new: classic),
    Change(from: .classic, to: .device, old: classic, new: device),
    Change(from: .both, to: .classic, old: device, new: classic),
    Change(from: .both, to: .device, old: classic, new: device),
  ]
}

@Test("entities change over: told, unloaded, described anew, and only then cleared", arguments: Change.all)
private func changeOver(_ change: Change) {
  var harness = connected(change.to, after: kept(change.from, "grid"))
  let first = harness.drain()
  #expect(Set(first.told.topics) == Set(change.old))
  // The old document stays until there is a new one.
  #expect(first.told.allSatisfy { !$0.retain && $0.qos == 1 })
  #expect(first.documents == [] && first.cleared == [])
  // The state file has both until the old ones are gone.
  #expect(harness.outbox.takeRetained()?.forms == .both)
  harness.publish("grid", [(.power, "1")])
  #expect(harness.pass(Milliseconds(Limits.migrationPause.count - 1)).discoveries == [])
  let last = harness.pass(.seconds(1))
  #expect(Set(last.documents) == Set(change.new))
  #expect(Set(last.cleared) == Set(change.old))
  let order = last.discoveries
  #expect(Set(order.prefix(change.new.count)) == Set(change.new))
  #expect(harness.outbox.takeRetained()?.forms == change.to)
  #expect(harness.pass(.minutes(1)).discoveries == [])
}

@Test("a change that the connection interrupts begins anew")
func interruptedChange() {
  var harness = connected(.classic, after: kept(.device, "grid"))
  harness.drain()
  harness.pass(.seconds(1))
  harness.disconnect()
  harness.pass(.minutes(1))
  harness.connect()
  #expect(Set(harness.drain().told.topics) == Set(device))
  let sent = harness.pass(Limits.migrationPause)
  #expect(sent.documents == classic && Set(sent.cleared) == Set(device))
}

@Test("a change whose messages are refused ends, too")
func refusedChange() {
  var harness = connected(.classic, after: kept(.device, "grid"))
  #expect(harness.drain { $0.topic.contains("/device/") ? .notAuthorized : nil }.told.count == 2)
  #expect(harness.pass(Limits.migrationPause).documents == classic)
}

@Test("a birth during a change does not bring the documents earlier")
func birthInChange() {
  var harness = connected(.classic, after: kept(.device, "grid"))
  harness.drain()
  harness.outbox.welcomeHomeAssistant()
  #expect(harness.drain().discoveries == [])
  #expect(harness.pass(Limits.migrationPause).documents == classic)
}

@Test("a meter that left with the change is cleared in the old form")
func meterLeftWithChange() {
  var harness = connected(.classic, after: kept(.device, "grid", "heat"))
  let sent = harness.drain() + harness.pass(Limits.migrationPause)
  #expect(sent.cleared.first == "homeassistant/device/meterbridge_heat/config")
  #expect(Set(sent.told.topics) == Set(device))
}

@Test("another form beside the old one needs no change over")
func formAdded() {
  var harness = connected(.both, after: kept(.device, "grid"))
  let sent = harness.drain()
  #expect(sent.told.isEmpty && sent.cleared.isEmpty)
  #expect(Set(sent.documents) == Set(device + classic))
  #expect(harness.outbox.takeRetained()?.forms == .both)
}

@Test("discovery that is switched off clears all forms", arguments: [DiscoveryForms.device, .classic, .both])
func switchedOff(_ forms: DiscoveryForms) {
  var harness = connected([], after: kept(forms, "grid"))
  let sent = harness.drain()
  let expected = (forms.contains(.device) ? device : []) + (forms.contains(.classic) ? classic : [])
  #expect(Set(sent.cleared) == Set(expected))
  #expect(sent.told.isEmpty && sent.documents.isEmpty)
}

@Test("another prefix clears the old form there")
func prefixAndForm() {
  var old = kept(.both, "grid")
  old.discoveryPrefix = "ha"
  var harness = connected(.device, after: old)
  let sent = harness.drain()
  #expect(Set(sent.cleared) == Set((device + classic).map { "ha" + $0.dropFirst("homeassistant".count) }))
  #expect(sent.told.isEmpty && sent.documents == device)
}

@Test("a broker that keeps nothing gets the documents unretained")
func classicWithoutRetain() {
  var harness = OutboxHarness(forms: .classic)
  harness.configure("grid")
  harness.connect { $0.retains = false }
  harness.publish("grid", [(.power, "1")])
  #expect(harness.drain().filter { $0.topic.hasSuffix("/config") }.allSatisfy { !$0.retain })
}

@Test("a refused classic document is a dead letter of its meter")
func refusedEntity() {
  var harness = connected(.classic, after: kept(.classic, "grid"))
  harness.drain { $0.topic == entity("power") ? .notAuthorized : nil }
  let refused = harness.outbox.takeRefused()
  #expect(refused.map(\.topic) == [entity("power")] && refused.first?.meter == "grid")
}
