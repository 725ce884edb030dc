internal import Base
internal import Decoders
package import Meters

/// The classic form: a document for each entity, retained.
///
/// The topic has the node of the device and the key of the component. So Home Assistant knows that both forms mean one
/// entity (its discovery id, `<node>_<id> <field>`), and can go from one to the other without a loss.
extension Discovery {
  /// The topic of an entity's document.
  package func topic(device id: String, field: FieldDescription) -> String {
    topic(platform: field.platform, device: id, key: field.level)
  }

  func topic(platform: String, device id: String, key: String) -> String {
    "\(prefix)/\(platform)/\(identifier(id))/\(key)/config"
  }

  /// The document of one field.
  ///
  /// - Parameters:
  ///   - field: the field.
  ///   - device: the meter or sub-meter.
  ///   - fields: all fields of the device. The tariffs among them are the options of the field `tariff`.
  ///   - enabling: names of fields, and last levels of topics, that are enabled from the start.
  /// - Returns: the document in JSON.
  package func document(
    of field: FieldDescription, for device: Device, among fields: [FieldDescription], enabling: Set<String> = []
  ) -> [UInt8] {
    var json = JSONText()
    json.object { document in
      document.object("device") { write(device, into: &$0) }
      document.origin()
      document.availability(field.staysWithoutMeter ? ["\(root)/bridge/state"] : availability(of: device), qos: qos)
      write(field, of: device, among: fields, enabling: enabling, into: &document)
    }
    return json.bytes
  }

  /// The topics and documents of the bridge's own entities.
  package var bridgeDocuments: [(topic: String, document: [UInt8])] {
    bridgeEntities.map { entity in
      var json = JSONText()
      json.object { document in
        document.object("device", writeBridge)
        document.origin()
        // The entity that says "offline" must not become unavailable with the bridge.
        document.availability(entity.isConnection ? [] : ["\(root)/bridge/state"], qos: qos)
        write(entity, into: &document)
      }
      return (topic(platform: entity.platform, device: "bridge", key: entity.key), json.bytes)
    }
  }

  // MARK: Topics of both forms

  /// The topics of all documents of a device in these forms.
  package func topics(of entry: RetainedState.Entry, in forms: DiscoveryForms) -> [String] {
    let id = entry.device.id
    let isClassic = forms.contains(.classic)
    return (forms.contains(.device) ? [topic(device: id)] : [])
      + (isClassic ? topics(device: id, entitiesOf: entry.fields) : [])
      + (isClassic && entry.hasButton ? [buttonTopic(device: id)] : [])
  }

  /// The topics of the classic documents of some fields.
  func topics(device id: String, entitiesOf fields: [FieldDescription]) -> [String] {
    fields.filter { !$0.isState }.map { topic(device: id, field: $0) }
  }

  /// The topics of all documents of the bridge in these forms.
  package func bridgeTopics(in forms: DiscoveryForms) -> [String] {
    (forms.contains(.device) ? [bridgeTopic] : []) + (forms.contains(.classic) ? bridgeDocuments.map(\.topic) : [])
  }

  /// What to subscribe to for all documents of a device in any form.
  func filters(device id: String) -> [String] { [topic(device: id), "\(prefix)/+/\(identifier(id))/+/config"] }

  /// The id of the device whose document a topic has; nil for a topic of another program.
  func device(of topic: String) -> String? {
    guard topic.hasPrefix(prefix + "/") else { return nil }
    let levels = topic.dropFirst(prefix.count + 1).split(separator: "/", omittingEmptySubsequences: false)
    let isOfDevice = levels.count == 3 && levels[0] == "device"
    let isOfEntity = levels.count == 4 && ["sensor", "binary_sensor", Self.buttonPlatform].contains(String(levels[0]))
    let node = identifier("")
    guard isOfDevice || isOfEntity, levels.last == "config", levels[1].hasPrefix(node) else { return nil }
    return String(levels[1].dropFirst(node.count))
  }
}
