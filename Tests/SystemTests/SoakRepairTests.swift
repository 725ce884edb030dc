import Decoders
import Foundation
import Glibc
import Testing
import TestSupport

@testable import Base
@testable import MeterBridge
@testable import Platform
@testable import Publishing

/// What stands as pairs of state and sum, the registers of the ledger, and the changes that come out.
private let counters:
  [(unique: String, level: String, unit: Decoders.Unit, stands: [Double?], registers: [String], true: [String])] = [
    (
      "grid_energy_import", "energy_import", .kilowattHour,
      [112.1, 12.1, 112.3, 12.3, nil, nil, 115.2, 15.2, 115.9, 15.9],
      ["112.1", "112.7", "114.2", "115.2", "115.9"],
      ["0.6", "1.5", "1", "0.7"]
    ),
    (
      "grid_energy_import_t1", "energy_import_t1", .kilowattHour,
      [4, 21, nil, nil, nil, nil, 6, 2, 6.5, 2.5], ["4.0", "4.6", "5.3", "6.0", "6.5"],
      ["0.6", "0.7", "0.7", "0.5"]
    ),
    (
      "grid_energy_import_t2", "energy_import_t2", .kilowattHour,
      [10, 1, 10.1, 1.1, 10.1, 1.1, 10.1, 1.1, 13.4, 4.4], ["10.0", "10.8", "12.0", "12.2", "13.4"],
      ["0.8", "1.2", "0.2", "1.2"]
    ),
    (
      "grid_gas_volume", "volume", .cubicMetre, [900, 40, nil, nil, nil, nil, 1, 41, 1.5, 41.5],
      ["900.0", "900.4", "0.2<900.6", "1.0", "1.5"], ["0.4", "0.4", "0.8", "0.5"]
    ),
  ]

/// A real Home Assistant gets the hours of outages back.
@Suite(.serialized, .enabled(if: Soak.minutes != nil && geteuid() == 0 && HomeAssistant.isThere))
struct SoakRepairTests {
  /// The hour of the first row; all of them are over.
  private let first = Clock.wall().hour - 8

  /// The row that Home Assistant writes at the end of an hour is not one of the test's.
  private func awaitEnoughOfTheHour() {
    while Clock.wall().milliseconds % WallTime.hourLength > 55 * 60_000 { sleep(10) }
  }

