import Decoders

@testable import Base
@testable import MeterBridge
@testable import Publishing

private let first: Int64 = 498_013
private let sensor = "sensor.grid_energy_import"

/// Lets the client read a stream of frames, and repairs hours with a Home Assistant that answers anything.
func checkHomeAssistant(_ input: [UInt8]) {
  var messages = WebSocketMessages(limit: 4096)
  messages.append(input)
  while let event = try? messages.next() {
    if case .message(let message) = event { precondition(message.count <= 4096, "a message is too large") }
  }

  let repair = StatisticsRepair(
    .init(nodeID: "meterbridge", firstHour: first + 1, returnHour: first + 3, isDry: false), intents: NoIntents()
  ) { WallTime(hour: first + 5) }
  let registers = ["112.1", "112.7", "114.2", "115.2", "115.9"].compactMap { FixedDecimal(plain: $0) }
  let ledger = registers.enumerated().map { place, register in
    HourRow(
      device: "grid", level: "energy_import", hour: first + Int64(place), value: register, unit: .kilowattHour,
      at: WallTime(hour: first + Int64(place) + 1), before: register)
  }
  var link: any HomeAssistantLink = AnsweringLink(input)
  try? repair.run(ledger, &link) { finding in
    for line in finding.table + [finding.title, finding.words] {
      precondition(line.utf8.allSatisfy { $0 >= 0x20 }, "a control character reaches the log")
    }
  }
}

private struct NoIntents: AdjustmentIntents {
  func since(_ statistic: String) -> WallTime? { nil }
  func begin(_ statistic: String, at now: WallTime) {}
  func end(_ statistic: String?) {}
}

/// Answers each command with the next line. For an empty one the answer is that of a Home Assistant after an outage.
private struct AnsweringLink: HomeAssistantLink {
  let version = HomeAssistantSettings.Version(year: 2026, month: 11)
  private var lines: ArraySlice<ArraySlice<UInt8>>
  /// The hours whose rows were told last.
  private var told: [Int64] = []
  private var unit: [UInt8] = []
  private var corrections = 0

  init(_ input: [UInt8]) { lines = input.split(separator: 0x0A, omittingEmptySubsequences: false)[...] }

  mutating func pause(_ time: Milliseconds) throws(HomeAssistantTrouble) {}

  mutating func ask(
    _ type: String, _ members: (inout JSONText) -> Void
  ) throws(HomeAssistantTrouble) -> [UInt8] {
    guard let line = lines.popFirst() else { throw .unreachable("the connection was closed") }
    var json = JSONText()
    json.object { members(&$0) }
    let command = JSONMembers.split(json.bytes) ?? []
    // Metadata goes back as it came, even where that is no JSON.
    if type != "recorder/import_statistics" { requireObject(json.bytes) }
    switch type {
    case "recorder/import_statistics": check(command)
    case "recorder/adjust_sum_statistics":
      corrections += 1
      precondition(corrections == 1, "a sum is corrected twice")
    default: break
    }
    let answer = line.isEmpty ? Array(Self.usual(type).utf8) : Array(line)
    note(type, answer)
    return answer
  }

  /// Only whole rows of hours before one whose row was told, in the unit that was told.
  private func check(_ command: [(name: String, value: [UInt8])]) {
    func value(_ name: String, in members: [(name: String, value: [UInt8])]) -> [UInt8] {
      members.first { $0.name == name }?.value ?? []
    }
    let metadata = JSONMembers.split(value("metadata", in: command)) ?? []
    precondition(value("unit_of_measurement", in: metadata) == unit, "the unit is another one")
    for row in JSONMembers.elements(value("stats", in: command)) ?? [] {
      let parts = JSONMembers.split(row) ?? []
      let hour = value("start", in: parts).jsonText.flatMap { WallTime($0) }?.hour ?? .max
      precondition(told.contains { $0 > hour && $0 < first + 5 }, "no later hour is there")
      for name in ["state", "sum"] {
        precondition(StatisticsNumber(json: value(name, in: parts)) != nil, "a row without its \(name)")
      }
    }
  }

  private mutating func note(_ type: String, _ answer: [UInt8]) {
    switch type {
    case "recorder/get_statistics_metadata":
      let metadata = JSONMembers.elements(answer)?.lazy.compactMap { StatisticsMetadata($0) }.first { $0.id == sensor }
      var json = JSONText()
      json.object { metadata?.write(into: &$0, for: version) }
      unit = JSONMembers.split(json.bytes)?.first { $0.name == "unit_of_measurement" }?.value ?? []
    case "recorder/statistics_during_period":
      let list = JSONMembers.split(answer)?.first { $0.name == sensor }?.value ?? []
      told = (JSONMembers.elements(list) ?? []).compactMap { StatisticsRow($0)?.hour }
    default: break
    }
  }

  private static func usual(_ type: String) -> String {
    func row(_ hour: Int64, _ numbers: String) -> String {
      let ends = numbers.split(separator: "/")
      return #"{"start":\#((first + hour) * 3_600_000),"state":\#(ends[0]),"sum":\#(ends[1])}"#
    }
    switch type {
    case "config/entity_registry/list":
      return #"[{"entity_id":"\#(sensor)","unique_id":"meterbridge_grid_energy_import","platform":"mqtt"}]"#
    case "recorder/get_statistics_metadata":
      return #"[{"statistic_id":"\#(sensor)","source":"recorder","name":null,"mean_type":0,"has_sum":true,"#
        + #""unit_class":"energy","statistics_unit_of_measurement":"kWh"}]"#
    case "recorder/statistics_during_period":
      let rows = [row(0, "112.1/12.1"), row(1, "112.3/12.3"), row(3, "115.2/2.1"), row(4, "115.9/2.8")]
      return #"{"\#(sensor)":[\#(rows.joined(separator: ","))]}"#
    default: return "null"
    }
  }
}
