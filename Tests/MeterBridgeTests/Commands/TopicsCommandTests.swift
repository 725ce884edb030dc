import Base
import Decoders
import Testing
import TestSupport

@testable import Documents
@testable import MeterBridge
@testable import Meters
@testable import Publishing

private func meter(_ id: String, _ meterProtocol: ProtocolDescription) -> MeterSettings {
  MeterSettings(id: id, meterProtocol: meterProtocol, source: .standardInput, sourceText: "-")
}

private func configuration() -> Configuration {
  var configuration = Configuration()
  configuration.meters = [meter("grid", .p1), meter("heat", .mbus)]
  configuration.meters[1].source = .serial(path: "/dev/ttyUSB0")
  return configuration
}

private let retained = RetainedState(
  baseTopic: "meterbridge", discoveryPrefix: "homeassistant", nodeID: "meterbridge",
  devices: [
    RetainedState.Entry(
      device: Device(id: "grid_gas", parent: "grid", medium: .gas, protocolName: "p1"),
      fields: [described(FieldKey(.volume))]),
    RetainedState.Entry(
      device: Device(id: "grid", name: "Old name", medium: .electricity, protocolName: "p1"),
      fields: [described(FieldKey(.energyImport, tariff: 1)), described(FieldKey(.tariff), isNumber: false)]),
    RetainedState.Entry(device: Device(id: "gone", medium: .water, protocolName: "mbus"), fields: []),
  ])

private func lines(_ text: String) -> [String] { text.split(separator: "\n").map(String.init) }

private func line(_ topic: String, in text: String) -> [String] {
  lines(text).first { $0.hasPrefix(topic + " ") }?.split(separator: " ").map(String.init) ?? []
}

@Test("the topics of meters that have been read are listed")
func knownMeters() {
  let text = TopicsCommand.run(configuration: configuration(), retained: retained)
  #expect(line("meterbridge/bridge/state", in: text).prefix(3) == ["meterbridge/bridge/state", "yes", "1"])
  // A meter that pushes cannot be read at any time.
  #expect(line("meterbridge/heat/read", in: text).dropFirst().prefix(2) == ["subscribed", "0"])
  #expect(line("meterbridge/grid/read", in: text) == [])
  #expect(line("meterbridge/grid/energy_import_t1", in: text).suffix(5) == ["Energy", "import", "tariff", "1,", "kWh"])
  #expect(line("meterbridge/grid_gas/volume", in: text).suffix(2) == ["Volume,", "m³"])
  #expect(line("meterbridge/grid_gas/availability", in: text).dropFirst().first == "yes")
  #expect(line("meterbridge/grid_gas/read", in: text) == [])
  #expect(line("meterbridge/grid/last_telegram", in: text).dropFirst().first == "yes")
  #expect(line("homeassistant/status", in: text).dropFirst().first == "subscribed")
}

@Test("the list names what is not known yet")
func unknownMeters() {
  let text = TopicsCommand.run(configuration: configuration(), retained: retained)
  let all = lines(text)
  #expect(all.filter { $0.hasPrefix("Not read yet") }.count == 1)
  #expect(line("meterbridge/heat/availability", in: text).dropFirst().first == "yes")
  #expect(line("meterbridge/gone/availability", in: text) == [])
  #expect(all.contains { $0.hasPrefix("No longer in the configuration") })
  let fresh = TopicsCommand.run(configuration: configuration(), retained: nil)
  #expect(lines(fresh).filter { $0.hasPrefix("Not read yet") }.count == 2)
}

