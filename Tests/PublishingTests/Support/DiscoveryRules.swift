import Foundation
import Testing

@testable import Publishing

/// What Home Assistant's MQTT and sensor integrations accept, written down apart from the program so that each holds the
/// other.
enum DiscoveryRules {
  typealias Version = HomeAssistantSettings.Version

  static let rootKeys: Set = [
    "device", "origin", "components", "state_topic", "command_topic", "qos", "encoding", "availability",
    "availability_mode",
  ]
  static let requiredRootKeys: Set = ["device", "origin", "components", "availability", "availability_mode"]
  static let deviceKeys: Set = [
    "identifiers", "name", "manufacturer", "model", "model_id", "serial_number", "sw_version", "hw_version",
    "configuration_url", "connections", "suggested_area", "via_device",
  ]
  static let componentKeys: Set = [
    "p", "unique_id", "name", "default_entity_id", "state_topic", "device_class", "state_class", "unit_of_measurement",
    "suggested_display_precision", "entity_category", "enabled_by_default", "icon", "options", "value_template",
    "availability", "payload_on", "payload_off", "command_topic",
  ]
  static let requiredComponentKeys: Set = ["p", "unique_id", "name", "default_entity_id"]

  /// Units by device class; an empty text stands for no unit at all.
  static let units: [String: Set<String>] = [
    "energy": ["J", "kJ", "MJ", "GJ", "mWh", "Wh", "kWh", "MWh", "GWh", "TWh", "cal", "kcal", "Mcal", "Gcal"],
    "gas": ["m³", "ft³", "CCF", "L"],
    "water": ["m³", "L", "gal", "ft³", "CCF"],
    "volume": ["m³", "L", "mL", "gal", "ft³", "CCF", "fl. oz."],
    "volume_flow_rate": [
      "m³/h", "m³/min", "m³/s", "L/h", "L/min", "L/s", "mL/s", "ft³/min", "gal/min", "gal/h", "gal/d",
    ],
    "power": ["mW", "W", "kW", "MW", "GW", "TW"],
    "reactive_power": ["mvar", "var", "kvar"],
    "reactive_energy": ["varh", "kvarh"],
    "apparent_power": ["mVA", "VA", "kVA"],
    "power_factor": ["", "%"],
    "voltage": ["μV", "mV", "V", "kV", "MV"],
    "current": ["μA", "mA", "A"],
    "frequency": ["mHz", "Hz", "kHz", "MHz", "GHz"],
    "temperature": ["°C", "°F", "K"],
    "temperature_delta": ["°C", "°F", "K"],
    "duration": ["d", "h", "min", "s", "ms", "μs"],
    "signal_strength": ["dB", "dBm"],
    "weight": ["µg", "mg", "g", "kg", "oz", "lb", "st"],
    "pressure": ["mbar", "cbar", "bar", "Pa", "hPa", "kPa", "inHg", "psi"],
    "humidity": ["%"],
    "timestamp": [""], "date": [""], "enum": [""],
  ]

  /// Pairs of class and unit that came after 2025.4; an empty unit stands for the whole class.
  static let younger: [(deviceClass: String, unit: String, since: Version)] = [
    ("temperature_delta", "", Version(year: 2025, month: 11)),
    ("reactive_energy", "", Version(year: 2025, month: 6)),
    ("volume_flow_rate", "L/h", Version(year: 2025, month: 5)),
    ("volume_flow_rate", "L/s", Version(year: 2025, month: 5)),
    ("volume_flow_rate", "m³/s", Version(year: 2025, month: 5)),
    ("volume_flow_rate", "m³/min", Version(year: 2025, month: 10)),
    ("volume_flow_rate", "gal/h", Version(year: 2025, month: 11)),
    ("apparent_power", "kVA", Version(year: 2025, month: 10)),
    ("reactive_power", "kvar", Version(year: 2025, month: 11)),
    ("gas", "L", Version(year: 2025, month: 11)),
  ]

