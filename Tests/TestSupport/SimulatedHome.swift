import Foundation

/// What Home Assistant does with commands about statistics, as it was measured: it takes what it should refuse, and shows
/// rows late.
package final class SimulatedHome {
  package struct Row: Equatable {
    package var state: Double
    package var sum: Double?

    package init(_ state: Double, _ sum: Double?) {
      self.state = state
      self.sum = sum
    }
  }

  package struct Statistic {
    package var unit = "kWh"
    package var displayUnit = "kWh"
    package var unitClass: String? = "energy"
    package var hasSum = true
    package var source = "recorder"
    /// By hours since 1970 UTC.
    package var rows: [Int: Row] = [:]

    package init(unit: String = "kWh", displayUnit: String? = nil, rows: [Int: Row]) {
      self.unit = unit
      self.displayUnit = displayUnit ?? unit
      self.rows = rows
    }
  }

  package var version = "2026.11.0"
  /// Entity ids by unique ids.
  package var entities: [String: String] = [:]
  package var statistics: [String: Statistic] = [:]
  /// Entities beside `entities`, as the registry lists them.
  package var otherEntities: [[String: Any]] = []
  /// Statistics whose rows it refuses to tell.
  package var refused: Set<String> = []
  /// Whether it tells the metadata of more statistics than it is asked for.
  package var tellsAllMetadata = false
  /// Rows that it writes once right after a correction of sums, without that correction.
  package var rowsAfterShift: [Int: Row] = [:]
  /// Reads until a change is seen.
  package var readsUntilSeen = 0
  /// Whether the token is that of an administrator.
  package var isAdministrator = true
  /// Commands until the connection is cut; nil for never.
  package var commandsUntilCut: Int?
  /// Whether the command of the cut is still carried out.
  package var arrivesAtCut = true
  /// The commands, in order.
  package private(set) var commands: [[String: Any]] = []
  private var pending: [(reads: Int, change: () -> Void)] = []

  package init() {}

  /// The commands of a type.
  package func asked(_ type: String) -> [[String: Any]] { commands.filter { $0["type"] as? String == type } }

  /// Answers a command; nil where the connection is cut.
  package func answer(_ command: [String: Any]) -> [String: Any]? {
    commands.append(command)
    let id = command["id"] ?? 0
    if let left = commandsUntilCut {
      commandsUntilCut = left - 1
      if left <= 0 {
        if arrivesAtCut { _ = result(command) }
        return nil
      }
    }
    switch result(command) {
    case .success(let value): return ["id": id, "type": "result", "success": true, "result": value]
    case .failure(let refusal):
      let words = ["code": refusal.code, "message": refusal.message]
      return ["id": id, "type": "result", "success": false, "error": words]
    }
  }

  struct Refusal: Error {
    var code: String
    var message: String
  }

  private func result(_ command: [String: Any]) -> Result<Any, Refusal> {
    switch command["type"] as? String {
    case "config/entity_registry/list":
      return .success(
        entities.map {
          [
            "entity_id": $0.value, "unique_id": $0.key, "platform": "mqtt", "name": "a \"name\" {[,",
            "disabled_by": NSNull(),
          ]
        } + otherEntities)
    case "recorder/get_statistics_metadata":
      let ids = tellsAllMetadata ? statistics.keys.sorted() : command["statistic_ids"] as? [String] ?? []
      return .success(ids.compactMap { id in statistics[id].map { metadata($0, id) } })
    case "recorder/statistics_during_period":
      guard refused.isDisjoint(with: command["statistic_ids"] as? [String] ?? []) else {
        return .failure(Refusal(code: "invalid_format", message: "extra keys not allowed @ data['units']"))
      }
      return .success(rows(command))
    case "recorder/info": return .success(["backlog": pending.count, "migration_in_progress": false])
    case "recorder/import_statistics": return write(command)
    case "recorder/adjust_sum_statistics": return shift(command)
    default: return .failure(Refusal(code: "unknown_command", message: "Unknown command."))
    }
  }

  private var isNew: Bool { version.compare("2025.11", options: .numeric) != .orderedAscending }

  private func metadata(_ statistic: Statistic, _ id: String) -> [String: Any] {
    var members: [String: Any] = [
      "statistic_id": id, "source": statistic.source, "name": NSNull(), "has_sum": statistic.hasSum, "has_mean": false,
      "unit_class": statistic.unitClass ?? NSNull(), "statistics_unit_of_measurement": statistic.unit,
      "display_unit_of_measurement": statistic.displayUnit,
    ]
    if isNew { members["mean_type"] = 0 }
    return members
  }

  private static let sizes = ["Wh": 0.001, "kWh": 1, "MWh": 1000, "m³": 1, "L": 0.001]

  private func rows(_ command: [String: Any]) -> [String: Any] {
    for place in pending.indices { pending[place].reads -= 1 }
    for late in pending where late.reads < 0 { late.change() }
    pending.removeAll { $0.reads < 0 }
    let start = Self.hour(command["start_time"]) ?? 0
    var found: [String: Any] = [:]
    for id in command["statistic_ids"] as? [String] ?? [] {
      guard let statistic = statistics[id] else { continue }
      let units = command["units"] as? [String: String] ?? [:]
      let unit = statistic.unitClass.flatMap { units[$0] } ?? statistic.displayUnit
      let factor = (Self.sizes[statistic.unit] ?? 1) / (Self.sizes[unit] ?? 1)
      let list = statistic.rows.filter { $0.key >= start }.sorted { $0.key < $1.key }.map { hour, row in
        [
          "start": hour * 3_600_000, "end": (hour + 1) * 3_600_000, "state": row.state * factor,
          "sum": row.sum.map { $0 * factor as Any } ?? NSNull(),
        ] as [String: Any]
      }
      if !list.isEmpty { found[id] = list }
    }
    return found
  }

  private func write(_ command: [String: Any]) -> Result<Any, Refusal> {
    guard isAdministrator else { return .failure(Refusal(code: "unauthorized", message: "Unauthorized")) }
    guard let metadata = command["metadata"] as? [String: Any], let id = metadata["statistic_id"] as? String,
      let stats = command["stats"] as? [[String: Any]]
    else { return .failure(Refusal(code: "invalid_format", message: "required key not provided")) }
    let wanted: Set<String> =
      isNew ? ["mean_type", "unit_class"] : ["has_mean"]
    let known = wanted.union(["source", "statistic_id", "name", "has_sum", "unit_of_measurement"])
    guard Set(metadata.keys) == known else {
      return .failure(Refusal(code: "invalid_format", message: "extra keys not allowed: \(metadata.keys.sorted())"))
    }
    var new: [Int: Row] = [:]
    for entry in stats {
      guard let hour = Self.hour(entry["start"]), let state = entry["state"] as? Double else {
        return .failure(Refusal(code: "invalid_format", message: "Invalid timestamp"))
      }
      new[hour] = Row(state, entry["sum"] as? Double)
    }
    let unit = metadata["unit_of_measurement"] as? String ?? ""
    later { [self] in
      // An unknown id leaves an orphan; another unit relabels all rows.
      statistics[id, default: Statistic(unit: unit, rows: [:])].unit = unit
      for (hour, row) in new { statistics[id]?.rows[hour] = row }
    }
    return .success(NSNull())
  }

  private func shift(_ command: [String: Any]) -> Result<Any, Refusal> {
    guard isAdministrator else { return .failure(Refusal(code: "unauthorized", message: "Unauthorized")) }
    guard let id = command["statistic_id"] as? String, let start = Self.hour(command["start_time"]),
      let adjustment = command["adjustment"] as? Double, let statistic = statistics[id],
      command["adjustment_unit_of_measurement"] as? String == statistic.unit
    else { return .failure(Refusal(code: "invalid_format", message: "invalid")) }
    later { [self] in
      for (hour, row) in statistics[id]?.rows ?? [:] where hour >= start {
        statistics[id]?.rows[hour]?.sum = row.sum.map { $0 + adjustment }
      }
      for (hour, row) in rowsAfterShift { statistics[id]?.rows[hour] = row }
      rowsAfterShift = [:]
    }
    return .success(NSNull())
  }

  private func later(_ change: @escaping () -> Void) {
    if readsUntilSeen == 0 { change() } else { pending.append((readsUntilSeen, change)) }
  }

  /// Carries out what is queued, as Home Assistant does some time later.
  package func settle() {
    pending.forEach { $0.change() }
    pending = []
  }

  /// Full hours with a zone, and nothing else.
  private static func hour(_ value: Any?) -> Int? {
    guard let text = value as? String, let date = ISO8601DateFormatter().date(from: text) else { return nil }
    let seconds = Int(date.timeIntervalSince1970)
    return seconds % 3600 == 0 ? seconds / 3600 : nil
  }

  /// The changes of the dashboard from an hour on, to a thousandth.
  package func changes(of id: String, from first: Int) -> [Double] {
    let rows = (statistics[id]?.rows ?? [:]).sorted { $0.key < $1.key }.filter { $0.key >= first }
    return zip(rows, rows.dropFirst()).map { (($1.value.sum ?? .nan) - ($0.value.sum ?? .nan)).rounded(to: 0.001) }
  }
}

extension Double {
  fileprivate func rounded(to step: Double) -> Double { (self / step).rounded() / (1 / step).rounded() }
}
