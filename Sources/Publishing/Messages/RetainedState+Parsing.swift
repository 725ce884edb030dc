package import Base
internal import Decoders
internal import Meters

extension RetainedState {
  /// Reads the text of `encoded` and skips unknown keys. A field with an unknown name stays without a name, so that its
  /// topic can still be cleared.
  ///
  /// - Throws: the mistake in the file, with its place. A damaged file is not used at all.
  package init(parsing bytes: [UInt8]) throws(YAMLError) {
    self.init(baseTopic: "", discoveryPrefix: "", nodeID: "", devices: [])
    var reader = StateReader(try yamlEvents(bytes))
    try reader.members { key, reader throws(YAMLError) in
      switch key {
      case "base_topic": baseTopic = try reader.text()
      case "discovery_prefix": discoveryPrefix = try reader.text()
      case "node_id": nodeID = try reader.text()
      case "discovery":
        let name = try reader.text()
        forms = DiscoveryForms.named.first { $0.name == name }?.value ?? .device
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
      case "button": hasButton = try reader.text() == "true"
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

  /// Calls `body` with each key. `body` reads the value.
  mutating func members(_ body: (String, inout StateReader) throws(YAMLError) -> Void) throws(YAMLError) {
    guard case .mappingStart = try next() else { throw error("expected an object") }
    while true {
      switch try next() {
      case .scalar(let key, _, _): try body(key, &self)
      case .mappingEnd: return
      default: throw error("expected a key")
      }
    }
  }

  /// Calls `body` before each element. `body` reads the element.
  mutating func elements(_ body: (inout StateReader) throws(YAMLError) -> Void) throws(YAMLError) {
    guard case .sequenceStart = try next() else { throw error("expected an array") }
    while events.first != .sequenceEnd { try body(&self) }
    _ = try next()
  }

  mutating func text() throws(YAMLError) -> String {
    guard case .scalar(let text, _, _) = try next() else { throw error("expected a text") }
    return text
  }

  /// Reads a topic level of the bridge. Other texts, above all wildcards, must not reach the broker.
  mutating func topicLevel() throws(YAMLError) -> String {
    let text = try text()
    let isLevel = text.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5F }
    guard isLevel, !text.isEmpty else { throw error("not a topic level") }
    return text
  }

  mutating func number<Number: FixedWidthInteger>() throws(YAMLError) -> Number {
    guard let number = Number(try text()) else { throw error("not a number, or too large") }
    return number
  }

  /// Skips one value with everything in it.
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
