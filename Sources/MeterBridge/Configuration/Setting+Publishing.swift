internal import Base
internal import Decoders
internal import Meters

extension Setting<MeterSettings> {
  /// One time for all fields, or a group with a time for some of them and `default` for the others.
  static func time(
    _ key: String, _ range: ClosedRange<Milliseconds>,
    _ all: any WritableKeyPath<MeterSettings, Milliseconds> & Sendable,
    _ some: any WritableKeyPath<FieldPolicy, Milliseconds?> & Sendable, default: String, _ meaning: String,
    alsoCalled otherNames: [String] = []
  ) -> Setting {
    let format = ValueFormat<Milliseconds>.duration(range)
    return Setting(
      row: SettingRow(
        key: key, value: format.described + ", or a group: names of fields, each with its time, and `default`",
        fallback: `default`, meaning: meaning, otherNames: otherNames)
    ) { node, meter, reader in
      guard case .mapping = node.content else {
        guard let time = reader.value(node, of: key, format) else { return false }
        meter[keyPath: all] = time
        return true
      }
      return reader.fields(node, of: key, format, others: FieldName.fields, example: "`power: 1s`, `default: 10s`") {
        if let field = $0 {
          meter.policies[field, default: FieldPolicy()][keyPath: some] = $1
        } else {
          meter[keyPath: all] = $1
        }
      }
    }
  }

  /// `dead_band: {power: 5, voltage: 0.5}`.
  static let deadBand = Setting(
    row: SettingRow(
      key: "dead_band", value: "a group: names of fields, each with a number in its unit", fallback: "none",
      meaning: "Skip a value that differs by less than this from the last one: "
        + "`dead_band: {power: 5, voltage: 0.5}`. The heartbeat still publishes it.",
      otherNames: ["deadband", "hysteresis", "threshold", "delta"])
  ) { node, meter, reader in
    reader.fields(node, of: "dead_band", .amount, others: nil, example: "`power: 5`") {
      if let field = $0 { meter.policies[field, default: FieldPolicy()].deadBand = $1 }
    }
  }

  /// `rounding: {power: 10, voltage: 0.5}`.
  static let rounding = Setting(
    row: SettingRow(
      key: "rounding", value: "a group: names of fields, each with a number in its unit",
      fallback: "every digit of the meter",
      meaning: "Round to a multiple of this: `rounding: {power: 10, voltage: 0.1}` gives tens of watts and "
        + "tenths of a volt. `…/reading` keeps every digit.",
      otherNames: ["round", "precision", "decimals", "accuracy"])
  ) { node, meter, reader in
    reader.fields(node, of: "rounding", .amount, others: nil, example: "`power: 10`") {
      if let field = $0 { meter.rounding[field] = $1 }
    }
  }
}

extension FieldName {
  /// Every name that can stand in a group of fields.
  fileprivate static let fields = Dictionary(
    uniqueKeysWithValues: allCases.filter { $0 != .code }.map { ($0.entry.name.description, $0) })
  /// Those of numbers.
  fileprivate static let numbers = fields.filter { $0.value.entry.unit != .none || $0.value.entry.stateClass != .none }
}

extension SettingReader {
  /// A group of names of fields, each with a value.
  ///
  /// - Parameters:
  ///   - node: the group.
  ///   - key: its name.
  ///   - format: what the values are.
  ///   - all: the names that may stand there beside `default`; nil for the names of numbers and no `default`.
  ///   - example: an entry or two.
  ///   - take: takes a value for a field, or for `default`.
  /// - Returns: false after a mistake.
  fileprivate mutating func fields<Value>(
    _ node: YAMLNode, of key: String, _ format: ValueFormat<Value>, others all: [String: FieldName]?, example: String,
    _ take: (FieldName?, Value) -> Void
  ) -> Bool {
    let example = "a field's name and its value, such as \(example)"
    guard let entries = entries(node, of: "`\(key)`", takes: [example]) else { return false }
    let names = all ?? FieldName.numbers
    let before = mistakes.count
    var seen: Set<String> = []
    for entry in entries {
      guard let name = self.key(entry.key) else { continue }
      guard names[name] != nil || (all != nil && name == "default") else {
        let meant = Suggestion.question(Suggestion.nearest(to: name, of: names.keys.sorted()))
        add(
          "\(Self.quoted(name)) is not the name of a field\(all == nil ? " with a number" : "")\(meant)",
          at: entry.key.at)
        continue
      }
      guard seen.insert(name).inserted else {
        add("`\(name)` stands here a second time", at: entry.key.at)
        continue
      }
      if let value = value(entry.value, of: name, format) { take(names[name], value) }
    }
    return mistakes.count == before
  }
}
