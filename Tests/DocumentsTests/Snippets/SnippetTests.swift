import Base
import Decoders
import Foundation
import Meters
import Testing
import TestSupport

@testable import Documents

private func snippet(_ program: SnippetProgram, _ house: SnippetHouse = .sample) -> Snippet {
  Snippet(for: program, of: house)
}

private func json(_ program: SnippetProgram, _ house: SnippetHouse = .sample) throws -> Any {
  try JSONSerialization.jsonObject(with: Data(snippet(program, house).text.utf8))
}

/// A house whose names and topics need care.
private var awkward: SnippetHouse {
  var house = SnippetHouse.sample
  house.baseTopic = "home/meters"
  house.host = "broker.lan"
  house.port = 8883
  house.usesTLS = true
  house.meters[0].device.name = "Tom's \"big\" meter \\ C:\\"
  return house
}

@Test("evcc gets a topic, a time-out and three phases for an electricity meter, and no other meter")
func evcc() throws {
  let text = snippet(.evcc).text
  #expect(
    text.hasPrefix(
      """
      mqtt:
        broker: localhost:1883
      meters:
        - name: grid
          type: custom
          power:
            source: mqtt
            topic: "meterbridge/grid/power"
            timeout: 6m
          energy:
            source: mqtt
            topic: "meterbridge/grid/energy_import"
            timeout: 6m
          returnenergy:

      """))
  #expect(text.contains("    currents:\n      - source: mqtt\n        topic: \"meterbridge/grid/current_l1\"\n"))
  #expect(text.hasSuffix("site:\n  meters:\n    grid: grid\n"))
  #expect(!text.contains("heat"))
  #expect(snippet(.evcc).notes.contains { $0.contains("`heartbeat: 10s`") })
  _ = try YAMLDocument(Array(snippet(.evcc, awkward).text.utf8))
}

private struct Patience: Sendable, CustomTestStringConvertible {
  var heartbeat: Milliseconds
  var interval: Milliseconds?
  var expected: String
  var testDescription: String { "\(heartbeat.inWords) \(interval?.inWords ?? "") → \(expected)" }
}

@Test(
  "a time-out is longer than the longest time between two messages while all is well",
  arguments: [
    Patience(heartbeat: .seconds(10), interval: .seconds(1), expected: "30s"),
    Patience(heartbeat: .seconds(30), interval: .seconds(5), expected: "40s"),
    Patience(heartbeat: .minutes(5), interval: .seconds(1), expected: "6m"),
    Patience(heartbeat: .minutes(5), interval: nil, expected: "6m"),
    Patience(heartbeat: .minutes(5), interval: .minutes(15), expected: "35m"),
    Patience(heartbeat: 0, interval: .seconds(1), expected: "30s"),
  ])
private func patience(case: Patience) {
  var meter = SnippetHouse.sample.meters[0]
  (meter.heartbeat, meter.interval) = (`case`.heartbeat, `case`.interval)
  #expect(meter.patience.inWords == `case`.expected)
  #expect(meter.patience > `case`.heartbeat)
}

@Test("evcc gets watts and kilowatt-hours, whatever the units of the meter")
func scales() {
  var house = SnippetHouse.sample
  house.meters[0].fields = [
    described(FieldKey(.power), .kilowatt), described(FieldKey(.energyImport), .megawattHour),
    described(FieldKey(.energyExport), .megajoule),
  ]
  let text = snippet(.evcc, house).text
  #expect(text.components(separatedBy: "scale: 1000\n").count == 3)
  #expect(!text.contains("energy_export"))
}

/// Keys of Node-RED's own nodes beside `id`, `type`, `z` and `wires`: `defaults` in its 21-debug.html and 10-mqtt.html
/// (node-red/node-red 03eeff9), without those for messages of birth, close and will.
private let nodeKeys: [String: Set<String>] = [
  "tab": ["label", "disabled", "info"],
  "mqtt-broker": [
    "name", "broker", "port", "tls", "clientid", "autoConnect", "usetls", "verifyservercert", "compatmode",
    "protocolVersion", "keepalive", "cleansession", "autoUnsubscribe", "userProps", "sessionExpiry",
  ],
  "mqtt in": ["name", "topic", "qos", "datatype", "broker", "nl", "rap", "rh", "inputs", "x", "y"],
  "debug": [
    "name", "active", "tosidebar", "console", "tostatus", "complete", "targetType", "statusVal", "statusType", "x", "y",
  ],
]

@Test("the flow has only nodes that Node-RED brings with it, with keys that these have")
func nodeREDKeys() throws {
  for house in [SnippetHouse.sample, awkward] {
    for node in try #require(try json(.nodeRED, house) as? [[String: Any]]) {
      let type = try #require(node["type"] as? String)
      let known = try #require(nodeKeys[type], "\(type)").union(["id", "type", "z", "wires"])
      #expect(Set(node.keys).isSubset(of: known), "\(type)")
    }
  }
}

@Test(
  "the nodes of a flow have ids of their own, and each wire and broker leads to one of them",
  arguments: [
    SnippetProgram.nodeRED, .victron,
  ])
