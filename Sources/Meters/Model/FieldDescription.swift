package import Decoders

/// A field as topics and discovery need it, without the reading it came from.
package struct FieldDescription: Hashable, Sendable {
  /// The last level of the topic.
  package var level: String
  package var key: FieldKey
  package var unit: Unit
  /// Whether the payload is a number. A text does not have a unit or a state class.
  package var isNumber: Bool
  /// Whether the payload is a day without a time, as in M-Bus type G. Home Assistant has another class for it.
  package var isDate = false

  /// The symbol of the unit as published, empty for none.
  package var unitSymbol: String { unit == .stated ? Unit.statedSymbol(topicLevel: level) : unit.symbol }

  package init(level: String, key: FieldKey, unit: Unit, isNumber: Bool, isDate: Bool = false) {
    self.level = level
    self.key = key
    self.unit = unit
    self.isNumber = isNumber
    self.isDate = isDate
  }

  /// Whether it is a register that counts on while the meter is silent. Its last value stays true as a lower bound.
  package var isTotal: Bool {
    guard isNumber, key.function == .instantaneous, key.storage == 0 else { return false }
    return switch key.name.entry.stateClass {
    case .total, .totalIncreasing: true
    case .none, .measurement: false
    }
  }
}
