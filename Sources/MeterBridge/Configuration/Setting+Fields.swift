internal import Base
internal import Decoders
internal import Meters

extension Setting<MeterSettings> {
  /// `sub_meters: {gas: {name: Kitchen gas}}`: what is behind `<id>_` in the id of a sub-meter, and its settings.
  static let subMeters = Setting(
    row: SettingRow(
      key: "sub_meters", value: "a group: what is behind `<id>_` in the ids of sub-meters, each with its `name`",
      fallback: "the meter's name and the medium",
      meaning: "P1: the names of the meters behind this one in Home Assistant: "
        + "`sub_meters: {gas: {name: Kitchen gas}}`.",
      otherNames: ["submeters", "sub_meter", "children", "channels"])
  ) { node, meter, reader in
    let example = ["the medium and its settings, such as `gas: {name: Kitchen gas}`"]
    guard let entries = reader.entries(node, of: "`sub_meters`", takes: example) else { return false }
    let before = reader.mistakes.count
    var seen: Set<String> = []
    for entry in entries {
      guard let key = reader.key(entry.key) else { continue }
      guard SubmeterName.isRight(key) else {
        let meant = Suggestion.question(Suggestion.nearest(to: key, of: Medium.allCases.map(\.name)))
        reader.add(
          "\(SettingReader.quoted(key)) is not a sub-meter: its medium, as `gas`, or `gas_2` for the next one\(meant)",
          at: entry.key.at)
        continue
      }
      guard seen.insert(key).inserted else {
        reader.add("`\(key)` stands here a second time", at: entry.key.at)
        continue
      }
      var name = SubmeterName()
      SubmeterName.section.read(entry.value, into: &name, &reader)
      meter.subMeterNames[key] = name.name
    }
    return reader.mistakes.count == before
  }

  /// `enable: [voltage, current]`.
  static let enable = Setting(
    row: SettingRow(
      key: "enable", value: "a list of names of fields, or of last levels of topics", fallback: "as in `TOPICS.md`",
      meaning: "Fields of the meter and its sub-meters that Home Assistant would have disabled: "
        + "`enable: [voltage, current]`. A name is for all conductors and tariffs, but not for values of the past.",
      otherNames: ["enabled", "enable_fields", "fields", "entities"])
  ) { node, meter, reader in
    var elements = [node]
    if case .sequence = node.content {
      guard let list = reader.elements(node, of: "`enable`", each: "each field") else { return false }
      elements = list
    }
    let before = reader.mistakes.count
    for element in elements {
      if let level = reader.value(element, of: "enable", .topicLevel) { meter.enabled.insert(level) }
    }
    return reader.mistakes.count == before
  }
}

/// The settings of a sub-meter.
private struct SubmeterName: Sendable {
  var name: String?

  static let section = Section<SubmeterName>(
    path: "sub_meters", name: "a sub-meter",
    settings: [
      .value(
        "name", .text("a text"), \.name, default: nil, "The name in Home Assistant.",
        alsoCalled: ["label", "title", "friendly_name"])
    ])

  /// `gas`, or `gas_2` for the second of a medium.
  static func isRight(_ key: String) -> Bool {
    Medium.allCases.contains { medium in
      guard key.hasPrefix(medium.name) else { return false }
      let rest = key.dropFirst(medium.name.count)
      guard rest.hasPrefix("_"), let number = Int(digits: String(rest.dropFirst())) else { return rest.isEmpty }
      return number > 1 && rest.dropFirst().first != "0"
    }
  }
}

extension ValueFormat<String> {
  /// The name of a field, or the last level of a field's topic.
  fileprivate static let topicLevel = ValueFormat("the name of a field") { text throws(InvalidValue) in
    let names = FieldName.allCases.filter { $0 != .code }.map { $0.entry.name.description }
    if names.contains(text) || isLevel(text, names) { return text }
    throw InvalidValue("is not the name of a field\(Suggestion.question(Suggestion.nearest(to: text, of: names)))")
  }

  /// A name or code with suffixes: `voltage_l1`, `energy_t1_s2`, `mbus_04_ff07`.
  private static func isLevel(_ text: String, _ names: [String]) -> Bool {
    guard isIdentifier(text.utf8), text.utf8.count <= Limits.deviceCharacters else { return false }
    if text.hasPrefix("mbus_") || text.hasPrefix("obis_") { return true }
    return names.contains { text.hasPrefix($0 + "_") && areSuffixes(text.dropFirst($0.count + 1)) }
  }

  /// The suffixes of `docs/TOPICS.md`. Their order is not checked: a level that no meter has does no harm.
  private static func areSuffixes(_ text: Substring) -> Bool {
    text.split(separator: "_", omittingEmptySubsequences: false).allSatisfy { suffix in
      if ["l1", "l2", "l3", "n", "r", "t", "max", "min", "error"].contains(suffix) { return true }
      let digits = suffix.first.map { "tsu".contains($0) } == true ? suffix.dropFirst() : suffix
      return Int(digits: String(digits)) != nil
    }
  }
}
