package import Base
package import Meters

/// The newest value of one field of a meter.
package struct StoredField: Sendable {
  package var field: FieldDescription
  /// The exact text, as on its topic.
  package var payload: String
  /// When the telegram with this value came in.
  package var received: WallTime
  /// Whether the last telegram had this field but the value was held back or missing. `payload` is then an older one.
  package var isHeld = false

  package init(field: FieldDescription, payload: String, received: WallTime, isHeld: Bool = false) {
    self.field = field
    self.payload = payload
    self.received = received
    self.isHeld = isHeld
  }
}
