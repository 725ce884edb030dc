internal import Base

/// The meters of the daemon as a table for people.
struct StatusTable {
  let snapshot: BridgeSnapshot

  /// Aligned by content, the head first.
  var lines: [String] {
    var rows = [["METER", "STATE", "AGE", "VALUE", "", ""]]
    for meter in snapshot.meters {
      rows.append([
        meter.name.map { "\(meter.id) (\($0))" } ?? meter.id, meter.isOnline ? "online" : "offline",
        meter.age.map(Self.text) ?? "never", meter.main?.text ?? "–", meter.main.map(unit) ?? "", meter.trouble ?? "",
      ])
    }
    var lines = TextTable.lines(rows, right: [2, 3]).map { String($0.dropLast()) }
    if snapshot.isBrokerConnected == false { lines += ["", "The broker is not connected."] }
    return lines
  }

  private func unit(_ value: BridgeSnapshot.Value) -> String {
    value.unit.isEmpty ? value.name : "\(value.unit) \(value.name)"
  }

  /// `3 s`, `12 min`, `5 h`, `3 d`.
  private static func text(_ age: Milliseconds) -> String {
    switch age.count / 1000 {
    case ..<120: "\(age.count / 1000) s"
    case ..<7200: "\(age.count / 60_000) min"
    case ..<172_800: "\(age.count / 3_600_000) h"
    default: "\(age.count / 86_400_000) d"
    }
  }
}
