internal import Base
internal import Decoders
package import Meters

/// The retained topics that this bridge has published, as the state file keeps them.
///
/// The bridge clears a topic when its meter or field goes. It also does so after a change of root, prefix or node.
package struct RetainedState: Equatable, Sendable {
  /// A meter or sub-meter and the fields that have topics.
  package struct Entry: Equatable, Sendable {
    package var device: Device
    /// `level` identifies a field. The code of a field without a name points into an old reading, so it is not kept.
    package var fields: [FieldDescription]
    /// Whether Home Assistant has a button for it.
    package var hasButton = false
  }

  package var baseTopic: String
  package var discoveryPrefix: String
  package var nodeID: String
  /// The forms of the discovery documents below `discoveryPrefix`.
  package var forms: DiscoveryForms
  package var devices: [Entry]

  package init(
    baseTopic: String, discoveryPrefix: String, nodeID: String, forms: DiscoveryForms = .device, devices: [Entry]
  ) {
    self.baseTopic = baseTopic
    self.discoveryPrefix = discoveryPrefix
    self.nodeID = nodeID
    self.forms = forms
    self.devices = devices
  }
}

extension RetainedState.Entry {
  /// Its retained topics without the discovery documents.
  func topics(below root: String) -> [String] {
    ["\(root)/\(device.id)/availability"] + fields.map { "\(root)/\(device.id)/\($0.level)" }
  }
}

extension RetainedState {
  /// One JSON object. It leaves out usual values, such as the phase `none`.
  package func encoded() -> [UInt8] {
    var json = JSONText()
    json.object { state in
      state.member("base_topic", baseTopic)
      state.member("discovery_prefix", discoveryPrefix)
      state.member("node_id", nodeID)
      state.member("discovery", forms.name)
      state.array("devices") { devices in
        for entry in self.devices {
          devices.object { json in
            json.device(entry.device)
            if entry.hasButton { json.member("button", true) }
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
    // Nil is left out, because the reader cannot tell YAML's null from the text "null".
    for (key, text) in texts { if let text { member(key, text) } }
    member("medium", device.medium.name)
    member("protocol", device.protocolName)
  }

  /// What stands for a unit that is in the level of the topic.
  static var stated: String { "stated" }

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
