internal import Base
internal import Decoders
internal import Meters

extension Setting<MeterSettings> {
  /// `units: {energy: GJ}`: names of the vocabulary, each with a unit of the same dimension.
  static let units = Setting(
    row: SettingRow(
      key: "units", value: "a group: names of fields, each with its unit", fallback: "those of the field names",
      meaning: "Publish a field in another unit of the same kind: `units: {energy: GJ, volume_flow: L/h}`.",
      otherNames: ["unit"]),
    read: { node, meter, reader in
      let example = ["a field's name and its unit, such as `energy: GJ`"]
      guard let entries = reader.entries(node, of: "`units`", takes: example) else { return false }
      let before = reader.mistakes.count
      var seen: Set<String> = []
      for entry in entries {
        guard let name = reader.key(entry.key) else { continue }
        guard let field = FieldName.published[name] else {
          let meant = Suggestion.question(Suggestion.nearest(to: name, of: FieldName.published.keys.sorted()))
          reader.add("\(SettingReader.quoted(name)) is not the name of a field with a unit\(meant)", at: entry.key.at)
          continue
        }
        guard seen.insert(name).inserted else {
          reader.add("`\(name)` stands here a second time", at: entry.key.at)
          continue
        }
        if let unit = reader.value(entry.value, of: name, .unit(of: field)) { meter.units[name] = unit }
      }
      return reader.mistakes.count == before
    })
}

extension FieldName {
  /// The names that have a unit.
  fileprivate static let published = Dictionary(
    uniqueKeysWithValues: allCases.filter { $0.entry.unit != .none }.map { ($0.entry.name.description, $0) })
}

extension ValueFormat<Unit> {
  /// A unit that a field's own converts into.
  fileprivate static func unit(of field: FieldName) -> ValueFormat {
    ValueFormat("a unit") { text throws(InvalidValue) in
      let own = field.entry.unit
      let units = Unit.allCases.filter { $0.dimension == own.dimension }
      if let unit = units.first(where: { $0.symbol == text }) { return unit }
      let symbols = units.map(\.symbol)
      let plain = text.replacing("3", with: "³").replacing("l/", with: "L/")
      let near =
        symbols.first { $0.lowercased() == text.lowercased() || $0.lowercased() == plain.lowercased() }
      throw InvalidValue(
        "is not a unit of \(field.entry.name): \(symbols.joined(separator: ", "))\(Suggestion.question(near))")
    }
  }
}