/// The bridge first, a meter before what is behind it, and the names of the configuration.
@Test("the discovery messages are those that the bridge publishes")
func discovery() {
  var configuration = configuration()
  configuration.meters[0].name = "House"
  let text = TopicsCommand.run(configuration: configuration, retained: retained)
  let discovery = Discovery(configuration.homeAssistant, baseTopic: "meterbridge")
  var grid = retained.devices[1]
  grid.device.name = "House"
  var gas = retained.devices[0]
  gas.device.name = "House gas"
  let expected = [
    (discovery.bridgeTopic, discovery.bridgeDocument()),
    (discovery.topic(device: "grid"), discovery.document(for: grid.device, fields: grid.fields, removing: [])),
    (
      discovery.topic(device: "grid_gas"),
      discovery.document(for: gas.device, fields: gas.fields, removing: [])
    ),
  ].map { "\($0) \(String(decoding: $1, as: UTF8.self))" }
  #expect(lines(text).filter { $0.hasPrefix("homeassistant/device/") } == expected)
}

@Test("names of sub-meters, enabled fields and the flat object are as configured")
func optionsOfMeters() {
  var configuration = configuration()
  configuration.meters[0].subMeterNames = ["gas": "Kitchen"]
  configuration.meters[0].enabled = ["energy_import"]
  #expect(line("meterbridge/grid/state", in: TopicsCommand.run(configuration: configuration, retained: retained)) == [])
  configuration.meters[0].publishesState = true
  let text = TopicsCommand.run(configuration: configuration, retained: retained)
  #expect(line("meterbridge/grid/state", in: text).dropFirst().prefix(2) == ["yes", "1"])
  #expect(line("meterbridge/grid_gas/state", in: text).dropFirst().first == "yes")
  #expect(line("meterbridge/heat/state", in: text) == [])
  #expect(text.contains(#""name":"Kitchen""#))
}

@Test("classic discovery messages are listed for each field")
func classicDiscovery() {
  var configuration = configuration()
  configuration.homeAssistant.discovery = .classic
  let text = TopicsCommand.run(configuration: configuration, retained: retained)
  let topics = lines(text).filter { $0.hasPrefix("homeassistant/") && $0.contains("{") }.map {
    $0.split(separator: " ")[0]
  }
  #expect(
    topics == [
      "homeassistant/binary_sensor/meterbridge_bridge/state/config",
      "homeassistant/sensor/meterbridge_bridge/started/config",
      "homeassistant/sensor/meterbridge_bridge/dead_letters/config",
      "homeassistant/sensor/meterbridge_bridge/reconnects/config",
      "homeassistant/sensor/meterbridge_grid/energy_import_t1/config",
      "homeassistant/sensor/meterbridge_grid/tariff/config",
      "homeassistant/sensor/meterbridge_grid/last_telegram/config",
      "homeassistant/sensor/meterbridge_grid_gas/volume/config",
      "homeassistant/sensor/meterbridge_grid_gas/last_telegram/config",
    ])
  configuration.homeAssistant.discovery = .both
  let both = TopicsCommand.run(configuration: configuration, retained: retained)
  #expect(lines(both).count { $0.hasPrefix("homeassistant/") && $0.contains("{") } == topics.count + 3)
}

@Test("without discovery no messages are listed")
func withoutDiscovery() {
  var configuration = configuration()
  configuration.homeAssistant.discovery = []
  let text = TopicsCommand.run(configuration: configuration, retained: retained)
  #expect(!text.contains("homeassistant/"))
  #expect(text.contains("No discovery messages"))
}

@Test("a ready-made configuration knows the meters that have been read, and names those that have not")
func snippetHouse() throws {
  var configuration = configuration()
  configuration.meters[0].name = "House"
  configuration.meters[0].heartbeat = .seconds(10)
  configuration.mqtt.port = 1884
  let house = configuration.snippetHouse(retained.devices.map { ($0.device, $0.fields) })
  #expect(house.meters.map(\.device.id) == ["grid", "grid_gas", "heat"])
  #expect(house.meters.map(\.device.name) == ["House", "House gas", nil])
  #expect(house.meters[0].heartbeat == .seconds(10) && house.meters[1].fields.count == 1)
  #expect(house.meters[2].fields.isEmpty && house.port == 1884)
  #expect(throws: UsageError("--for is one of \(programs); did you mean evcc?")) {
    try Arguments(["--for", "evc"], options: [.program])
  }
}

private let programs = "evcc, openhab, node-red, telegraf, grafana, fhem, iobroker, victron"
