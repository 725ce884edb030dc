internal import Base
internal import Decoders
package import Meters

/// Home Assistant's discovery documents: one for the bridge and one for each meter and sub-meter, retained.
/// `Discovery+Entities.swift` makes the classic ones, one for each entity.
///
/// Home Assistant is strict at the root. One unknown key, or a component without `unique_id`, costs the whole device. A
/// wrong unit costs only its component. Identifiers consist of the node, the meter's id and the field. They never
/// change, but names may.
package struct Discovery: Sendable {
  let prefix: String
  private let node: String
  /// The forms that are published.
  package let forms: DiscoveryForms
  private let version: HomeAssistantSettings.Version?
  let qos: Int
  let root: String

  /// - Parameters:
  ///   - settings: the `home_assistant` section of the configuration.
  ///   - baseTopic: the root of the state topics.
  package init(_ settings: HomeAssistantSettings, baseTopic: String) {
    prefix = settings.prefix
    node = settings.nodeID
    forms = settings.discovery
    version = settings.compatibility
    qos = settings.qos
    root = baseTopic
  }

  /// The topic of the bridge's document. It comes before those of the meters, because they name the bridge.
  package var bridgeTopic: String { topic(device: "bridge") }

  /// The topic of a meter's document.
  package func topic(device id: String) -> String { "\(prefix)/device/\(identifier(id))/config" }

  /// The document of the bridge: its connection, and a few values of `bridge/info` and `bridge/health`.
  package func bridgeDocument() -> [UInt8] {
    var json = JSONText()
    json.object { document in
      document.object("device", writeBridge)
      document.origin()
      document.availability(["\(root)/bridge/state"], qos: qos)
      document.object("components") { components in
        for entity in bridgeEntities {
          components.object(entity.key) { component in
            component.member("p", entity.platform)
            write(entity, into: &component)
            // The entity that says "offline" must not become unavailable with the bridge.
            if entity.isConnection { component.array("availability") { _ in } }
          }
        }
      }
    }
    return json.bytes
  }

  /// The document of a meter or sub-meter.
  ///
  /// - Parameters:
  ///   - device: the meter or sub-meter.
  ///   - fields: the fields with topics. The time of the last telegram is added.
  ///   - removing: fields that the device has lost. Home Assistant forgets them after one such document, and the next
  ///     document leaves them out.
  ///   - enabling: names of fields, and last levels of topics, that are enabled from the start.
  ///   - button: what it says of the button "Read now".
  /// - Returns: the document in JSON.
  package func document(
    for device: Device, fields: [FieldDescription], removing: [FieldDescription], enabling: Set<String> = [],
    button: ReadButton = .none
  ) -> [UInt8] {
    let all = Self.entities(of: fields)
    let levels = Set(all.map(\.level))
    var json = JSONText()
    json.object { document in
      document.object("device") { write(device, into: &$0) }
      document.origin()
      document.availability(availability(of: device), qos: qos)
      document.object("components") { components in
        for field in all {
          components.object(field.level) { component in
            component.member("p", field.platform)
            write(field, of: device, among: all, enabling: enabling, into: &component)
            if field.staysWithoutMeter {
              component.array("availability") { $0.object { $0.member("topic", "\(root)/bridge/state") } }
            }
          }
        }
        for field in removing where !levels.contains(field.level) {
          components.object(field.level) { $0.member("p", field.platform) }
        }
        write(button, of: device, into: &components)
      }
    }
    return json.bytes
  }

  /// The fields of a device that are entities: without the object of all values, and with the time of receipt.
  package static func entities(of fields: [FieldDescription]) -> [FieldDescription] {
    let fields = fields.filter { !$0.isState }
    return fields.contains { $0.level == FieldDescription.lastTelegram.level } ? fields : fields + [.lastTelegram]
  }

  func identifier(_ id: String) -> String { "\(node)_\(id)" }

  func availability(of device: Device) -> [String] {
    ["\(root)/bridge/state", "\(root)/\(device.id)/availability"]
  }

  /// The members that both forms have for a field. `fields` are all of the device.
  func write(
    _ field: FieldDescription, of device: Device, among fields: [FieldDescription], enabling: Set<String>,
    into component: inout JSONText
  ) {
    var sensor = SensorDescription(
      field, medium: device.medium, tariffs: fields.lazy.map(\.key.tariff), version: version)
    if ProtocolDescription(named: device.protocolName)?.hiddenFields.contains(field.key.name) == true {
      sensor.isEnabled = false
    }
    if field.isNamed(in: enabling) { sensor.isEnabled = true }
    let entity = "\(device.id)_\(field.level)"
    identify(&component, platform: field.platform, entity: entity, unique: entity)
    component.member("name", entityName(sensor.label, of: device.shownName))
    component.member("state_topic", "\(root)/\(device.id)/\(field.level)")
    component.describe(sensor)
  }

  func identify(_ component: inout JSONText, platform: String, entity: String, unique: String) {
    component.member("unique_id", identifier(unique))
    // Home Assistant ignores an id without its domain.
    component.member("default_entity_id", "\(platform).\(entity)")
  }

  func write(_ device: Device, into json: inout JSONText) {
    json.array("identifiers") { $0.value(identifier(device.id)) }
    json.member("name", device.shownName)
    if let manufacturer = device.manufacturer { json.member("manufacturer", manufacturer) }
    if let model = device.model { json.member("model", model) }
    if let serial = device.serial { json.member("serial_number", serial) }
    json.member("via_device", identifier(device.parent ?? "bridge"))
  }

  /// Home Assistant shows the device's name before the entity's, so the entity must not repeat it. Nil makes the main
  /// entity of the device.
  private func entityName(_ label: String, of device: String) -> String? {
    let words = label.lowercased()
    let first = device.lowercased()
    if words == first { return nil }
    guard words.hasPrefix(first + " ") else { return label }
    let rest = label.dropFirst(first.count + 1)
    return rest.prefix(1).uppercased() + rest.dropFirst()
  }
}

