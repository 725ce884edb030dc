internal import Base
internal import Decoders
internal import Meters
internal import Publishing

extension Snippet {
  /// Objects for ioBroker's import: aliases with units and roles for the states that its MQTT adapter makes.
  static func ioBroker(_ house: SnippetHouse) -> Snippet {
    let root = "mqtt.0." + house.baseTopic.replacingLevels
    var json = JSONText()
    json.object { json in
      json.device("alias.0.meterbridge", type: "folder", name: "MeterBridge")
      for meter in house.meters {
        let path = "alias.0.meterbridge.\(meter.id)"
        json.device(path, type: "channel", name: meter.title)
        for field in meter.shownFields {
          json.object("\(path).\(field.level)") { json in
            json.member("_id", "\(path).\(field.level)")
            json.member("type", "state")
            json.object("common") { json in
              json.member("name", field.label)
              json.member("type", field.isNumber ? "number" : "string")
              json.member("role", field.role)
              if !field.unitSymbol.isEmpty { json.member("unit", field.unitSymbol) }
              json.member("read", true)
              json.member("write", false)
              json.object("alias") { $0.member("id", "\(root).\(meter.id).\(field.level)") }
            }
            json.object("native") { _ in }
          }
        }
      }
    }
    return Snippet(
      notes: [
        "In the MQTT adapter (instance 0): type client, URL \(house.host), port \(house.port), subscribe patterns \(house.baseTopic)/#. The values are then at \(root).…",
        "These aliases give them names, units and roles: Objects, Import. \(house.hostNote)",
      ] + house.unreadNotes, text: indented(json))
  }
}

extension String {
  /// The adapter makes a dot of each slash.
  fileprivate var replacingLevels: String { split(separator: "/").joined(separator: ".") }
}

extension JSONText {
  fileprivate mutating func device(_ id: String, type: String, name: String) {
    object(id) { json in
      json.member("_id", id)
      json.member("type", type)
      json.object("common") { $0.member("name", name) }
      json.object("native") { _ in }
    }
  }
}

extension FieldDescription {
  /// The role of ioBroker: what a view shows it as.
  fileprivate var role: String {
    guard isNumber else { return key.name == .lastTelegram || key.name == .meterTime ? "date" : "text" }
    switch unit {
    case .watt, .kilowatt, .megawatt: return "value.power"
    case .reactiveVar: return "value.power.reactive"
    case .kilowattHour, .wattHour, .megawattHour, .megajoule, .gigajoule: return "value.energy"
    case .volt: return "value.voltage"
    case .ampere: return "value.current"
    case .hertz: return "value.frequency"
    case .celsius, .fahrenheit: return "value.temperature"
    case .bar: return "value.pressure"
    default: return "value"
    }
  }
}
