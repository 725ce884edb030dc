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
  /// Whether it is a register that counts on while the meter is silent. Its last value stays true as a lower bound.
  package var isTotal: Bool {
    guard isNumber, key.function == .instantaneous, key.storage == 0 else { return false }
    return switch key.name.entry.stateClass {
    case .total, .totalIncreasing: true
    case .none, .measurement: false
    }
  }

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