func nodes(program: SnippetProgram) throws {
  for house in [SnippetHouse.sample, awkward] {
    let nodes = try #require(try json(program, house) as? [[String: Any]])
    let ids = nodes.compactMap { $0["id"] as? String }
    #expect(Set(ids).count == nodes.count && nodes.count > 4)
    for node in nodes {
      for wire in (node["wires"] as? [[String]] ?? []).joined() { #expect(ids.contains(wire)) }
      for key in ["broker", "z"] where !(node["type"] as? String == "mqtt-broker" && key == "broker") {
        if let id = node[key] as? String { #expect(ids.contains(id)) }
      }
      if node["type"] as? String == "mqtt in" {
        let topic = try #require(node["topic"] as? String)
        #expect(topic.hasPrefix("\(house.baseTopic)/"))
        // A number node may not get the word `online`, nor a text.
        let isText = topic.hasSuffix("/availability") || topic.hasSuffix("/tariff")
        #expect((node["datatype"] as? String == "utf8") == isText)
      }
    }
  }
}

@Test("a dashboard asks for families of /metrics, a counter by its increase")
func grafana() throws {
  let board = try #require(try json(.grafana) as? [String: Any])
  let panels = try #require(board["panels"] as? [[String: Any]])
  let queries = panels.flatMap { $0["targets"] as? [[String: Any]] ?? [] }.compactMap { $0["expr"] as? String }
  let places = panels.compactMap { $0["gridPos"] as? [String: Int] }.map { "\($0["x"] ?? -1) \($0["y"] ?? -1)" }
  #expect(Set(places).count == panels.count)
  #expect(queries.contains(#"meterbridge_power_watts{meter=~"$meter"}"#))
  #expect(queries.contains(#"meterbridge_voltage_phase_volts{meter=~"$meter"}"#))
  #expect(queries.contains(#"increase(meterbridge_energy_import_tariff_kwh_total{meter=~"$meter"}[1h])"#))
  #expect(queries.contains(#"increase(meterbridge_volume_cubic_meters_total{meter=~"$meter"}[1h])"#))
  #expect(!queries.contains { $0.contains("last_telegram_total") || $0.contains("tariff{") })
}

@Test("openHAB gets a thing for each meter, and texts keep their quotes")
func openHAB() {
  let text = snippet(.openhab, awkward).text
  #expect(text.contains("[ host=\"broker.lan\", port=8883, secure=true ]"))
  #expect(
    text.contains(
      #"Thing topic grid "Tom's \"big\" meter \\ C:\\" [ availabilityTopic="home/meters/grid/availability""#))
  #expect(text.contains("      Type number : power \"Power\" [ stateTopic=\"home/meters/grid/power\", unit=\"W\" ]\n"))
  #expect(text.contains("      Type string : tariff \"Tariff\" [ stateTopic=\"home/meters/grid/tariff\" ]\n"))
  #expect(text.contains("      Type datetime : last_telegram"))
  #expect(
    text.contains(
      "Number:Power grid_power \"Tom's \\\"big\\\" meter \\\\ C:\\\\: Power\" { channel=\"mqtt:topic:meterbridge:grid:power\" }\n"
    ))
  #expect(text.count { $0 == "{" } == text.count { $0 == "}" })
}

@Test("Telegraf finds the meter and the field at the end of a topic, however deep the root is")
func telegraf() {
  let text = snippet(.telegraf, awkward).text
  #expect(text.contains("servers = [\"ssl://broker.lan:8883\"]"))
  #expect(
    text.contains(
      "    topic = \"home/meters/+/+\"\n    measurement = \"_/measurement/_/_\"\n    tags = \"_/_/meter/field\"\n"))
  #expect(text.contains("    \"home/meters/grid/voltage_l1\",\n"))
  // Only numbers: a text is not a float.
  #expect(!text.contains("/tariff\"") && !text.contains("/last_telegram\""))
}

@Test("FHEM reads each topic of a meter but its readings")
func fhem() {
  let text = snippet(.fhem).text
  #expect(text.contains("attr meterbridge subscriptions meterbridge/+/+\n"))
  #expect(
    text.contains(
      #"readingList meterbridge/grid/(?!reading)[^/:]+:.* { my @t = split("/", $TOPIC);; return { $t[-1] => $EVENT } }"#
    ))
  #expect(text.contains("attr meterbridge_grid stateFormat power W\n"))
}

@Test("ioBroker gets an alias for each value, with the id that its adapter gives the topic")
func ioBroker() throws {
  let objects = try #require(try json(.iobroker, awkward) as? [String: [String: Any]])
  for (id, object) in objects { #expect(object["_id"] as? String == id) }
  let common = try #require(objects["alias.0.meterbridge.grid.power"]?["common"] as? [String: Any])
  #expect((common["alias"] as? [String: String])?["id"] == "mqtt.0.home.meters.grid.power")
  #expect(common["unit"] as? String == "W" && common["role"] as? String == "value.power")
}

@Test(
  "a meter that is not read yet, or a house without meters, gives valid configurations",
  arguments: SnippetProgram.allCases)
func unread(program: SnippetProgram) throws {
  var house = SnippetHouse.sample
  for index in house.meters.indices { house.meters[index].fields = [] }
  for house in [house, SnippetHouse(host: "::1", port: 1883, baseTopic: "m", meters: [])] {
    let made = snippet(program, house)
    #expect(made.text.hasSuffix("\n") && !made.notes.isEmpty)
    if [.nodeRED, .victron, .grafana, .iobroker].contains(program) { _ = try json(program, house) }
  }
}