  /// State classes by device class; what is not here is `measurement` only.
  static let stateClasses: [String: Set<String>] = [
    "energy": ["total", "total_increasing"], "reactive_energy": ["total", "total_increasing"],
    "gas": ["total", "total_increasing"], "water": ["total", "total_increasing"],
    "volume": ["total", "total_increasing"],
    "weight": ["measurement", "total", "total_increasing"], "duration": ["measurement", "total", "total_increasing"],
    "timestamp": [], "date": [], "enum": [],
  ]
}

/// A discovery document held against the rules. Each breach is a sentence.
struct DiscoveryVerdict {
  private(set) var breaches: [String] = []
  private(set) var uniqueIDs: [String] = []
  private let version: HomeAssistantSettings.Version?
  private let root: String
  private let device: String

  init(_ bytes: [UInt8], of device: String, root: String, version: HomeAssistantSettings.Version?) {
    self.version = version
    self.root = root
    self.device = device
    guard let document = try? JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any] else {
      breaches.append("no JSON object")
      return
    }
    judge(root: document)
  }

  private mutating func demand(_ holds: Bool, _ breach: @autoclosure () -> String) {
    if !holds { breaches.append(breach()) }
  }

  private mutating func judge(root document: [String: Any]) {
    let keys = Set(document.keys)
    demand(keys.isSubset(of: DiscoveryRules.rootKeys), "root keys \(keys.subtracting(DiscoveryRules.rootKeys))")
    demand(DiscoveryRules.requiredRootKeys.isSubset(of: keys), "a root key is missing: \(keys)")
    demand(document["availability_mode"] as? String == "all", "availability_mode is not all")
    demand((0...2).contains(document["qos"] as? Int ?? -1), "qos")
    let origin = document["origin"] as? [String: String] ?? [:]
    demand(origin["name"]?.isEmpty == false, "origin without a name")
    demand(Set(origin.keys).isSubset(of: ["name", "sw_version", "support_url"]), "origin keys \(origin.keys)")
    let availability = document["availability"] as? [[String: String]] ?? []
    demand(availability.first?["topic"] == "\(root)/bridge/state", "the bridge's availability is missing")
    demand(availability.allSatisfy { $0.count == 1 && isTopic($0["topic"]) }, "availability \(availability)")
    let name = judge(device: document["device"] as? [String: Any] ?? [:])
    let components = document["components"] as? [String: [String: Any]] ?? [:]
    demand(!components.isEmpty, "no component")
    for (key, component) in components { judge(component, key, deviceName: name) }
  }

  private mutating func judge(device: [String: Any]) -> String {
    let keys = Set(device.keys)
    demand(keys.isSubset(of: DiscoveryRules.deviceKeys), "device keys \(keys.subtracting(DiscoveryRules.deviceKeys))")
    let identifiers = device["identifiers"] as? [String] ?? []
    demand(identifiers.count == 1 && identifiers.allSatisfy(isSlug), "identifiers \(identifiers)")
    let name = device["name"] as? String ?? ""
    demand(!name.isEmpty, "device without a name")
    if let via = device["via_device"] { demand((via as? String).map(isSlug) == true, "via_device \(via)") }
    for key in ["manufacturer", "model", "serial_number", "sw_version"] where device[key] != nil {
      demand((device[key] as? String)?.isEmpty == false, "\(key) is no text")
    }
    return name
  }

  private mutating func judge(_ component: [String: Any], _ key: String, deviceName: String) {
    func at(_ text: String) -> String { "\(key): \(text)" }
    let keys = Set(component.keys)
    if keys == ["p"] {
      return demand(
        component["p"] as? String == (["rate_limited": "binary_sensor", "read": "button"][key] ?? "sensor"),
        at("removal of another platform"))
    }
    demand(keys.isSubset(of: DiscoveryRules.componentKeys), at("keys \(keys)"))
    demand(DiscoveryRules.requiredComponentKeys.isSubset(of: keys), at("a key is missing: \(keys)"))
    let platform = component["p"] as? String ?? ""
    demand(["sensor", "binary_sensor", "button"].contains(platform), at("platform \(platform)"))
    // A button has no state, and only a button takes a command.
    demand(keys.contains("state_topic") == (platform != "button"), at("state_topic"))
    demand(keys.contains("command_topic") == (platform == "button"), at("command_topic"))
    let id = component["unique_id"] as? String ?? ""
    demand(isSlug(id) && id.hasSuffix("_\(device)_\(key)"), at("unique_id \(id)"))
    uniqueIDs.append(id)
    let entity = (component["default_entity_id"] as? String ?? "").components(separatedBy: ".")
    demand(entity.count == 2 && entity[0] == platform && isSlug(entity[1]), at("default_entity_id \(entity)"))
    demand(isTopic((component["state_topic"] ?? component["command_topic"]) as? String), at("topic"))
    if let name = component["name"] as? String {
      demand(!name.isEmpty && name.count <= 255, at("name \(name)"))
      let words = name.lowercased()
      let first = deviceName.lowercased()
      demand(words != first && !words.hasPrefix(first + " "), at("\(name) repeats \(deviceName)"))
    } else {
      demand(component["name"] is NSNull, at("name is neither text nor null"))
    }
    if let category = component["entity_category"] as? String {
      demand(category == "diagnostic", at("entity_category \(category)"))
    }
    if platform == "sensor" {
      judge(sensor: component, key)
      judge(history: component, key)
    }
  }

  private mutating func judge(sensor: [String: Any], _ key: String) {
    let deviceClass = sensor["device_class"] as? String
    let stateClass = sensor["state_class"] as? String
    let unit = sensor["unit_of_measurement"] as? String ?? ""
    let options = sensor["options"] as? [String]
    demand((deviceClass == "enum") == (options != nil), "\(key): options \(options ?? []) of \(deviceClass ?? "-")")
    if let options { demand(options.count > 1 && Set(options).count == options.count, "\(key): options \(options)") }
    if sensor["unit_of_measurement"] != nil { demand(!unit.isEmpty, "\(key): an empty unit") }
    if let decimals = sensor["suggested_display_precision"] {
      demand((0...6).contains(decimals as? Int ?? -1), "\(key): precision \(decimals)")
      demand(stateClass != nil || deviceClass != nil || !unit.isEmpty, "\(key): decimals of a text")
    }
    if let stateClass {
      demand(["measurement", "total", "total_increasing"].contains(stateClass), "\(key): state_class \(stateClass)")
    }
    guard let deviceClass else { return }
    demand(DiscoveryRules.units[deviceClass]?.contains(unit) == true, "\(key): \(unit) of \(deviceClass)")
    if let stateClass {
      let allowed = DiscoveryRules.stateClasses[deviceClass] ?? ["measurement"]
      demand(allowed.contains(stateClass), "\(key): \(stateClass) of \(deviceClass)")
    }
    guard let version else { return }
    for line in DiscoveryRules.younger
    where line.deviceClass == deviceClass && (line.unit.isEmpty || line.unit == unit) && version < line.since {
      breaches.append("\(key): \(unit) of \(deviceClass) before \(line.since)")
    }
  }

  /// What a suffix says: values of the past and of an extreme are no running total, and they and single conductors are
  /// not for everybody.
  private mutating func judge(history sensor: [String: Any], _ key: String) {
    let suffixes = key.split(separator: "_").dropFirst()
    let isHistory = suffixes.contains { $0 == "max" || $0 == "min" || ($0.first == "s" && Int($0.dropFirst()) != nil) }
    let isPhase = suffixes.contains { ["l1", "l2", "l3", "n", "r", "t"].contains($0) }
    let isTotal = ["total", "total_increasing"].contains(sensor["state_class"] as? String ?? "")
    demand(!isHistory || !isTotal, "\(key): a running total of the past")
    demand(!(isHistory || isPhase) || sensor["enabled_by_default"] as? Bool == false, "\(key): enabled")
  }

  private func isTopic(_ topic: String?) -> Bool {
    guard let topic, topic.hasPrefix(root + "/") else { return false }
    return !topic.contains { "+#\0".contains($0) } && topic.utf8.count < 256
  }
}

/// Lower case letters, digits and underscores, and at least one.
func isSlug(_ text: String) -> Bool {
  !text.isEmpty && text.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5F }
}

/// The components of a document, for tests that look at one.
func components(_ document: [UInt8]) throws -> [String: [String: Any]] {
  let root = try #require(try JSONSerialization.jsonObject(with: Data(document)) as? [String: Any])
  return try #require(root["components"] as? [String: [String: Any]])
}
