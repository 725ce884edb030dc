import Decoders
import Testing
import TestSupport

@testable import Base
@testable import Meters
@testable import Publishing

private typealias Version = HomeAssistantSettings.Version

private func settings(_ version: Version? = nil) -> HomeAssistantSettings {
  var settings = HomeAssistantSettings()
  settings.compatibility = version
  return settings
}

private func text(_ document: [UInt8]) -> String { String(decoding: document, as: UTF8.self) }

// MARK: - Every payload against the rules

/// A field of every name in every place, and of every unit that `units:` could give it.
let everyField: [FieldDescription] = {
  var fields: [FieldDescription] = []
  for name in FieldName.allCases where name != .code {
    for phase in FieldKey.Phase.allCases {
      for function in [RecordFunction.instantaneous, .maximum, .minimum, .error] {
        for storage: UInt64 in [0, 12] {
          let tariff: UInt16 = phase == .l2 ? 3 : 0
          let subunit: UInt16 = phase == .n ? 1 : 0
          fields.append(
            described(
              FieldKey(
                name, phase: phase, tariff: tariff, function: function, storage: storage, subunit: subunit,
                ordinal: phase == .t ? 1 : 0)))
        }
      }
    }
  }
  return fields
}()

private struct Case: Sendable, CustomTestStringConvertible {
  var medium: Medium
  var version: HomeAssistantSettings.Version?
  var testDescription: String { "\(medium), \(version.map { "\($0.year).\($0.month)" } ?? "newest")" }

  static let all = Medium.allCases.flatMap { medium in
    [nil, Version(year: 2025, month: 4)].map { Case(medium: medium, version: $0) }
  }
}

@Test("the document of every field follows Home Assistant's rules", arguments: Case.all)
private func discoveryRules(_ sample: Case) {
  let device = Device(id: "heat", name: nil, medium: sample.medium, protocolName: "mbus")
  let document = Discovery(settings(sample.version), baseTopic: "home/meters").document(
    for: device, fields: everyField, removing: [])
  let verdict = DiscoveryVerdict(document, of: "heat", root: "home/meters", version: sample.version)
  #expect(verdict.breaches == [])
  // And the time of the last telegram is among them already.
  #expect(Set(verdict.uniqueIDs).count == everyField.count)
}

/// Dimensions that a field of the vocabulary can be published in, and texts and days where numbers are usual.
@Test("every unit and kind of payload follows the rules of Home Assistant", arguments: [0, 4, 5, 6, 9, 10, 11])
private func rules(month: Int) {
  let version = month == 0 ? nil : Version(year: 2025, month: month)
  for medium in Medium.allCases {
    let device = Device(id: "m_1", name: "Ölheizung", medium: medium, protocolName: "mbus")
    let discovery = Discovery(settings(version), baseTopic: "meterbridge")
    for unit in Unit.allCases {
      let fields = FieldName.allCases.filter { name in
        name == .code || name.entry.unit.dimension == unit.dimension
      }.map { described(FieldKey($0), unit) }
      let document = discovery.document(for: device, fields: fields, removing: [])
      let verdict = DiscoveryVerdict(document, of: "m_1", root: "meterbridge", version: version)
      #expect(verdict.breaches == [], "\(unit), \(medium)")
    }
    for isDate in [true, false] {
      let fields = FieldName.allCases.map { name in
        var field = described(FieldKey(name), isNumber: false)
        field.isDate = isDate
        return field
      }
      let document = discovery.document(for: device, fields: fields, removing: [])
      #expect(DiscoveryVerdict(document, of: "m_1", root: "meterbridge", version: version).breaches == [])
    }
  }
}

@Test("the document of the bridge follows Home Assistant's rules")
func bridgeDiscoveryRules() throws {
  let discovery = Discovery(settings(), baseTopic: "meterbridge")
  #expect(discovery.bridgeTopic == "homeassistant/device/meterbridge_bridge/config")
  let document = discovery.bridgeDocument()
  let verdict = DiscoveryVerdict(document, of: "bridge", root: "meterbridge", version: nil)
  #expect(verdict.breaches == [])
  let state = try #require(try components(document)["state"])
  #expect(state["p"] as? String == "binary_sensor")
  #expect(state["device_class"] as? String == "connectivity")
  #expect(state["payload_on"] as? String == "online")
  #expect(state["payload_off"] as? String == "offline")
  #expect((state["availability"] as? [Any])?.isEmpty == true)
}

// MARK: - Single documents

@Test("Home Assistant subscribes with the configured QoS")
func documentQoS() {
  var settings = HomeAssistantSettings()
  settings.qos = 1
  let discovery = Discovery(settings, baseTopic: "meterbridge")
  let device = Device(id: "grid", medium: .electricity, protocolName: "p1")
  let documents = [discovery.bridgeDocument(), discovery.document(for: device, fields: [], removing: [])]
  #expect(documents.allSatisfy { text($0).contains(#""availability_mode":"all","qos":1,"#) })
}

