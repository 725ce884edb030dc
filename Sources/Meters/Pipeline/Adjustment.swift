package import Decoders

/// Changes a decoded telegram before it is published: applies the meter's factor, adds derived fields, and then
/// converts to the units of the user.
package struct Adjustment: Sendable {
  private let factor: FixedDecimal?
  private let units: [String: Unit]
  private var derivation = Derivation()

  /// The totals over all tariffs that were added to the last telegram.
  var sums: [FieldName] { derivation.sums }

  package init(_ settings: MeterSettings) {
    factor = settings.factor
    units = settings.units
  }

  package mutating func apply(to telegram: inout Telegram) {
    let isChecked = telegram.protection != .none
    let losses = TotalLosses(telegram)
    for index in telegram.readings.indices {
      if let factor, index == 0 { multiply(&telegram.readings[0], by: factor) }
      if index == 0 { derivation.apply(to: &telegram.readings[0], isChecked: isChecked, isWhole: losses.spare) }
      convert(&telegram.readings[index])
    }
  }

  /// Transformers and pulse outputs scale counts and flows, not voltages, temperatures or times.
  private func multiply(_ reading: inout Reading, by factor: FixedDecimal) {
    for index in reading.fields.indices where isScaled(reading.fields[index].unit.dimension) {
      guard case .number(let value) = reading.fields[index].value else { continue }
      var product = value.multiplied(by: factor)
      if let place = reading.rounded.firstIndex(where: { $0.field == index }) {
        let wire = reading.rounded[place]
        product = wire.number.multiplied(by: factor)
        if let product { reading.rounded[place].number = product }
        product = product?.converted(from: wire.unit, to: reading.fields[index].unit)
      }
      reading.fields[index].value = product.map { .number($0) } ?? .absent(.outOfRange)
    }
  }

  private func isScaled(_ dimension: Dimension) -> Bool {
    switch dimension {
    case .energy, .power, .reactiveEnergy, .reactivePower, .apparentEnergy, .apparentPower, .current, .volume,
      .volumeFlow, .mass, .massFlow:
      true
    default: false
    }
  }

  private func convert(_ reading: inout Reading) {
    guard !units.isEmpty else { return }
    for index in reading.fields.indices {
      let field = reading.fields[index]
      guard let wanted = units[field.key.name.entry.name.description], wanted != field.unit else { continue }
      guard case .number(let value) = field.value else { continue }
      let wire = reading.rounded.first { $0.field == index }
      let exact = wire.flatMap { $0.number.converted(from: $0.unit, to: wanted) }
      guard let converted = exact ?? value.converted(from: field.unit, to: wanted) else { continue }
      if wire == nil, converted.mantissa != value.mantissa {
        reading.rounded.append(Reading.WireNumber(field: index, number: value, unit: field.unit))
      }
      reading.fields[index].value = .number(converted)
      reading.fields[index].unit = wanted
    }
  }
}
