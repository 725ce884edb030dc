internal import Base

extension StatisticsRepair.Finding {
  /// The table of a plan, hour by hour: what stands, and what would stand. Empty without a plan that changes something.
  package var table: [String] {
    guard let plan, !plan.isDone else { return [] }
    var sums = Dictionary(stands.map { ($0.hour, $0.sum) }) { _, last in last }
    for row in plan.rows { sums[row.hour] = row.sum }
    if let adjustment = plan.adjustment { sums[plan.returning.hour] = plan.returning.sum + adjustment }
    let written = Dictionary(plan.rows.map { ($0.hour, $0) }) { _, last in last }
    var lines = [Self.line("hour", "change now", "change then", "state", "sum")]
    var before = (now: plan.reference.sum, then: plan.reference.sum)
    for hour in plan.reference.hour + 1...plan.returning.hour {
      let now = stands.first { $0.hour == hour }?.sum
      let then = sums[hour]
      lines.append(
        Self.line(
          WallTime(hour: hour).hourText, now.map { "\($0 - before.now)" } ?? "no row",
          then.map { "\($0 - before.then)" } ?? "no row", written[hour].map { "\($0.state)" } ?? "",
          written[hour].map { "\($0.sum)" }
            ?? (hour == plan.returning.hour && plan.adjustment != nil ? "\(then ?? .zero)" : "")))
      before = (now ?? before.now, then ?? before.then)
    }
    return lines
  }

  private static func line(_ words: String...) -> String {
    let widths = [21, 14, 14, 16, 0]
    let line = zip(words, widths).map { word, width in
      word + String(repeating: " ", count: max(width - word.count, width == 0 ? 0 : 1))
    }
    var text = line.joined()
    while text.hasSuffix(" ") { text.removeLast() }
    return text
  }

  /// The counter and its statistic: `grid/energy_import (sensor.grid_energy_import, kWh)`.
  package var title: String { "\(device)/\(level) (\(statistic)\(unit.isEmpty ? "" : ", \(unit)"))" }

  /// What was found or done, in one line.
  package var words: String {
    if let refusal { return refusal.words }
    if isDifferent {
      return "Home Assistant does not show the hours as they were written; the next hour tries again"
    }
    guard let plan else { return obstacle?.words ?? "" }
    let hours = plan.rows.map(\.hour)
    guard let first = hours.first, let last = hours.last else {
      if let adjustment = plan.adjustment {
        return "its sum \(isWritten ? "was" : "would be") corrected by \(adjustment) from "
          + WallTime(hour: plan.returning.hour).hourText + " on" + missingWords
      }
      return "nothing needs to be repaired" + missingWords
    }
    let correction = plan.adjustment.map { ", and its sum is corrected by \($0) behind them" } ?? ""
    let verb = isWritten ? (first == last ? "was" : "were") : "would be"
    let span = WallTime(hour: first).hourText + (first == last ? "" : " to \(WallTime(hour: last).hourText)")
    return "\(counted(hours.count, "hour")) (\(span)) \(verb) put back\(correction)\(missingWords)"
  }

  private var missingWords: String {
    guard let count = plan?.missing.count, count > 0 else { return "" }
    return
      "; \(counted(count, "hour")) without a reading \(count == 1 ? "stays" : "stay") as \(count == 1 ? "it is" : "they are")"
  }
}
