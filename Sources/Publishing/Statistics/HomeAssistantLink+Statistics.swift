internal import Base

/// The commands of Home Assistant 2025.4 to 2026.11 that repairs need.
extension HomeAssistantLink {
  /// The sensors of MQTT that are not disabled: their ids by their unique ids. A sensor may have been renamed.
  mutating func entities() throws(HomeAssistantTrouble) -> [String: String] {
    let command = "config/entity_registry/list"
    guard let list = JSONMembers.elements(try ask(command) { _ in }) else { throw .unreadable(command: command) }
    var entities: [String: String] = [:]
    for entity in list {
      guard let parts = JSONMembers.split(entity) else { throw .unreadable(command: command) }
      func text(_ name: String) -> String? { parts.first { $0.name == name }?.value.jsonText }
      // Another kind of entity may have the same unique id.
      guard text("platform") == "mqtt", text("disabled_by") == nil, let unique = text("unique_id"),
        let id = text("entity_id"), id.hasPrefix("sensor."), id.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
      else { continue }
      entities[unique] = id
    }
    return entities
  }

  /// The metadata of a statistic; nil if there is none: the entity is disabled, not recorded or not a counter.
  mutating func metadata(of id: String) throws(HomeAssistantTrouble) -> StatisticsMetadata? {
    let command = "recorder/get_statistics_metadata"
    let answer = try ask(command) { json in json.array("statistic_ids") { $0.value(id) } }
    guard let list = JSONMembers.elements(answer) else { throw .unreadable(command: command) }
    return list.lazy.compactMap { StatisticsMetadata($0) }.first { $0.id == id }
  }

  /// The hourly rows of a counter, in the unit in which they are stored.
  mutating func rows(of metadata: StatisticsMetadata, since hour: Int64) throws(HomeAssistantTrouble) -> [StatisticsRow]
  {
    let command = "recorder/statistics_during_period"
    let answer = try ask(command) { json in
      json.member("start_time", WallTime(hour: hour).hourText)
      json.array("statistic_ids") { $0.value(metadata.id) }
      json.member("period", "hour")
      json.array("types") {
        $0.value("state")
        $0.value("sum")
      }
      // Without it numbers come in the unit that the user has chosen for display.
      if let unitClass = metadata.unitClass, !metadata.unitSymbol.isEmpty {
        json.object("units") { $0.member(unitClass, metadata.unitSymbol) }
      }
    }
    guard let found = JSONMembers.split(answer) else { throw .unreadable(command: command) }
    guard let list = found.first(where: { $0.name == metadata.id })?.value else { return [] }
    guard let rows = JSONMembers.elements(list) else { throw .unreadable(command: command) }
    return rows.compactMap { StatisticsRow($0) }.sorted { $0.hour < $1.hour }
  }

  /// Writes rows, all with state and sum: Home Assistant would store a missing sum as nothing.
  mutating func write(_ rows: [StatisticsRow], of metadata: StatisticsMetadata) throws(HomeAssistantTrouble) {
    let version = version
    _ = try ask("recorder/import_statistics") { json in
      json.object("metadata") { metadata.write(into: &$0, for: version) }
      json.array("stats") { json in
        for row in rows {
          json.object {
            $0.member("start", WallTime(hour: row.hour).hourText)
            $0.key("state")
            $0.raw(row.state.description)
            $0.key("sum")
            $0.raw(row.sum.description)
          }
        }
      }
    }
  }

  /// Shifts all sums from an hour on. Twice is double.
  mutating func shift(
    _ metadata: StatisticsMetadata, from hour: Int64, by adjustment: StatisticsNumber
  ) throws(HomeAssistantTrouble) {
    _ = try ask("recorder/adjust_sum_statistics") { json in
      json.member("statistic_id", metadata.id)
      json.member("start_time", WallTime(hour: hour).hourText)
      json.key("adjustment")
      json.raw(adjustment.description)
      json.member("adjustment_unit_of_measurement", metadata.unitSymbol.isEmpty ? nil : metadata.unitSymbol)
    }
  }

  /// Whether commands may still wait in the queue of Home Assistant's recorder, as in the night while it purges.
  mutating func isBusy() throws(HomeAssistantTrouble) -> Bool {
    let answer: [UInt8]
    do throws(HomeAssistantTrouble) { answer = try ask("recorder/info") { _ in } } catch {
      guard case .refused = error else { throw error }
      return false
    }
    return (JSONMembers.split(answer) ?? []).contains { member in
      member.name == "backlog" && !member.value.elementsEqual("0".utf8)
        || member.name == "migration_in_progress" && member.value.elementsEqual("true".utf8)
    }
  }
}
