package import Base
internal import Decoders
package import Meters

/// The retained topics that this bridge has published. They are cleared when their meter or field goes, or when the root,
/// the prefix or the node changes. Kept in the state file.
package struct RetainedState: Equatable, Sendable {
  /// A meter or sub-meter and the fields that have topics.
  package struct Entry: Equatable, Sendable {
    package var device: Device
    /// Identified by `level`. The code of a field without a name points into a reading that is gone, so it is not kept.
    package var fields: [FieldDescription]
  }

  package var baseTopic: String
  package var discoveryPrefix: String
  package var nodeID: String
  package var devices: [Entry]

  package init(baseTopic: String, discoveryPrefix: String, nodeID: String, devices: [Entry]) {
    self.baseTopic = baseTopic
    self.discoveryPrefix = discoveryPrefix
    self.nodeID = nodeID
    self.devices = devices
  }
}

// MARK: - Writing

extension RetainedState {
  /// One JSON object. Usual values (no phase, the current value, …) are left out.
  package func encoded() -> [UInt8] {
    var json = JSONText()
    json.object { state in
      state.member("base_topic", baseTopic)
      state.member("discovery_prefix", discoveryPrefix)
      state.member("node_id", nodeID)
      state.array("devices") { devices in
        for entry in self.devices {
          devices.object { json in
            json.device(entry.device)
            json.array("fields") { fields in
              for field in entry.fields { fields.object { $0.field(field) } }
            }
          }
        }
      }
    }
    return json.bytes
  }
}

extension JSONText {
  fileprivate mutating func device(_ device: Device) {
    member("id", device.id)
    let texts = [
      ("parent", device.parent), ("name", device.name), ("manufacturer", device.manufacturer), ("model", device.model),
      ("serial", device.serial),
    ]
    // Left out, not null: reading cannot tell YAML's null from the text "null".
    for (key, text) in texts { if let text { member(key, text) } }
    member("medium", device.medium.name)
    member("protocol", device.protocolName)
  }

  /// What stands for a unit that is in the level of the topic.
  fileprivate static var stated: String { "stated" }

  fileprivate mutating func field(_ field: FieldDescription) {
    let key = field.key
    member("level", field.level)
    if key.name != .code { member("name", key.name.entry.name.description) }
    if key.phase != .none { member("phase", key.phase.name) }
    if key.tariff > 0 { member("tariff", key.tariff) }
    if key.function != .instantaneous { member("function", key.function.rawValue) }
    if key.storage > 0 { member("storage", key.storage) }
    if key.subunit > 0 { member("subunit", key.subunit) }
    if key.ordinal > 0 { member("ordinal", key.ordinal) }
    if field.unit != .none { member("unit", field.unit == .stated ? Self.stated : field.unit.symbol) }
    if field.isNumber { member("number", true) }
    if field.isDate { member("date", true) }
  }
}

// MARK: - Reading

extension RetainedState {
  /// Reads what `encoded` wrote. Unknown keys are skipped. A field with an unknown name stays, without a name, so that its
  /// topic can still be cleared.
  ///
  /// - Throws: the mistake in the file, with its place. Nothing of a damaged file is used.
  package init(parsing bytes: [UInt8]) throws(YAMLError) {
    self.init(baseTopic: "", discoveryPrefix: "", nodeID: "", devices: [])
    var reader = StateReader(try yamlEvents(bytes))
    try reader.members { key, reader throws(YAMLError) in
      switch key {
      case "base_topic": baseTopic = try reader.text()
      case "discovery_prefix": discoveryPrefix = try reader.text()
      case "node_id": nodeID = try reader.text()
      case "devices":
        try reader.elements { reader throws(YAMLError) in devices.append(try Entry(&reader)) }
      default: try reader.skip()
      }
    }
    if baseTopic.isEmpty { throw reader.error("base_topic is missing") }
  }
}