// MARK: - The bridge

extension Discovery {
  /// One value of the bridge.
  struct BridgeEntity {
    var key: String
    var label: String
    /// The topic below `<root>/bridge/`.
    var topic: String
    var deviceClass: String?
    var stateClass = VocabularyEntry.StateClass.none

    /// Whether it tells that the bridge is connected. The others are members of documents.
    var isConnection: Bool { topic == "state" }
    var platform: String { isConnection ? "binary_sensor" : "sensor" }
  }

  var bridgeEntities: [BridgeEntity] {
    [
      BridgeEntity(key: "state", label: "Connection", topic: "state", deviceClass: "connectivity"),
      BridgeEntity(key: "started", label: "Started", topic: "info", deviceClass: "timestamp"),
      BridgeEntity(key: "dead_letters", label: "Dead letters", topic: "health", stateClass: .totalIncreasing),
      BridgeEntity(key: "reconnects", label: "Reconnects", topic: "health", stateClass: .totalIncreasing),
    ]
  }

  private var bridgeName: String {
    node == HomeAssistantSettings().nodeID ? "MeterBridge" : "MeterBridge \(node)"
  }

  func writeBridge(_ device: inout JSONText) {
    device.array("identifiers") { $0.value(identifier("bridge")) }
    device.member("name", bridgeName)
    device.member("model", "MeterBridge")
    device.member("sw_version", Version.text)
  }

  /// The members that both forms have for a value of the bridge.
  func write(_ entity: BridgeEntity, into component: inout JSONText) {
    identify(
      &component, platform: entity.platform, entity: identifier("bridge_\(entity.key)"),
      unique: "bridge_\(entity.key)")
    component.member("name", entity.label)
    component.member("state_topic", "\(root)/bridge/\(entity.topic)")
    if entity.isConnection {
      component.member("payload_on", "online")
      component.member("payload_off", "offline")
    } else {
      component.member("value_template", "{{ value_json.\(entity.key) }}")
    }
    if let deviceClass = entity.deviceClass { component.member("device_class", deviceClass) }
    if let stateClass = entity.stateClass.text { component.member("state_class", stateClass) }
    component.member("entity_category", "diagnostic")
  }
}

// MARK: - Parts of a document

extension JSONText {
  mutating func origin() {
    object("origin") { origin in
      origin.member("name", "MeterBridge")
      origin.member("sw_version", Version.text)
    }
  }

  /// All topics must say `online`. By default Home Assistant accepts any of them.
  ///
  /// Home Assistant subscribes to all topics of the document with `qos`. State topics are retained and sent again, so 0 is
  /// enough, and some brokers limit the subscriptions with more: nats-server 2.9 allows 63.
  mutating func availability(_ topics: [String], qos: Int) {
    array("availability") { array in
      for topic in topics { array.object { $0.member("topic", topic) } }
    }
    member("availability_mode", "all")
    member("qos", qos)
  }

  fileprivate mutating func describe(_ sensor: SensorDescription) {
    if let deviceClass = sensor.deviceClass { member("device_class", deviceClass) }
    if let stateClass = sensor.stateClass { member("state_class", stateClass) }
    if let unit = sensor.unit { member("unit_of_measurement", unit) }
    if !sensor.options.isEmpty { array("options") { array in sensor.options.forEach { array.value($0) } } }
    if let decimals = sensor.displayDecimals { member("suggested_display_precision", decimals) }
    if sensor.isFreeText { member("value_template", "{{ value[:255] }}") }
    if sensor.isDiagnostic { member("entity_category", "diagnostic") }
    if !sensor.isEnabled { member("enabled_by_default", false) }
  }
}

extension FieldDescription {
  /// Whether it tells why the meter is silent. Then it must stay available without the meter.
  var staysWithoutMeter: Bool { key.name == .rateLimited }

  /// The time of receipt, which every meter has.
  package static let lastTelegram = FieldDescription(
    level: FieldName.lastTelegram.entry.name.description, key: FieldKey(.lastTelegram), unit: .none, isNumber: false)
}

extension Device {
  /// The name from the user, or else maker and model, or else the id.
  var shownName: String {
    if let name { return name }
    guard let model else { return id }
    // Six digits are a maker's ECHONET Lite code, not a name.
    guard let manufacturer, manufacturer.utf8.count != 6 else { return model }
    return "\(manufacturer) \(model)"
  }
}
