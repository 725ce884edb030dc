import Base
import Decoders
import Foundation
import Publishing
import Synchronization
import Testing
import TestSupport

/// A connection to a simulated Home Assistant.
private struct SimulatedLink: HomeAssistantLink {
  let home: SimulatedHome
  var version: HomeAssistantSettings.Version
  var lastID = 0

  init(_ home: SimulatedHome) {
    self.home = home
    let parts = home.version.split(separator: ".").compactMap { Int($0) }
    version = HomeAssistantSettings.Version(year: parts[0], month: parts[1])
  }

  mutating func ask(
    _ type: String, _ members: (inout JSONText) -> Void
  ) throws(HomeAssistantTrouble) -> [UInt8] {
    lastID += 1
    var json = JSONText()
    let id = lastID
    json.object { json in
      json.member("id", id)
      json.member("type", type)
      members(&json)
    }
    let command = (try? JSONSerialization.jsonObject(with: Data(json.bytes))) as? [String: Any]
    guard let command, let answer = home.answer(command) else { throw .unreachable("the connection was closed") }
    if let error = answer["error"] as? [String: String] {
      throw .refused(command: type, code: error["code"] ?? "", message: error["message"] ?? "")
    }
    let data = try? JSONSerialization.data(withJSONObject: answer["result"] ?? NSNull(), options: .fragmentsAllowed)
    return Array(data ?? Data())
  }

  mutating func pause(_ time: Milliseconds) {}
}

/// Intents in memory.
private final class Notes: AdjustmentIntents {
  private let open = Mutex<[String: WallTime]>([:])
  func since(_ statistic: String) -> WallTime? { open.withLock { $0[statistic] } }
  let isFull = Mutex(false)
  func begin(_ statistic: String, at now: WallTime) throws(HomeAssistantTrouble) {
    if isFull.withLock({ $0 }) { throw .unsaved("no space left") }
    open.withLock { $0[statistic] = now }
  }
  func end(_ statistic: String?) { if let statistic { open.withLock { $0[statistic] = nil } } }
}

private let first: Int64 = 498_013
private let sensor = "sensor.grid_energy_import"

private func row(
  _ hour: Int64, _ register: String, unit: Decoders.Unit = .kilowattHour, device: String = "grid",
  level: String = "energy_import"
) -> HourRow {
  let value = FixedDecimal(plain: register) ?? FixedDecimal(0)
  return HourRow(
    device: device, level: level, hour: first + hour, value: value, unit: unit,
    at: WallTime(hour: first + hour + 1), before: value)
}

/// The house of the page's example: cut at 14:20, back at 16:40.
private final class Rig {
  let home = SimulatedHome()
  let notes = Notes()
  var now = WallTime(hour: first + 5)
  var ledger = [row(0, "112.1"), row(1, "112.7"), row(2, "114.2"), row(3, "115.2"), row(4, "115.9")]
  var order = StatisticsRepair.Order(
    nodeID: "meterbridge", firstHour: first + 1, returnHour: first + 3, isDry: false)

  init() {
    home.entities = ["meterbridge_grid_energy_import": sensor]
    home.statistics[sensor] = SimulatedHome.Statistic(rows: [
      Int(first) - 1: .init(111.4, 11.4), Int(first): .init(112.1, 12.1), Int(first) + 1: .init(112.3, 12.3),
      Int(first) + 3: .init(115.2, 15.2), Int(first) + 4: .init(115.9, 15.9),
    ])
  }

  @discardableResult func run() throws -> [StatisticsRepair.Finding] {
    var link: any HomeAssistantLink = SimulatedLink(home)
    var findings: [StatisticsRepair.Finding] = []
    let repair = StatisticsRepair(order, intents: notes) { [now] in now }
    try repair.run(ledger, &link) { findings.append($0) }
    return findings
  }

  var changes: [Double] { home.changes(of: sensor, from: Int(first)) }
  var imports: [[String: Any]] { home.asked("recorder/import_statistics") }
  func metadata() -> [String: Any]? { imports.first?["metadata"] as? [String: Any] }
}

@Suite("The repair of Home Assistant's hours") struct StatisticsRepairTests {
  private let rig = Rig()

