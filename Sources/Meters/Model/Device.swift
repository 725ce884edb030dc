package import Decoders

/// A meter or sub-meter as MQTT and Home Assistant know it.
package struct Device: Hashable, Sendable {
  /// The second level of its topics, `[a-z0-9_]+`.
  package var id: String
  /// The id of the meter it sits behind; nil for a configured meter.
  package var parent: String?
  /// The name the user gave it.
  package var name: String?
  package var manufacturer: String?
  package var model: String?
  /// The meter's own number.
  package var serial: String?
  package var medium: Medium
  /// `mbus`, `p1`.
  package var protocolName: String

  package init(
    id: String, parent: String? = nil, name: String? = nil, manufacturer: String? = nil, model: String? = nil,
    serial: String? = nil, medium: Medium, protocolName: String
  ) {
    self.id = id
    self.parent = parent
    self.name = name
    self.manufacturer = manufacturer
    self.model = model
    self.serial = serial
    self.medium = medium
    self.protocolName = protocolName
  }
}
