import Decoders
import Foundation
import Testing
import TestSupport

@testable import Base
@testable import Meters
@testable import Publishing

private let heat = Device(
  id: "heat", manufacturer: "KAM", model: "MULTICAL 303", medium: .heat, protocolName: "mbus")
private let discovery = Discovery(HomeAssistantSettings(discovery: .both), baseTopic: "meterbridge")

private func object(_ document: [UInt8]) throws -> [String: Any] {
  try #require(try JSONSerialization.jsonObject(with: Data(document)) as? [String: Any])
}

@Suite struct DiscoveryButtonTests {
  @Test("the button of a polled meter publishes on its topic, also while the meter is offline") func shown() throws {
    let bytes = discovery.document(for: heat, fields: [], removing: [], button: .shown)
    let verdict = DiscoveryVerdict(bytes, of: "heat", root: "meterbridge", version: nil)
    #expect(verdict.breaches == [])
    let document = try object(bytes)
    let components = try #require(document["components"] as? [String: [String: Any]])
    let expected = [
      #"{"p":"button","unique_id":"meterbridge_heat_read","default_entity_id":"button.heat_read","name":"Read now","#,
      #""command_topic":"meterbridge/heat/read","entity_category":"diagnostic","#,
      #""availability":[{"topic":"meterbridge/bridge/state"}]}"#,
    ].joined()
    #expect(try #require(components["read"]) as NSDictionary == object(Array(expected.utf8)) as NSDictionary)
  }

  @Test("both forms say the same of the button") func classic() throws {
    #expect(discovery.buttonTopic(device: "heat") == "homeassistant/button/meterbridge_heat/read/config")
    let document = try object(discovery.buttonDocument(for: heat))
    var whole = try object(discovery.document(for: heat, fields: [], removing: [], button: .shown))
    let components = try #require(whole.removeValue(forKey: "components") as? [String: [String: Any]])
    var expected = whole.merging(try #require(components["read"])) { $1 }
    expected["p"] = nil
    #expect(document as NSDictionary == expected as NSDictionary)
    #expect(discovery.device(of: "homeassistant/button/meterbridge_heat/read/config") == "heat")
  }

  @Test("a meter that pushes, or that is behind another, does not have a button") func none() {
    let gas = Device(id: "grid_gas", parent: "grid", medium: .gas, protocolName: "p1")
    #expect(Discovery.ReadButton(of: heat, isPolled: true) == .shown)
    #expect(Discovery.ReadButton(of: heat, isPolled: false) == .none)
    #expect(Discovery.ReadButton(of: gas, isPolled: true) == .none)
    let text = String(decoding: discovery.document(for: heat, fields: [], removing: []), as: UTF8.self)
    #expect(!text.contains("button"))
  }

  private static func harness(_ forms: DiscoveryForms, isPolled: Bool = true) -> OutboxHarness {
    var harness = OutboxHarness(forms: forms)
    harness.configure("heat", isPolled: isPolled)
    harness.connect()
    harness.publish("heat", [(.energy, "1")])
    harness.drain()
    return harness
  }

  @Test("the button goes out in the forms that are published, once")
  func published() {
    for forms in [DiscoveryForms.device, .classic, .both] {
      var harness = Self.harness(forms)
      let topic = "homeassistant/button/meterbridge_heat/read/config"
      let single = harness.sent.filter { $0.topic == topic }
      #expect(single.count == (forms.contains(.classic) ? 1 : 0))
      #expect(single.allSatisfy { $0.retain && $0.qos == 1 })
      let devices = harness.sent.filter { $0.topic == "homeassistant/device/meterbridge_heat/config" }
      #expect(devices.count == (forms.contains(.device) ? 1 : 0))
      #expect(devices.allSatisfy { $0.text.contains("\"read\":{\"p\":\"button\"") })
      // Another value changes no document.
      harness.publish("heat", [(.energy, "2")])
      #expect(harness.pass(.seconds(20)).discoveries == [])
    }
  }

  @Test("a meter that pushes from now on loses its button, in both forms")
  func gone() throws {
    var harness = Self.harness(.both)
    #expect(harness.outbox.takeRetained()?.devices.first?.hasButton == true)
    harness.configure("heat", isPolled: false)
    let sent = harness.drain() + harness.pass(.seconds(60))
    #expect(sent.to("read/config") == [""])
    let documents = sent.filter { $0.topic == "homeassistant/device/meterbridge_heat/config" }.map(\.text)
    #expect(documents.first?.contains("\"read\":{\"p\":\"button\"}") == true)
    #expect(documents.last?.contains("button") == false)
    #expect(harness.outbox.takeRetained()?.devices.first?.hasButton == false)
  }

  @Test("a button of an earlier run goes with its meter, or alone")
  func ofEarlierRun() {
    let entry = RetainedState.Entry(
      device: OutboxHarness.device("heat"), fields: [OutboxHarness.field(.energy)], hasButton: true)
    let retained = RetainedState(
      baseTopic: "meterbridge", discoveryPrefix: "homeassistant", nodeID: "meterbridge", forms: .classic,
      devices: [entry])
    for ids in [["heat"], ["grid"]] {
      var harness = OutboxHarness(retained: retained, forms: .classic)
      harness.outbox.take(.meters(ids.map { OutboxHarness.meter($0) }), at: harness.now)
      harness.connect()
      let cleared = harness.drain().filter(\.payload.isEmpty).topics
      #expect(cleared.contains("homeassistant/button/meterbridge_heat/read/config"))
      #expect(cleared.contains("homeassistant/sensor/meterbridge_heat/energy/config") == (ids == ["grid"]))
    }
  }

  @Test("the state file keeps that a device has a button") func stateFile() throws {
    var state = RetainedState(
      baseTopic: "m", discoveryPrefix: "ha", nodeID: "n", devices: [RetainedState.Entry(device: heat, fields: [])])
    #expect(try RetainedState(parsing: state.encoded()).devices[0].hasButton == false)
    state.devices[0].hasButton = true
    #expect(try RetainedState(parsing: state.encoded()) == state)
  }
}
