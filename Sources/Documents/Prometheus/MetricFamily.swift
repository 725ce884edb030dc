internal import Decoders
internal import Meters

/// The metric family of a field: one name, one type, one unit.
///
/// The total, its tariffs and its phases are three families, else a sum over one would count twice.
struct MetricFamily {
  /// What tells the series of a family apart, beside the meter. Each one is a label and a part of the name.
  struct Parts: OptionSet {
    var rawValue: UInt16
    static let phase = Parts(rawValue: 1)
    static let tariff = Parts(rawValue: 2)
    static let subunit = Parts(rawValue: 4)
    static let duplicate = Parts(rawValue: 8)

    var names: [String] {
      [(Parts.phase, "phase"), (.tariff, "tariff"), (.subunit, "subunit"), (.duplicate, "duplicate")]
        .filter { contains($0.0) }.map(\.1)
    }
  }

  var name: FieldName
  var function: RecordFunction
  var parts: Parts
  /// Orders families, and is the same for the fields of one.
  let rank: UInt16
  let unit: MetricUnit

  /// Nil for a field that is not a metric: texts, past values, fields named by a code, and units of another kind.
  init?(_ field: FieldDescription) {
    let key = field.key
    guard field.isNumber, key.name != .code, key.storage == 0 else { return nil }
    let entry = key.name.entry
    guard let unit = entry.unit.metric, field.unit.dimension == entry.unit.dimension, field.unit != .stated else {
      return nil
    }
    self.unit = unit
    name = key.name
    function = key.function
    var parts: Parts = []
    if key.phase != .none { parts.insert(.phase) }
    if key.tariff > 0 { parts.insert(.tariff) }
    if key.subunit > 0 { parts.insert(.subunit) }
    if key.ordinal > 0 { parts.insert(.duplicate) }
    self.parts = parts
    rank = UInt16(name.rawValue) << 6 | UInt16(function.rawValue) << 4 | parts.rawValue
  }

  /// Whether it only rises, so that `rate` and `increase` make sense.
  var isCounter: Bool { function == .instantaneous && name.entry.stateClass == .totalIncreasing }

  /// `meterbridge_energy_import_tariff_kwh`, without the `_total` of a counter.
  var text: String {
    var words = ["meterbridge", name.entry.name.description]
    switch function {
    case .instantaneous: break
    case .maximum: words.append("max")
    case .minimum: words.append("min")
    case .error: words.append("error")
    }
    words += parts.names
    if unit.suffix.utf8CodeUnitCount > 0 { words.append(unit.suffix.description) }
    return words.joined(separator: "_")
  }

  /// One sentence from the vocabulary.
  var help: String {
    var help = name.entry.label.description
    switch function {
    case .instantaneous: break
    case .maximum: help += ", maximum"
    case .minimum: help += ", minimum"
    case .error: help += ", during an error"
    }
    return parts.isEmpty ? help : help + " by " + parts.names.joined(separator: " and ")
  }
}

extension StoredField {
  /// The number in the unit of its family, exact; nil if it does not fit.
  func metric(in unit: MetricUnit) -> FixedDecimal? {
    number?.converted(from: field.unit, to: field.key.name.entry.unit)?.multiplied(by: unit.factor)
  }
}
