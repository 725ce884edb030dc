internal import Base
internal import Decoders
internal import Meters
internal import Publishing

extension Snippet {
  /// A flow of Node-RED's own nodes, for Import: each value as a message, and each whole reading.
  static func nodeRED(_ house: SnippetHouse) -> Snippet {
    var flow = NodeREDFlow(house)
    flow.writeBroker()
    for meter in house.meters { flow.write(meter) }
    return Snippet(
      notes: [
        "Import it in Node-RED (menu, Import). \(house.hostNote)",
        "The mqtt nodes turn payloads into numbers: 1785.720 arrives as 1785.72. For the meter's own digits set the output of a node to \"a String\".",
        "After a deploy retained values come again with msg.retain set. A flow that counts should drop those, or follow the readings, which are never retained.",
      ] + house.unreadNotes,
      text: indented(flow.finished))
  }
}

/// Writes the nodes of a flow. Ids come from topics, so that equal meters give equal flows.
struct NodeREDFlow {
  private let house: SnippetHouse
  private let tab: String
  private let broker: String
  private var nodes: [(inout JSONText) -> Void] = []
  private var row = 0

  init(_ house: SnippetHouse, title: String = "MeterBridge") {
    self.house = house
    tab = Self.id("tab \(title) \(house.baseTopic)")
    broker = Self.id("broker \(title) \(house.baseTopic)")
    let id = tab
    nodes.append { json in
      json.member("id", id)
      json.member("type", "tab")
      json.member("label", title)
      json.member("disabled", false)
      json.member("info", "")
    }
  }

  static func id(_ text: String) -> String { String(stableHash(text.utf8), width: 16, radix: 16) }

  var finished: JSONText {
    var json = JSONText()
    json.array { json in for node in nodes { json.object(node) } }
    return json
  }

  mutating func writeBroker() {
    let (house, id) = (house, broker)
    nodes.append { json in
      json.member("id", id)
      json.member("type", "mqtt-broker")
      json.member("name", "MeterBridge's broker")
      json.member("broker", house.host)
      json.member("port", String(house.port))
      json.member("clientid", "")
      json.member("autoConnect", true)
      json.member("usetls", house.usesTLS)
      json.member("protocolVersion", "5")
      json.member("keepalive", "60")
      json.member("cleansession", true)
    }
  }

  /// A group of inputs with one output for the debug pane, where a flow of one's own begins.
  mutating func write(_ meter: SnippetHouse.Meter) {
    let output = Self.id("debug \(house.topic(meter, ""))")
    let first = row
    writeInput(house.topic(meter, "availability"), "\(meter.title): availability", as: "utf8", to: output)
    writeInput(house.topic(meter, "reading"), "\(meter.title): reading", as: "json", to: output)
    for field in meter.shownFields where field.key.name != .lastTelegram {
      let unit = field.unitSymbol.isEmpty ? "" : " (\(field.unitSymbol))"
      writeInput(
        house.topic(meter, field.level), "\(meter.title): \(field.label)\(unit)",
        as: field.isNumber ? "auto-detect" : "utf8", to: output)
    }
    writeNode("debug", id: output, name: meter.title, x: 640, row: (first + row - 1) / 2, wires: []) { json in
      json.member("active", true)
      json.member("tosidebar", true)
      json.member("console", false)
      json.member("tostatus", false)
      json.member("complete", "payload")
      json.member("targetType", "msg")
    }
    row += 1
  }

  mutating func writeInput(_ topic: String, _ name: String, as type: String, to next: String) {
    let broker = broker
    writeNode("mqtt in", id: Self.id("in \(topic)"), name: name, x: 240, row: row, wires: [next]) { json in
      json.member("topic", topic)
      json.member("qos", "1")
      json.member("datatype", type)
      json.member("broker", broker)
      json.member("nl", false)
      json.member("rap", true)
      json.member("rh", 0)
      json.member("inputs", 0)
    }
    row += 1
  }

  mutating func writeOutput(_ topic: String, _ name: String) {
    let broker = broker
    writeNode("mqtt out", id: Self.id("out \(topic)"), name: name, x: 780, row: row - 1, wires: nil) { json in
      json.member("topic", topic)
      json.member("qos", "0")
      json.member("retain", "false")
      json.member("broker", broker)
    }
  }

  mutating func writeFunction(_ name: String, id: String, code: String, to next: String) {
    writeNode("function", id: id, name: name, x: 520, row: row - 1, wires: [next]) { json in
      json.member("func", code)
      json.member("outputs", 1)
      json.member("timeout", 0)
      json.member("noerr", 0)
      json.member("initialize", "")
      json.member("finalize", "")
      json.array("libs") { _ in }
    }
  }

  private mutating func writeNode(
    _ type: String, id: String, name: String, x: Int, row: Int, wires: [String]?,
    _ content: @escaping (inout JSONText) -> Void
  ) {
    let tab = tab
    nodes.append { json in
      json.member("id", id)
      json.member("type", type)
      json.member("z", tab)
      json.member("name", name)
      content(&json)
      json.member("x", x)
      json.member("y", 60 + 40 * row)
      json.array("wires") { json in
        guard let wires, !wires.isEmpty else { return }
        json.array { json in for wire in wires { json.value(wire) } }
      }
    }
  }
}