extension RetainedState.Entry {
  fileprivate init(_ reader: inout StateReader) throws(YAMLError) {
    self.init(device: Device(id: "", medium: .other, protocolName: ""), fields: [])
    try reader.members { key, reader throws(YAMLError) in
      switch key {
      case "id": device.id = try reader.topicLevel()
      case "parent": device.parent = try reader.topicLevel()
      case "name": device.name = try reader.text()
      case "manufacturer": device.manufacturer = try reader.text()
      case "model": device.model = try reader.text()
      case "serial": device.serial = try reader.text()
      case "medium":
        let name = try reader.text()
        device.medium = Medium.allCases.first { $0.name == name } ?? .other
      case "protocol": device.protocolName = try reader.text()
      case "fields":
        try reader.elements { reader throws(YAMLError) in fields.append(try FieldDescription(&reader)) }
      default: try reader.skip()
      }
    }
    if device.id.isEmpty { throw reader.error("a device without an id") }
  }
}

extension FieldDescription {
  fileprivate init(_ reader: inout StateReader) throws(YAMLError) {
    self.init(level: "", key: FieldKey(.code), unit: .none, isNumber: false)
    try reader.members { name, reader throws(YAMLError) in
      switch name {
      case "level": level = try reader.topicLevel()
      case "name": key.name = FieldName.named[try reader.text()] ?? .code
      case "phase":
        let phase = try reader.text()
        key.phase = FieldKey.Phase.allCases.first { $0.name == phase } ?? .none
      case "tariff": key.tariff = try reader.number()
      case "function": key.function = RecordFunction(rawValue: try reader.number()) ?? .instantaneous
      case "storage": key.storage = try reader.number()
      case "subunit": key.subunit = try reader.number()
      case "ordinal": key.ordinal = try reader.number()
      case "unit":
        let symbol = try reader.text()
        unit = symbol == JSONText.stated ? .stated : Unit(symbol: symbol) ?? .none
      case "number": isNumber = try reader.text() == "true"
      case "date": isDate = try reader.text() == "true"
      default: try reader.skip()
      }
    }
    if level.isEmpty { throw reader.error("a field without a level") }
  }
}

extension FieldName {
  fileprivate static let named = Dictionary(
    uniqueKeysWithValues: allCases.map { ($0.entry.name.description, $0) })
}

/// Walks over the events of a document.
private struct StateReader {
  private var events: ArraySlice<YAMLEvent>
  private var mark = Mark(line: 1, column: 1)

  init(_ events: [YAMLEvent]) { self.events = events[...] }

  func error(_ problem: String) -> YAMLError { YAMLError(problem: problem, at: mark) }

  private mutating func next() throws(YAMLError) -> YAMLEvent {
    guard let event = events.popFirst() else { throw error("the document ends too early") }
    switch event {
    case .scalar(_, _, let at), .sequenceStart(let at), .mappingStart(let at): mark = at
    case .sequenceEnd, .mappingEnd: break
    }
    return event
  }

  /// Calls `body` with each key; it reads the value.
  mutating func members(_ body: (String, inout StateReader) throws(YAMLError) -> Void) throws(YAMLError) {
    guard case .mappingStart = try next() else { throw error("an object must stand here") }
    while true {
      switch try next() {
      case .scalar(let key, _, _): try body(key, &self)
      case .mappingEnd: return
      default: throw error("a key must stand here")
      }
    }
  }

  /// Calls `body` before each element; it reads it.
  mutating func elements(_ body: (inout StateReader) throws(YAMLError) -> Void) throws(YAMLError) {
    guard case .sequenceStart = try next() else { throw error("an array must stand here") }
    while events.first != .sequenceEnd { try body(&self) }
    _ = try next()
  }

  mutating func text() throws(YAMLError) -> String {
    guard case .scalar(let text, _, _) = try next() else { throw error("a text must stand here") }
    return text
  }

  /// A topic level as this program makes them. Anything else, above all a wildcard, must not reach the broker.
  mutating func topicLevel() throws(YAMLError) -> String {
    let text = try text()
    let isLevel = text.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5F }
    guard isLevel, !text.isEmpty else { throw error("no level of a topic") }
    return text
  }

  mutating func number<Number: FixedWidthInteger>() throws(YAMLError) -> Number {
    guard let number = Number(try text()) else { throw error("no number of this size") }
    return number
  }

  /// Steps over one value, however deep.
  mutating func skip() throws(YAMLError) {
    var depth = 0
    repeat {
      switch try next() {
      case .sequenceStart, .mappingStart: depth += 1
      case .sequenceEnd, .mappingEnd: depth -= 1
      case .scalar: break
      }
    } while depth > 0
  }
}
