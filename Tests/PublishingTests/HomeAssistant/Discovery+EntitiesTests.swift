import Decoders
import Foundation
import Testing
import TestSupport

@testable import Base
@testable import Meters
@testable import Publishing

private let discovery = Discovery(HomeAssistantSettings(discovery: .both), baseTopic: "meterbridge")
private let grid = Device(
  id: "grid", name: "House", manufacturer: "ISK", model: "AM550", serial: "12345678", medium: .electricity,
  protocolName: "p1")

private func object(_ document: [UInt8]) throws -> NSDictionary {
  try #require(try JSONSerialization.jsonObject(with: Data(document)) as? NSDictionary)
}

/// The classic documents that the document of a device amounts to, by their keys.
private func expected(from document: [UInt8]) throws -> [String: NSDictionary] {
  var root = try #require(try JSONSerialization.jsonObject(with: Data(document)) as? [String: Any])
  let components = try #require(root.removeValue(forKey: "components") as? [String: [String: Any]])
  return components.mapValues { component in
    var own = root.merging(component) { $1 }
    own["p"] = nil
    return own as NSDictionary
  }
}

@Test("both forms say the same of every field", arguments: [Medium.electricity, .gas, .water, .heat])
private func sameInBothForms(_ medium: Medium) throws {
  let device = Device(id: "heat", manufacturer: "KAM", model: "MULTICAL 303", medium: medium, protocolName: "mbus")
  let enabling: Set<String> = ["voltage"]
  let fields = everyField.filter { $0.key.storage == 0 && [.none, .l2].contains($0.key.phase) }
  let whole = try expected(
    from: discovery.document(for: device, fields: fields, removing: [], enabling: enabling))
  let entities = Discovery.entities(of: fields)
  var topics: Set<String> = []
  for field in entities {
    let single = discovery.document(of: field, for: device, among: entities, enabling: enabling)
    #expect(try object(single) == whole[field.level], "\(field.level)")
    topics.insert(discovery.topic(device: "heat", field: field))
  }
  #expect(topics.count == entities.count)
}

@Test("both forms say the same of the bridge")
func bridgeInBothForms() throws {
  let documents = discovery.bridgeDocuments
  #expect(
    documents.map(\.topic) == [
      "homeassistant/binary_sensor/meterbridge_bridge/state/config",
      "homeassistant/sensor/meterbridge_bridge/started/config",
      "homeassistant/sensor/meterbridge_bridge/dead_letters/config",
      "homeassistant/sensor/meterbridge_bridge/reconnects/config",
    ])
  let whole = try expected(from: discovery.bridgeDocument())
  for (topic, document) in documents {
    let key = try #require(topic.split(separator: "/").dropLast().last)
    #expect(try object(document) == whole[String(key)])
  }
}

@Test("the classic document of a field is as Home Assistant and Domoticz expect it")
func classicDocument() {
  let field = described(FieldKey(.energyImport, tariff: 2))
  #expect(
    discovery.topic(device: "grid", field: field) == "homeassistant/sensor/meterbridge_grid/energy_import_t2/config")
  let document = discovery.document(of: field, for: grid, among: [field])
  let expected = [
    #"{"device":{"identifiers":["meterbridge_grid"],"name":"House","manufacturer":"ISK","model":"AM550","#,
    #""serial_number":"12345678","via_device":"meterbridge_bridge"},"#,
    #""origin":{"name":"MeterBridge","sw_version":"\#(Base.Version.text)"},"#,
    #""availability":[{"topic":"meterbridge/bridge/state"},{"topic":"meterbridge/grid/availability"}],"#,
    #""availability_mode":"all","qos":0,"unique_id":"meterbridge_grid_energy_import_t2","#,
    #""default_entity_id":"sensor.grid_energy_import_t2","#,
    #""name":"Energy import tariff 2","state_topic":"meterbridge/grid/energy_import_t2","device_class":"energy","#,
    #""state_class":"total_increasing","unit_of_measurement":"kWh","suggested_display_precision":2}"#,
  ].joined()
  #expect(String(decoding: document, as: UTF8.self) == expected)
  let limited = described(FieldKey(.rateLimited), isNumber: false)
  #expect(
    discovery.topic(device: "grid", field: limited)
      == "homeassistant/binary_sensor/meterbridge_grid/rate_limited/config")
}

@Test("the options of a tariff are those of all registers")
func tariffsOfClassic() throws {
  let fields = [described(FieldKey(.tariff), isNumber: false), described(FieldKey(.energyImport, tariff: 4))]
  let document = try object(discovery.document(of: fields[0], for: grid, among: fields))
  #expect(document["options"] as? [String] == ["1", "2", "4"])
}

private struct Topic: Sendable, CustomTestStringConvertible {
  var topic: String
  var device: String?
  var testDescription: String { topic }
}

@Test(
  "the topic of a document tells its device",
  arguments: [
    Topic(topic: "homeassistant/device/meterbridge_grid/config", device: "grid"),
    Topic(topic: "homeassistant/sensor/meterbridge_grid_gas/volume/config", device: "grid_gas"),
    Topic(topic: "homeassistant/binary_sensor/meterbridge_bridge/state/config", device: "bridge"),
    Topic(topic: "homeassistant/light/meterbridge_grid/power/config"),
    Topic(topic: "homeassistant/sensor/meterbridge_grid/config"),
    Topic(topic: "homeassistant/sensor/other_grid/power/config"),
    Topic(topic: "homeassistant/sensor/meterbridge_grid/power/state"),
    Topic(topic: "homeassistant/sensor/meterbridge_grid/a/power/config"),
    Topic(topic: "other/sensor/meterbridge_grid/power/config"),
    Topic(topic: "homeassistant"),
  ])
private func deviceOfTopic(_ sample: Topic) {
  #expect(discovery.device(of: sample.topic) == sample.device)
}
