internal import Decoders

/// Adds fields that users expect and the meter does not send: totals over the tariffs, and signed power.
///
/// It remembers the tariffs of a meter and skips a total if one of them is missing. Otherwise a lost line would make
/// the total fall. Without a check value two telegrams must have the same tariffs before there is a total, because the
/// first one may lack a line.
struct Derivation: Sendable {
  /// The totals that were added to the last reading.
  private(set) var sums: [FieldName] = []
  private var tariffs: [FieldName: Set<UInt16>] = [:]
  /// Tariffs of a telegram without a check value, until a second one agrees.
  private var candidates: [FieldName: Set<UInt16>] = [:]

  /// - Parameters:
  ///   - reading: the meter's reading.
  ///   - isChecked: a check value covers the telegram.
  ///   - isWhole: every record of the telegram that may belong to the total of a name could be used.
  mutating func apply(to reading: inout Reading, isChecked: Bool, isWhole: (FieldName) -> Bool) {
    sums = []
    for name in [FieldName.energyImport, .energyExport] {
      addTotal(name, to: &reading, isChecked: isChecked, isWhole: isWhole(name))
    }
    for phase in FieldKey.Phase.allCases { addPower(phase, to: &reading) }
  }

  private mutating func addTotal(_ name: FieldName, to reading: inout Reading, isChecked: Bool, isWhole: Bool) {
    guard !reading.fields.contains(where: { $0.key == FieldKey(name) }) else { return }
    let parts = reading.fields.filter { $0.key.tariff > 0 && $0.key == FieldKey(name, tariff: $0.key.tariff) }
    let there = Set(parts.map(\.key.tariff))
    guard let first = parts.first, isSettled(name, there, isChecked: isChecked, isWhole: isWhole) else { return }
    var sum = FixedDecimal(0, exponent: 0)
    for (index, part) in parts.enumerated() {
      guard case .number(let value) = part.value, part.unit == first.unit else { return }
      guard let next = index == 0 ? value : sum + value else { return }
      sum = next
    }
    reading.fields.append(Field(FieldKey(name), .number(sum), first.unit))
    sums.append(name)
  }

  /// Whether these are all tariffs of a total.
  private mutating func isSettled(_ name: FieldName, _ there: Set<UInt16>, isChecked: Bool, isWhole: Bool) -> Bool {
    let known = tariffs[name, default: []]
    guard there.isSuperset(of: known), isWhole || !known.isEmpty else { return false }
    guard there != known else { return true }
    guard isChecked || candidates.updateValue(there, forKey: name) == there else { return false }
    tariffs[name] = there
    return true
  }

  private func addPower(_ phase: FieldKey.Phase, to reading: inout Reading) {
    func field(_ name: FieldName) -> Field? { reading.fields.first { $0.key == FieldKey(name, phase: phase) } }
    guard field(.power) == nil, let drawn = field(.powerImport), let fed = field(.powerExport),
      case .number(let plus) = drawn.value, case .number(let minus) = fed.value, drawn.unit == fed.unit,
      let difference = plus - minus
    else { return }
    reading.fields.append(Field(FieldKey(.power, phase: phase), .number(difference), drawn.unit))
  }
}