  @Test("the hours come out as they were measured, and the total stays") func example() throws {
    let finding = try #require(try rig.run().first)
    #expect(finding.isWritten)
    #expect(rig.changes == [0.6, 1.5, 1, 0.7])
    #expect(finding.words == "2 hours (2026-10-24T14:00:00Z to 2026-10-24T15:00:00Z) were put back")
    #expect(
      finding.table == [
        "hour                 change now    change then   state           sum",
        "2026-10-24T14:00:00Z 0.2           0.6           112.7           12.7",
        "2026-10-24T15:00:00Z no row        1.5           114.2           14.2",
        "2026-10-24T16:00:00Z 2.9           1",
      ])
  }

  @Test("a second time nothing is written") func repeated() throws {
    try rig.run()
    try rig.run()
    #expect(rig.imports.count == 1)
    #expect(rig.changes == [0.6, 1.5, 1, 0.7])
  }

  @Test("a dry run writes nothing") func dry() throws {
    rig.order.isDry = true
    let finding = try #require(try rig.run().first)
    #expect(rig.imports.isEmpty)
    #expect(finding.words == "2 hours (2026-10-24T14:00:00Z to 2026-10-24T15:00:00Z) would be put back")
  }

  @Test("without the row of the return hour nothing is written") func noReturnRow() throws {
    rig.home.statistics[sensor]?.rows[Int(first) + 3] = nil
    rig.home.statistics[sensor]?.rows[Int(first) + 4] = nil
    #expect(try rig.run().first?.obstacle == .noReturnRow)
    #expect(rig.imports.isEmpty)
  }

  @Test("a row of an hour that is not over is not that of the return hour") func rowOfAnother() throws {
    rig.home.statistics[sensor]?.rows[Int(first) + 3] = nil
    rig.now = WallTime(milliseconds: rig.now.milliseconds - 1)
    #expect(try rig.run().first?.obstacle == .noReturnRow)
    rig.order.returnHour = nil
    let obstacle = RepairObstacle.otherState(hour: first + 1, home: number("112.3"), ledger: number("112.7"))
    #expect(try rig.run().first?.obstacle == obstacle)
    #expect(rig.imports.isEmpty)
  }

  @Test("rows of the year 1970 or of a far future cost no time") func wildRows() throws {
    rig.home.statistics[sensor]?.rows[0] = .init(1, 1)
    rig.home.statistics[sensor]?.rows[2_500_000_000] = .init(1, 1)
    try rig.run()
    rig.home.statistics[sensor]?.rows[0] = nil
    #expect(rig.changes.prefix(4) == [0.6, 1.5, 1, 0.7])
  }

  @Test("only a sensor that is not disabled is that of a counter") func otherEntities() throws {
    let unique = "meterbridge_grid_energy_import"
    rig.home.otherEntities = [
      ["entity_id": "button.grid_energy_import", "unique_id": unique, "platform": "mqtt"],
      ["entity_id": "sensor.of_another_platform", "unique_id": unique, "platform": "template"],
    ]
    #expect(try rig.run().first?.isWritten == true)
    rig.home.entities = [:]
    rig.home.otherEntities = [
      ["entity_id": sensor, "unique_id": unique, "platform": "mqtt", "disabled_by": "user"]
    ]
    #expect(try rig.run().isEmpty)
  }

  @Test("hours of two meters whose names join to one id are nobody's") func joined() throws {
    rig.ledger.append(row(4, "7", device: "grid_energy", level: "import"))
    #expect(try rig.run().isEmpty)
  }

  @Test("what is refused for one counter does not hold up the others") func refusedCounter() throws {
    rig.home.entities["meterbridge_grid_a"] = "sensor.grid_a"
    rig.home.statistics["sensor.grid_a"] = SimulatedHome.Statistic(rows: [Int(first): .init(1, 1)])
    rig.home.refused = ["sensor.grid_a"]
    rig.ledger.append(row(0, "1", level: "a"))
    let findings = try rig.run()
    #expect(findings.map(\.isWritten) == [false, true])
    #expect(findings[0].words.contains("extra keys not allowed"))
  }

  @Test("from a time before the ledger on, what it has is looked at") func longAgo() throws {
    rig.order.firstHour = first - 9000
    rig.order.returnHour = nil
    rig.home.statistics[sensor]?.rows[Int(first) - 9500] = .init(1, 1)
    #expect(try rig.run().first?.isWritten == true)
    #expect(rig.changes == [0.6, 1.5, 1, 0.7])
    rig.home.statistics[sensor]?.rows = [Int(first) + 3: .init(115.2, 0.2), Int(first) + 4: .init(115.9, 0.9)]
    #expect(try rig.run().first?.plan?.isDone == true)
    rig.home.statistics[sensor]?.rows = [Int(first) + 4: .init(115.9, 0.9)]
    #expect(try rig.run().first?.obstacle == .noReference)
  }

  @Test(
    "a dead band is that of all tariffs, and of meters behind the meter", arguments: ["energy_import_t1", "energy"])
  func deadBands(level: String) throws {
    let device = level == "energy" ? "grid_heat" : "grid"
    rig.home.entities = ["meterbridge_\(device)_\(level)": sensor]
    rig.ledger = rig.ledger.map { row($0.hour - first, "\($0.value)", device: device, level: level) }
    rig.home.statistics[sensor]?.rows[Int(first)] = .init(111.8, 11.8)
    let obstacle = RepairObstacle.otherState(hour: first, home: number("111.8"), ledger: number("112.1"))
    #expect(try rig.run().first?.obstacle == obstacle)
    let name = level == "energy" ? "energy" : "energy_import"
    rig.order.deadBands = [.init(meter: "grid", name: name, width: FixedDecimal(35, exponent: -2))]
    #expect(try rig.run().first?.isWritten == true)
    #expect(rig.changes == [0.9, 1.5, 1, 0.7])
  }

  @Test("rows that are seen late are waited for") func late() throws {
    rig.home.readsUntilSeen = 8
    #expect(try rig.run().first?.isWritten == true)
    #expect(rig.imports.count == 1)
  }

  @Test("rows that are never seen are told") func never() throws {
    rig.home.readsUntilSeen = 100_000
    let finding = try #require(try rig.run().first)
    #expect(!finding.isWritten)
    #expect(finding.isDifferent)
  }

  @Test("the unit of the statistics stays, whatever unit the user sees", arguments: ["kWh", "MWh", "Wh"])
  func units(shown: String) throws {
    rig.home.statistics[sensor]?.displayUnit = shown
    try rig.run()
    #expect(rig.home.statistics[sensor]?.unit == "kWh")
    #expect(rig.changes == [0.6, 1.5, 1, 0.7])
  }

  @Test("a ledger in another unit than the statistics is converted") func otherUnit() throws {
    rig.ledger = [
      row(0, "112100", unit: .wattHour), row(1, "112700", unit: .wattHour), row(2, "114200", unit: .wattHour),
      row(3, "115200", unit: .wattHour),
    ]
    try rig.run()
    #expect(rig.changes == [0.6, 1.5, 1, 0.7])
  }

  @Test("a statistic in an unknown unit is left") func unknownUnit() throws {
    rig.home.statistics[sensor]?.unit = "BTU"
    #expect(try rig.run().isEmpty)
    #expect(rig.imports.isEmpty)
  }

  @Test(
    "the statistic of a mean, of another source or of another sensor is not that of the counter",
    arguments: ["mean", "source", "other"])
  func otherStatistic(what: String) throws {
    switch what {
    case "mean": rig.home.statistics[sensor]?.hasSum = false
    case "source": rig.home.statistics[sensor]?.source = "sensor"
    default:
      rig.home.statistics["sensor.a"] = SimulatedHome.Statistic(unit: "MWh", rows: [:])
      rig.home.tellsAllMetadata = true
    }
    #expect(try rig.run().map(\.isWritten) == (what == "other" ? [true] : []))
    #expect(rig.imports.count == (what == "other" ? 1 : 0))
  }

  @Test("a register that may fall, or whose unit is another kind of one in an hour, is left") func otherRegister()
    throws
  {
    let ledger = rig.ledger
    for place in rig.ledger.indices { rig.ledger[place].isIncreasing = false }
    #expect(try rig.run().isEmpty)
    rig.ledger = ledger
    rig.ledger[0].unit = .cubicMetre
    #expect(try rig.run().isEmpty)
  }

  @Test("a renamed entity is found by its unique id, and an unknown one makes no orphan") func renamed() throws {
    rig.home.entities = ["meterbridge_grid_energy_import": "sensor.mein_zaehler"]
    rig.home.statistics["sensor.mein_zaehler"] = rig.home.statistics.removeValue(forKey: sensor)
    try rig.run()
    #expect(rig.home.changes(of: "sensor.mein_zaehler", from: Int(first)) == [0.6, 1.5, 1, 0.7])
    rig.home.entities = [:]
    #expect(try rig.run().isEmpty)
    rig.home.entities = ["meterbridge_grid_energy_import": "sensor.not_recorded"]
    #expect(try rig.run().isEmpty)
    #expect(Set(rig.home.statistics.keys) == ["sensor.mein_zaehler"])
  }

  @Test(
    "metadata goes back as it came, in the form of each version",
    arguments: [
      ("2025.4.4", ["has_mean", "has_sum", "name", "source", "statistic_id", "unit_of_measurement"]),
      ("2025.10.4", ["has_mean", "has_sum", "name", "source", "statistic_id", "unit_of_measurement"]),
      ("2025.11.3", ["has_sum", "mean_type", "name", "source", "statistic_id", "unit_class", "unit_of_measurement"]),
      ("2026.11.0", ["has_sum", "mean_type", "name", "source", "statistic_id", "unit_class", "unit_of_measurement"]),
    ])
  func forms(version: String, keys: [String]) throws {
    rig.home.version = version
    #expect(try rig.run().first?.isWritten == true)
    #expect(rig.metadata()?.keys.sorted() == keys)
    #expect(rig.metadata()?["unit_of_measurement"] as? String == "kWh")
  }

  @Test("no row goes without a sum") func sums() throws {
    try rig.run()
    let stats = rig.imports.first?["stats"] as? [[String: Any]] ?? []
    #expect(stats.count == 2)
    #expect(stats.allSatisfy { $0["sum"] is Double && $0["state"] is Double })
  }

  @Test("a token without rights is told") func noAdministrator() {
    rig.home.isAdministrator = false
    let refusal = HomeAssistantTrouble.refused(
      command: "recorder/import_statistics", code: "unauthorized", message: "Unauthorized")
    #expect(throws: refusal) { try rig.run() }
    #expect(refusal.words.contains("administrator"))
  }

  private func purge() {
    rig.home.statistics[sensor]?.rows = [
      Int(first): .init(4, 21), Int(first) + 3: .init(6, 2), Int(first) + 4: .init(6.5, 2.5),
    ]
    rig.ledger = [row(0, "4.0"), row(1, "4.6"), row(2, "5.3"), row(3, "6.0"), row(4, "6.5")]
  }

  @Test("a restarted sum is corrected once, then the hours are put back") func restarted() throws {
    purge()
    rig.home.readsUntilSeen = 3
    let finding = try #require(try rig.run().first)
    #expect(finding.isWritten)
    #expect(rig.changes == [0.6, 0.7, 0.7, 0.5])
    try rig.run()
    #expect(rig.home.asked("recorder/adjust_sum_statistics").count == 1)
    #expect(rig.notes.since(sensor) == nil)
  }

  @Test("while a sum restarts again behind a correction no hour is put back") func restartedAgain() throws {
    purge()
    rig.order.returnHour = nil
    rig.home.rowsAfterShift = [Int(first) + 4: rig.home.statistics[sensor]?.rows[Int(first) + 4] ?? .init(0, 0)]
    rig.home.statistics[sensor]?.rows[Int(first) + 4] = nil
    #expect(try rig.run().first?.isDifferent == true)
    #expect(rig.imports.isEmpty)
    #expect(try rig.run().first?.isWritten == true)
    #expect(rig.changes == [0.6, 0.7, 0.7, 0.5])
  }

  @Test(
    "a cut at any command leaves nothing twice, whether the command arrives or not", arguments: 0..<14, [true, false])
  func cut(after: Int, arrives: Bool) throws {
    purge()
    rig.home.readsUntilSeen = 2
    rig.home.commandsUntilCut = after
    rig.home.arrivesAtCut = arrives
    _ = try? rig.run()
    rig.home.commandsUntilCut = nil
    // What is queued is carried out while the next try runs, or before it.
    if after % 2 == 0 { rig.home.settle() }
    #expect(try rig.run().first.map { $0.isWritten || $0.plan?.isDone == true } == true)
    #expect(rig.changes == [0.6, 0.7, 0.7, 0.5])
    if arrives { #expect(rig.home.asked("recorder/adjust_sum_statistics").count == 1) }
  }

  @Test("a correction that cannot be noted on the disk is not sent") func unsaved() {
    purge()
    rig.notes.isFull.withLock { $0 = true }
    #expect(throws: HomeAssistantTrouble.unsaved("no space left")) { try rig.run() }
    #expect(rig.home.asked("recorder/adjust_sum_statistics").isEmpty)
    #expect(rig.imports.isEmpty)
  }

  @Test("a correction that waits in Home Assistant's queue is not sent again") func queued() throws {
    purge()
    rig.home.readsUntilSeen = 100_000
    for _ in 0..<2 { #expect(try rig.run().first?.isDifferent == true) }
    #expect(rig.home.asked("recorder/adjust_sum_statistics").count == 1)
    rig.home.settle()
    rig.home.readsUntilSeen = 0
    #expect(try rig.run().first?.isWritten == true)
    #expect(rig.changes == [0.6, 0.7, 0.7, 0.5])
  }

  @Test("the statistics of other sensors stay") func others() throws {
    rig.home.statistics["sensor.other"] = SimulatedHome.Statistic(rows: [Int(first): .init(1, 1)])
    try rig.run()
    #expect(rig.home.statistics["sensor.other"]?.rows == [Int(first): .init(1, 1)])
    let ids = rig.imports.compactMap { ($0["metadata"] as? [String: Any])?["statistic_id"] as? String }
    #expect(ids == [sensor])
  }
}
