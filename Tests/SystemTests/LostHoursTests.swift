import Foundation
import Publishing
import Testing
import TestSupport

@testable import Base
@testable import MeterBridge
@testable import Platform

/// A program whose clock is that of an evening of 2026, and which repairs the hours of a Home Assistant that is not there.
private struct Evening {
  let harness: FaultHarness
  let page: UInt16
  private let folder: Folder

  init() throws {
    page = try freePort()
    let home = "home_assistant: {url: 'http://127.0.0.1:\(try freePort())', token: abc, repair: on}"
    harness = try FaultHarness(more: "http: {listen: '127.0.0.1:\(page)'}\n\(home)")
    folder = try Folder(making: harness.bridge.path("state"))
  }

  /// Starts the program at a time of the clock.
  func run(at time: String) throws {
    try set(time)
    let connected = harness.bridge.log.components(separatedBy: "connected to broker").count
    try harness.run(environment: [
      "LD_PRELOAD": FastClock.library ?? "", "FAKETIME_TIMESTAMP_FILE": harness.bridge.path("clock"),
      "FAKETIME_NO_CACHE": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1", "TZ": "UTC",
    ])
    #expect(eventually { harness.bridge.log.components(separatedBy: "connected to broker").count > connected })
    // Until then the start itself is an outage.
    #expect(eventually { saved.map { $0.since == nil } == true })
  }

  /// Sets the clock.
  func set(_ time: String) throws {
    let path = harness.bridge.path("clock")
    try "@2026-10-24 \(time)\n".write(toFile: path, atomically: false, encoding: .utf8)
  }

  /// The hours of the ledger on that day, with their registers.
  var hours: [String] {
    var database = HoursDatabase(in: folder)
    let rows = (try? database.rows(since: 0)) ?? []
    return rows.filter { $0.level == "energy_import_t1" }.map {
      "\(WallTime(hour: $0.hour).description.dropFirst(11).prefix(2)) \($0.value)"
    }
  }

  private var saved: DamagedSpans? {
    var file = StateFile(in: folder)
    do { _ = try file.read() } catch { return nil }
    return file.section(Outages.sectionName).flatMap { try? Outages(parsing: $0).spans }
  }

  /// The outages of the state file, from hour to hour.
  var outages: [String] {
    saved?.spans.map { [$0.from, $0.until].map(Self.hour).joined(separator: "-") } ?? []
  }

  /// When the outage of now has begun.
  var since: String? { saved?.since.map(Self.hour) }

  private static func hour(_ time: WallTime) -> String { String(time.description.dropFirst(11).prefix(2)) }

  /// Says what Home Assistant says when it starts, and what the broker says when it is gone.
  func say(_ word: String) throws {
    let words = ["-h", "127.0.0.1", "-p", "\(harness.broker.port)", "-t", "homeassistant/status", "-m", word]
    try #require(try ChildProcess("/usr/bin/mosquitto_pub", words).wait() == 0)
  }
}

@Suite(.enabled(if: FastClock.library != nil)) struct LostHoursTests {
  @Test("a bridge that is killed behind an hour's end has that hour, and the outage up to its return")
  func killed() throws {
    let evening = try Evening()
    let bridge = evening.harness.bridge
    try evening.run(at: "13:59:40")
    let last = evening.harness.meter.send()
    let before = "13 \(ScriptedMeter.payload(last))"
    #expect(eventually { evening.hours == [before] }, "\(bridge.log)")
    evening.harness.meter.send()
    #expect(evening.harness.shows(last + 1))
    bridge.end(SIGKILL)

    try evening.run(at: "16:10:00")
    let next = evening.harness.meter.send()
    #expect(evening.harness.shows(next))
    #expect(eventually { evening.outages == ["13-16"] }, "\(evening.outages)")
    let client = WebClient(port: evening.page)
    #expect(client.awaitServer())
    let json = try object(at: "/api/meters/grid/hours", client)
    let schema = try Schema(Array(try object(at: "/api/openapi.json", client).utf8))
    #expect(try schema.mistakes(in: Array(json.utf8), as: "Hours") == [])
    #expect(json.contains(#""hour":"2026-10-24T13:00:00Z","field":"energy_import_t1","value":0.001,"unit":"kWh""#))
    let csv = try client.get("/api/meters/grid/hours?format=csv")
    #expect(csv.contains("\r\nContent-Type: text/csv"), "\(csv)")
    #expect(csv.contains("\r\n2026-10-24T13:00:00Z,energy_import_t1,0.001,kWh,2026-10-24T13:59:"), "\(csv)")
    bridge.end()
    #expect(evening.hours == [before, "16 \(ScriptedMeter.payload(next))"])
  }

  /// The JSON object of an answer.
  private func object(at path: String, _ client: WebClient) throws -> String {
    let answer = try client.get(path)
    let start = try #require(answer.firstIndex(of: "{"), "\(answer)")
    return String(answer[start...(answer.lastIndex(of: "}") ?? start)])
  }

  @Test("a broker that is away over the ends of hours is an outage, from before it was noticed")
  func away() throws {
    let evening = try Evening()
    try evening.run(at: "18:30:05")
    evening.harness.broker.end()
    #expect(eventually { evening.since == "18" }, "\(evening.harness.bridge.log)")
    try evening.set("20:10:05")
    try evening.harness.broker.start()
    #expect(eventually { evening.outages == ["18-20"] }, "\(evening.outages)")
    evening.harness.bridge.end()
  }

  @Test("a Home Assistant that is away over the ends of hours is an outage from offline to online")
  func homeAssistant() throws {
    let evening = try Evening()
    try evening.run(at: "20:30:05")
    try evening.say("offline")
    #expect(eventually { evening.since == "20" }, "\(evening.harness.bridge.log)")
    try evening.set("22:10:05")
    try evening.say("online")
    #expect(eventually { evening.outages == ["20-22"] }, "\(evening.outages)")
    evening.harness.bridge.end()
  }

  @Test("with a damaged ledger the program says so, and runs")
  func damaged() throws {
    let evening = try Evening()
    let bridge = evening.harness.bridge
    let file = URL(filePath: bridge.path("state/hours.sqlite"))
    try Data((0..<20_000).map { _ in UInt8.random(in: 0 ... .max) }).write(to: file)
    try evening.harness.run()
    #expect(eventually { bridge.log.contains("hours.sqlite.damaged, and the hours begin anew") }, "\(bridge.log)")
    #expect(evening.harness.shows(evening.harness.meter.send()))
    bridge.end()
    #expect(evening.hours.count == 1, "\(evening.hours)")
  }
}
