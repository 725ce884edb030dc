package import Base
package import Decoders
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

  /// In the unit of `field`; nil for a text or a time.
  package var number: FixedDecimal? { field.isNumber ? FixedDecimal(plain: payload) : nil }
}

extension FieldDescription {
  /// How well it shows what a meter does, 0 for the best: the rate of what it counts, else the count. Nil for all others.
  var headlineRank: Int? {
    guard isNumber, key == FieldKey(key.name) else { return nil }
    return FieldName.headlines.firstIndex(of: key.name)
  }
}

extension FieldName {
  /// What shows best what a meter does, the best first.
  package static let headlines: [FieldName] = [
    .power, .powerImport, .apparentPower, .volumeFlow, .massFlow, .energyImport, .energy, .coolingEnergy, .volume,
    .mass, .heatCostUnits, .energyAbsolute, .energyExport,
  ]
}
