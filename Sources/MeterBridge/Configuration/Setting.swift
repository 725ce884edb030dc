internal import Base
internal import Platform

/// The description of a setting, for `docs/CONFIGURATION.md` and suggestions.
struct SettingRow: Equatable, Sendable {
  var key: String
  /// The allowed values in words.
  var value: String
  /// The default in words; nil for a setting that must be there.
  var fallback: String?
  var meaning: String
  /// Names in other programs, for suggestions.
  var otherNames: [String] = []
}

/// One row of the table of settings: its description and its reader.
struct Setting<Target>: Sendable {
  var row: SettingRow
  /// The rows of a group below this one, for the documentation.
  var group: (@Sendable () -> [SettingGroup])?
  /// Reads the node; false after a mistake.
  var read: @Sendable (YAMLNode, inout Target, inout SettingReader) -> Bool
}

/// A group of rows under the path of its keys.
struct SettingGroup: Sendable {
  /// `mqtt.tls`; empty for the top of the file.
  var path: String
  var rows: [SettingRow]
}

extension Setting {
  /// A setting of one value.
  static func value<Value>(
    _ key: String, _ format: ValueFormat<Value>, _ place: any WritableKeyPath<Target, Value> & Sendable,
    default: String?, _ meaning: String, alsoCalled otherNames: [String] = []
  ) -> Setting {
    let row = SettingRow(
      key: key, value: format.described, fallback: `default`, meaning: meaning, otherNames: otherNames)
    return Setting(row, format) { $0[keyPath: place] = $1 }
  }

  /// A setting of one value that may be absent.
  static func value<Value>(
    _ key: String, _ format: ValueFormat<Value>, _ place: any WritableKeyPath<Target, Value?> & Sendable,
    default: String?, _ meaning: String, alsoCalled otherNames: [String] = []
  ) -> Setting {
    let row = SettingRow(
      key: key, value: format.described, fallback: `default`, meaning: meaning, otherNames: otherNames)
    return Setting(row, format) { $0[keyPath: place] = $1 }
  }

  private init<Value>(
    _ row: SettingRow, _ format: ValueFormat<Value>, store: @escaping @Sendable (inout Target, Value) -> Void
  ) {
    self.init(row: row) { node, target, reader in
      guard let value = reader.value(node, of: row.key, format) else { return false }
      store(&target, value)
      return true
    }
  }

  /// A path; a relative one counts from the folder of the configuration file.
  static func path(
    _ key: String, _ place: any WritableKeyPath<Target, String?> & Sendable, isFile: Bool, isSecret: Bool = false,
    default: String?, _ meaning: String, alsoCalled otherNames: [String] = []
  ) -> Setting {
    var setting = value(key, .path, place, default: `default`, meaning, alsoCalled: otherNames)
    setting.read = { node, target, reader in
      guard let written = reader.value(node, of: key, .path) else { return false }
      let path = isFile ? reader.file(named: written) : reader.resolve(written)
      if isFile, let problem = problemReading(path) {
        let reason = reader.reason(problem, reading: written)
        reader.add("cannot read \(SettingReader.quoted(path)): \(reason)", at: node.at)
        return false
      }
      if isSecret, !reader.allowsReadableSecrets, let exposure = SecretFile.exposure(of: path) {
        reader.add(
          "\(SettingReader.quoted(path)) is not secret: \(exposure); or set `allow_readable_secrets: true`", at: node.at
        )
        return false
      }
      if isFile { reader.warnIfWritable(path, at: node.at) }
      target[keyPath: place] = path
      return true
    }
    return setting
  }
}

extension SettingReader {
  /// The value of a node; nil after a mistake.
  mutating func value<Value>(_ node: YAMLNode, of key: String, _ format: ValueFormat<Value>) -> Value? {
    guard let written = text(node, of: "`\(key)`", isSecret: format.isSecret) else { return nil }
    do {
      return try format.parse(written.text)
    } catch {
      add("\(format.isSecret ? "`\(key)`" : written.shown) \(error.message)", at: node.at)
      return nil
    }
  }
}

/// The keys that a file gives for a group, and their places.
struct GivenSettings {
  struct Place {
    var key: Mark
    var value: Mark
    /// Whether the value is usable.
    var isGood: Bool
  }

  /// The place of the group: its first key.
  var at: Mark
  var places: [String: Place] = [:]

