internal import Base
internal import Decoders

/// What Home Assistant knows of a statistic, with its members as they came.
///
/// The members go back with each import: another unit would relabel all old rows.
struct StatisticsMetadata {
  let id: String
  /// The symbol of the unit in which rows are stored; empty for none.
  let unitSymbol: String
  /// The JSON of each member.
  private let members: [String: [UInt8]]

  /// Takes one element of the answer to `recorder/get_statistics_metadata`. Nil if it is not the statistic of a counter that
  /// the recorder keeps.
  init?(_ object: [UInt8]) {
    guard let parts = JSONMembers.split(object) else { return nil }
    members = Dictionary(parts.map { ($0.name, $0.value) }) { first, _ in first }
    guard let id = members["statistic_id"]?.jsonText, members["source"]?.jsonText == "recorder",
      members["has_sum"]?.elementsEqual("true".utf8) == true
    else { return nil }
    self.id = id
    unitSymbol = members["statistics_unit_of_measurement"]?.jsonText ?? ""
  }

  /// The unit of the rows; nil if the program does not know it.
  var unit: Unit? { unitSymbol.isEmpty ? Unit.none : Unit(symbol: unitSymbol) }

  /// The class whose unit a reader of rows has to name; nil if Home Assistant does not convert them.
  var unitClass: String? { members["unit_class"]?.jsonText }

  /// Writes the metadata of `recorder/import_statistics`.
  ///
  /// Home Assistant before 2025.11 refuses the newer members and demands `has_mean`.
  func write(into json: inout JSONText, for version: HomeAssistantSettings.Version) {
    func copy(_ name: String, as written: String? = nil) {
      json.key(written ?? name)
      json.raw(members[name].map { String(decoding: $0, as: UTF8.self) } ?? "null")
    }
    copy("source")
    copy("statistic_id")
    copy("name")
    copy("has_sum")
    copy("statistics_unit_of_measurement", as: "unit_of_measurement")
    if version < HomeAssistantSettings.Version(year: 2025, month: 11) {
      json.member("has_mean", false)
    } else {
      json.key("mean_type")
      json.raw(members["mean_type"].map { String(decoding: $0, as: UTF8.self) } ?? "0")
      copy("unit_class")
    }
  }
}

extension [UInt8] {
  /// The text of a JSON string; nil for other values.
  package var jsonText: String? {
    guard first == UInt8(ascii: "\""), last == UInt8(ascii: "\""), count >= 2 else { return nil }
    let inner = self[1..<count - 1]
    guard inner.contains(UInt8(ascii: "\\")) else { return String(decoding: inner, as: UTF8.self) }
    guard case .scalar(let text, _) = (try? YAMLDocument(self))?.root?.content else { return nil }
    return text
  }
}

extension StatisticsRow {
  /// Takes one row of the answer to `recorder/statistics_during_period`. Nil for one without a state or a sum.
  init?(_ object: [UInt8]) {
    guard let parts = JSONMembers.split(object) else { return nil }
    func number(_ name: String) -> StatisticsNumber? {
      parts.first { $0.name == name }.flatMap { StatisticsNumber(json: $0.value) }
    }
    // Milliseconds; they may be written as 1792846800000.0.
    guard let start = number("start")?.whole, let state = number("state"), let sum = number("sum") else { return nil }
    self.init(hour: WallTime(milliseconds: start).hour, state: state, sum: sum)
  }
}
