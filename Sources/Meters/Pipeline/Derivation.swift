internal import Decoders

/// Adds fields that users expect and the meter does not send: totals over the tariffs, and signed power.
///
/// It remembers the tariffs of a meter and skips a total if one of them is missing. Otherwise a lost line would make
/// the total fall.
struct Derivation: Sendable {
  /// The totals that were added to the last reading.
  private(set) var sums: [FieldName] = []
  private var tariffs: [FieldName: Set<UInt16>] = [:]

  /// `isWhole`: every record of the telegram that may belong to the total of a name could be used.
  mutating func apply(to reading: inout Reading, isWhole: (FieldName) -> Bool) {
    sums = []
    for name in [FieldName.energyImport, .energyExport] { addTotal(name, to: &reading, isWhole: isWhole(name)) }
    for phase in FieldKey.Phase.allCases { addPower(phase, to: &reading) }
  }

  private mutating func addTotal(_ name: FieldName, to reading: inout Reading, isWhole: Bool) {
    guard !reading.fields.contains(where: { $0.key == FieldKey(name) }) else { return }
    let parts = reading.fields.filter { $0.key.tariff > 0 && $0.key == FieldKey(name, tariff: $0.key.tariff) }
    let there = Set(parts.map(\.key.tariff))
    let known = tariffs[name, default: []]
    guard let first = parts.first, there.isSuperset(of: known), isWhole || !known.isEmpty else { return }
    tariffs[name] = there
    var sum = FixedDecimal(0, exponent: 0)
    for (index, part) in parts.enumerated() {
      guard case .number(let value) = part.value, part.unit == first.unit else { return }
      guard let next = index == 0 ? value : sum + value else { return }
      sum = next
    }
    reading.fields.append(Field(FieldKey(name), .number(sum), first.unit))
    sums.append(name)
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