  /// Whether the key is given, right or wrong.
  func has(_ key: String) -> Bool { places[key] != nil }
  /// Whether the key is given with a usable value.
  func isGood(_ key: String) -> Bool { places[key]?.isGood == true }
  /// The place of the key, else of the group.
  func key(_ name: String) -> Mark { places[name]?.key ?? at }
  /// The place of the value, else of the group.
  func value(_ name: String) -> Mark { places[name]?.value ?? at }
}

/// The settings of a group, and the checks between them.
struct Section<Target>: Sendable {
  /// `mqtt.tls`; `meters` for each meter, empty for the top of the file.
  var path: String
  /// Its name in messages.
  var name: String
  var settings: [Setting<Target>]
  /// Checks between settings.
  var check: @Sendable (inout Target, GivenSettings, inout SettingReader) -> Void = { _, _, _ in }
  /// False for one setting at a time: nothing is missing, and nothing is held against the others.
  var isWhole = true

  /// This group and those below it, for the documentation.
  var groups: [SettingGroup] {
    [SettingGroup(path: path, rows: settings.map(\.row))] + settings.flatMap { $0.group?() ?? [] }
  }

  /// Reads a group; nil if the node is not one.
  ///
  /// - Parameters:
  ///   - node: its map.
  ///   - target: takes the values that are right.
  ///   - reader: takes the mistakes.
  /// - Returns: where everything stands.
  @discardableResult
  func read(_ node: YAMLNode, into target: inout Target, _ reader: inout SettingReader) -> GivenSettings? {
    guard let entries = reader.entries(node, of: name, takes: settings.map(\.row.key)) else { return nil }
    var given = GivenSettings(at: entries.first?.key.at ?? node.at)
    for entry in entries {
      guard let key = reader.key(entry.key) else { continue }
      if let first = given.places[key] {
        reader.add(
          "`\(key)` stands here a second time; the first is in \(reader.line(of: first.key, from: entry.key.at))",
          at: entry.key.at)
        continue
      }
      guard let setting = settings.first(where: { $0.row.key == key }) else {
        reader.add("unknown key \(SettingReader.quoted(key))\(hint(for: key))", at: entry.key.at)
        continue
      }
      let isGood = setting.read(entry.value, &target, &reader)
      given.places[key] = .init(key: entry.key.at, value: entry.value.at, isGood: isGood)
    }
    guard isWhole else { return given }
    for setting in settings where setting.row.fallback == nil && !given.has(setting.row.key) {
      reader.add("`\(setting.row.key)` is missing: \(setting.row.value)", at: given.at)
    }
    check(&target, given, &reader)
    return given
  }

  /// A suggestion for an unknown key.
  private func hint(for key: String) -> String {
    if let setting = settings.first(where: { $0.row.otherNames.contains(key.lowercased()) }) {
      return Suggestion.question(setting.row.key)
    }
    // A meter may well be thought to have a password, but not the broker's.
    let others = path == "meters" ? [] : Configuration.groups.filter { $0.path != path }
    if let group = others.first(where: { $0.rows.contains { $0.key == key } }) {
      return group.path.isEmpty ? "; it belongs to the top of the file" : "; it belongs under `\(group.path)`"
    }
    let keys = settings.map(\.row.key)
    if let near = Suggestion.nearest(to: key, of: keys) { return Suggestion.question(near) }
    return "; \(name) takes \(keys.joined(separator: ", "))"
  }
}

extension SettingReader {
  /// The text of a key; nil after a mistake.
  mutating func key(_ node: YAMLNode) -> String? {
    guard case .scalar(let text, _) = node.content, node.tag == nil, !node.hasAnchor else {
      add("a key is one plain word, such as `host`", at: node.at)
      return nil
    }
    return text
  }
}

extension Setting {
  /// A setting that is carried out in the tree of the file, before the settings are read.
  static func readBefore(
    _ key: String, _ value: String, default: String, _ meaning: String, alsoCalled otherNames: [String] = []
  ) -> Setting {
    Setting(
      row: SettingRow(key: key, value: value, fallback: `default`, meaning: meaning, otherNames: otherNames),
      read: { _, _, _ in true })
  }

  /// A group of settings for a part of the target.
  static func group<Part>(
    _ key: String, _ section: Section<Part>, _ place: any WritableKeyPath<Target, Part> & Sendable, default: String,
    _ meaning: String
  ) -> Setting {
    Setting(
      row: SettingRow(key: key, value: "a group", fallback: `default`, meaning: meaning),
      group: { section.groups },
      read: { node, target, reader in section.read(node, into: &target[keyPath: place], &reader) != nil })
  }
}