@Test("the document of a meter is as Home Assistant expects it")
func meterDocument() {
  let device = Device(
    id: "grid", name: "House", manufacturer: "ISK", model: "AM550", serial: "12345678", medium: .electricity,
    protocolName: "p1")
  let document = Discovery(settings(), baseTopic: "meterbridge").document(
    for: device, fields: [described(FieldKey(.energyImport, tariff: 2))], removing: [described(FieldKey(.voltage))])
  let expected = [
    #"{"device":{"identifiers":["meterbridge_grid"],"name":"House","manufacturer":"ISK","model":"AM550","#,
    #""serial_number":"12345678","via_device":"meterbridge_bridge"},"#,
    #""origin":{"name":"MeterBridge","sw_version":"\#(Base.Version.text)"},"#,
    #""availability":[{"topic":"meterbridge/bridge/state"},{"topic":"meterbridge/grid/availability"}],"#,
    #""availability_mode":"all","qos":0,"components":{"energy_import_t2":{"p":"sensor","#,
    #""unique_id":"meterbridge_grid_energy_import_t2","default_entity_id":"sensor.grid_energy_import_t2","#,
    #""name":"Energy import tariff 2","state_topic":"meterbridge/grid/energy_import_t2","device_class":"energy","#,
    #""state_class":"total_increasing","unit_of_measurement":"kWh","suggested_display_precision":2},"#,
    #""last_telegram":{"p":"sensor","unique_id":"meterbridge_grid_last_telegram","#,
    #""default_entity_id":"sensor.grid_last_telegram","name":"Last telegram","#,
    #""state_topic":"meterbridge/grid/last_telegram","device_class":"timestamp","entity_category":"diagnostic"},"#,
    #""voltage":{"p":"sensor"}}}"#,
  ].joined()
  #expect(text(document) == expected)
}

@Test("another node and prefix are used everywhere")
func nodeAndPrefix() {
  var settings = settings()
  settings.nodeID = "cellar"
  settings.prefix = "ha"
  let discovery = Discovery(settings, baseTopic: "m")
  let gas = Device(id: "grid_gas", parent: "grid", medium: .gas, protocolName: "p1")
  #expect(discovery.topic(device: "grid_gas") == "ha/device/cellar_grid_gas/config")
  let document = text(discovery.document(for: gas, fields: [], removing: []))
  #expect(document.contains(#""identifiers":["cellar_grid_gas"],"name":"grid_gas","via_device":"cellar_grid""#))
  #expect(!document.contains("meterbridge"))
}

@Test("a field that came back is not removed")
func fieldCameBack() throws {
  let device = Device(id: "heat", medium: .heat, protocolName: "mbus")
  let energy = described(FieldKey(.energy))
  let document = Discovery(settings(), baseTopic: "m").document(for: device, fields: [energy], removing: [energy])
  #expect(try components(document)["energy"]?["unique_id"] as? String == "meterbridge_heat_energy")
}

private struct Name: Sendable, CustomTestStringConvertible {
  var device: String
  var key: FieldKey
  var shown: String?
  var testDescription: String { "\(device) \(shown ?? "-")" }
}

@Test(
  "names are words, and do not repeat the device",
  arguments: [
    Name(device: "House", key: FieldKey(.energyImport, phase: .l1, tariff: 2), shown: "Energy import L1 tariff 2"),
    Name(device: "Energy", key: FieldKey(.energyImport, tariff: 1), shown: "Import tariff 1"),
    Name(device: "Energy", key: FieldKey(.energy), shown: nil),
    Name(device: "energy", key: FieldKey(.energy, storage: 1), shown: "History 1"),
    Name(device: "Ene", key: FieldKey(.energy), shown: "Energy"),
    Name(
      device: "x",
      key: FieldKey(.power, phase: .n, tariff: 1, function: .maximum, storage: 2, subunit: 3, ordinal: 1),
      shown: "Power N tariff 1 maximum history 2 unit 3 (2)"),
    Name(device: "x", key: FieldKey(.code, storage: 2), shown: "Record mbus_04_ff07"),
  ])
private func entityNames(_ sample: Name) throws {
  let device = Device(id: "x", name: sample.device, medium: .heat, protocolName: "mbus")
  let field = described(sample.key)
  let document = Discovery(settings(), baseTopic: "m").document(for: device, fields: [field], removing: [])
  #expect(try components(document)[field.level]?["name"] as? String == sample.shown)
}

@Test("a device has the user's name, else maker and model, else its id")
func deviceNames() {
  var device = Device(id: "heat", medium: .heat, protocolName: "mbus")
  device.manufacturer = "KAM"
  #expect(device.shownName == "heat")
  device.model = "MULTICAL 303"
  #expect(device.shownName == "KAM MULTICAL 303")
  device.name = "Cellar"
  #expect(device.shownName == "Cellar")
}

@Test("the status word of an SML meter is there for those who want it, the error flags of others for all")
private func statusWord() {
  func isEnabled(_ protocolName: String, enable: Set<String> = []) -> Bool {
    let device = Device(id: "house", name: nil, medium: .electricity, protocolName: protocolName)
    let document = text(
      Discovery(settings(), baseTopic: "m").document(
        for: device, fields: [described(FieldKey(.errorFlags), isNumber: false)], removing: [], enabling: enable))
    #expect(document.contains(#""unique_id":"meterbridge_house_error_flags""#))
    return !document.contains(#""enabled_by_default":false"#)
  }
  #expect(!isEnabled("sml"))
  #expect(isEnabled("sml", enable: ["error_flags"]))
  #expect(isEnabled("d0"))
}