  @Test(
    "a missing hour, an invented one, a restarted sum and an exchanged meter come out as they were measured",
    arguments: HomeAssistant.versions)
  func repairs(version: String) throws {
    awaitEnoughOfTheHour()
    let broker = try Broker()
    let bridge = try RunningBridge(broker)
    try bridge.simulate("p1-nl=p1")
    let home = try HomeAssistant(version, broker: broker.port)
    let token = bridge.path("token")
    try home.token.write(toFile: token, atomically: true, encoding: .utf8)
    unsafe chmod(token, 0o600)
    try bridge.configure(
      "  - {id: grid, protocol: p1, source: $/p1}",
      more: "home_assistant: {url: 'http://127.0.0.1:\(home.port)', token: !file token, repair: on}")
    try bridge.run()
    var link = try home.link()
    // Older versions give the same entities other ids.
    var entities: [String: String] = [:]
    let areThere = eventually(every: 500) {
      entities = (try? link.entities()) ?? [:]
      return entities["meterbridge_grid_gas_volume"] != nil
    }
    try #require(areThere, "\(home.log)")
    bridge.end()
    func sensor(_ unique: String) throws -> String { try #require(entities["meterbridge_\(unique)"]) }

    var database = HoursDatabase(in: try Folder(making: bridge.path("state")))
    for counter in counters {
      try seed(sensor(counter.unique), counter.unit, counter.stands, &link)
      try database.write(
        counter.registers.enumerated().map { place, words in
          row(counter.level, counter.unit, first + Int64(place), words.split(separator: "<").map(String.init))
        }, now: nil)
    }
    func changes(_ unique: String) throws -> [String] {
      guard let metadata = try link.metadata(of: try sensor(unique)) else { return [] }
      let rows = try link.rows(of: metadata, since: first)
      return zip(rows, rows.dropFirst()).map { "\($1.sum - $0.sum)" }
    }
    #expect(eventually { (try? counters.allSatisfy { try changes($0.unique).count >= 2 }) == true })

    // Twice: repeating is harmless.
    for _ in 0..<2 {
      let since = WallTime(hour: first + 1).hourText
      let command = try bridge.result("repair", "--since", since)
      #expect(command.status == 0, "\(command.output)")
      for counter in counters { #expect(try changes(counter.unique) == counter.true, "\(counter.unique)") }
    }
    #expect(!home.log.contains("components.recorder"), "\(home.log)")
  }

  /// Four hours of Home Assistant, broker and bridge in a quarter of one: their clocks run twenty times as fast.
  @Test(
    "an outage over the ends of two hours comes out as it was measured, and the next hour is compiled",
    .enabled(if: FastClock.library != nil), arguments: HomeAssistant.versions.suffix(1))
  func live(version: String) throws {
    let hour = try #require(WallTime("2026-10-24T12:00:00Z")).hour
    func time(_ hours: Int64, _ minutes: Int64) -> WallTime {
      WallTime(milliseconds: (hour + hours) * WallTime.hourLength + minutes * 60_000)
    }
    let clock = FastClock(time(0, 45), speed: 20)
    let broker = try Broker()
    let bridge = try RunningBridge(broker)
    try bridge.simulate(["p1-nl=p1"], speed: 20)
    let home = try HomeAssistant(version, broker: broker.port, clock: clock)
    try home.token.write(toFile: bridge.path("token"), atomically: true, encoding: .utf8)
    unsafe chmod(bridge.path("token"), 0o600)
    try bridge.configure(
      "  - {id: grid, protocol: p1, source: $/p1}", mqtt: "keepalive: 600s",
      more: "home_assistant: {url: 'http://127.0.0.1:\(home.port)', token: !file token, repair: on}")
    try bridge.run(environment: clock.environment)
    let sensor = "sensor.grid_energy_import_t1"
    #expect(eventually { home.entities.contains(sensor) }, "\(home.log)")
    try #require(clock.now < time(1, 10), "the machine is too slow")

    clock.wait(until: time(1, 20))
    broker.end()
    clock.wait(until: time(3, 20))
    try broker.start()
    clock.wait(until: time(4, 4))
    let putBack = "\(sensor), kWh): 2 hours (2026-10-24T13:00:00Z to 2026-10-24T14:00:00Z) were put back"
    #expect(eventually { bridge.log.contains(putBack) }, "\(bridge.log)")
    clock.wait(until: time(5, 2))

    var link = try home.link()
    let rows = try link.rows(of: try #require(try link.metadata(of: sensor)), since: hour)
    try #require(rows.map(\.hour) == (0...4).map { hour + $0 }, "\(rows)")
    var database = HoursDatabase(in: try Folder(making: bridge.path("state")))
    let ledger = try database.rows(since: hour).filter { $0.level == "energy_import_t1" }
    for (row, noted) in zip(rows, ledger) {
      let difference = (row.state - (StatisticsNumber(noted.value) ?? .zero)).magnitude
      #expect(row.hour == noted.hour && difference <= .thousandth + .thousandth, "\(row), \(noted)")
    }
    for (row, next) in zip(rows, rows.dropFirst()) {
      #expect(((next.sum - row.sum) - (next.state - row.state)).magnitude <= .noise, "\(row), \(next)")
    }
    #expect(!home.log.contains("components.recorder"), "\(home.log)")
    bridge.end()
  }

  /// `words`: the register, and the last one of the meter before it.
  private func row(_ level: String, _ unit: Decoders.Unit, _ hour: Int64, _ words: [String]) -> HourRow {
    let value = FixedDecimal(plain: words[0]) ?? FixedDecimal(0)
    return HourRow(
      device: level == "volume" ? "grid_gas" : "grid", level: level, hour: hour, value: value, unit: unit,
      at: WallTime(hour: hour + 1), before: value, rest: words.count > 1 ? FixedDecimal(plain: words[1]) : nil)
  }

  /// Writes what stands: pairs of state and sum, hour by hour.
  private func seed(
    _ sensor: String, _ unit: Decoders.Unit, _ stands: [Double?], _ link: inout HomeAssistantConnection
  ) throws {
    let isOld = link.version < HomeAssistantSettings.Version(year: 2025, month: 11)
    let unitClass = unit == .cubicMetre ? "volume" : "energy"
    _ = try link.ask("recorder/import_statistics") { json in
      json.object("metadata") {
        $0.raw(
          #""source":"recorder","statistic_id":"\#(sensor)","name":null,"has_sum":true,"#
            + #""unit_of_measurement":"\#(unit.symbol)","#
            + (isOld ? #""has_mean":false"# : #""mean_type":0,"unit_class":"\#(unitClass)""#))
      }
      json.array("stats") { json in
        for place in 0..<stands.count / 2 {
          guard let state = stands[2 * place], let sum = stands[2 * place + 1] else { continue }
          json.raw(#"{"start":"\#(WallTime(hour: first + Int64(place)).hourText)","state":\#(state),"sum":\#(sum)}"#)
        }
      }
    }
  }
}
