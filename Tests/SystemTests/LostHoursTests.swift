import Foundation
import Publishing
import Testing
import TestSupport

@testable import Base
@testable import MeterBridge
@testable import Platform

/// A program whose clock begins seconds before the end of an hour of 2026-10-24, and which repairs the hours of a Home
/// Assistant that is not there.
private struct Evening {
  static let fakeTime = ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu"]
    .map { $0 + "/faketime/libfaketimeMT.so.1" }.first { FileManager.default.fileExists(atPath: $0) }

  let harness: FaultHarness
  let page: UInt16
  private let folder: Folder

  init() throws {
    page = try freePort()
    let home = "home_assistant: {url: 'http://127.0.0.1:\(try freePort())', token: abc, repair: on}"
    harness = try FaultHarness(more: "http: {listen: '127.0.0.1:\(page)'}\n\(home)")
    folder = try Folder(making: harness.bridge.path("state"))
  }

  func run(at time: String) throws {
    try harness.run(environment: [
      "LD_PRELOAD": Self.fakeTime ?? "", "FAKETIME": "@2026-10-24 \(time)", "FAKETIME_DONT_FAKE_MONOTONIC": "1",
      "TZ": "UTC",
    ])
    #expect(eventually { harness.bridge.log.components(separatedBy: "connected to broker").count > 1 })
  }

  /// The hours of the ledger on that day, with their registers.
  var hours: [String] {
    var database = HoursDatabase(in: folder)
    let rows = (try? database.rows(since: 0)) ?? []
    return rows.map { "\(WallTime(hour: $0.hour).description.dropFirst(11).prefix(2)) \($0.value)" }
  }

  /// The outages of the state file, from minute to minute.
  var outages: [String] {
    var file = StateFile(in: folder)
    guard (try? file.read()) != nil, let json = file.section(Outages.sectionName),
      let outages = try? Outages(parsing: json)
    else { return [] }
    return outages.spans.spans.map { span in
      [span.from, span.until].map { String($0.description.dropFirst(11).prefix(5)) }.joined(separator: "-")
    }
  }

  /// Says what Home Assistant says when it starts, and what the broker says when it is gone.
  func say(_ word: String) throws {
    let words = ["-h", "127.0.0.1", "-p", "\(harness.broker.port)", "-t", "homeassistant/status", "-m", word]
    try #require(try ChildProcess("/usr/bin/mosquitto_pub", words).wait() == 0)
  }
}

@Suite(.enabled(if: Evening.fakeTime != nil)) struct LostHoursTests {
  @Test("a bridge that is killed behind an hour's end has that hour, and the outage up to its return")
  func killed() throws {
    let evening = try Evening()
    let bridge = evening.harness.bridge
    try evening.run(at: "13:59:55")
    let last = evening.harness.meter.send()
    let before = "13 \(ScriptedMeter.payload(last))"
    #expect(eventually { evening.hours == [before] }, "\(bridge.log)")
    evening.harness.meter.send()
    #expect(evening.harness.shows(last + 1))
    bridge.end(SIGKILL)

    try evening.run(at: "16:10:00")
    let next = evening.harness.meter.send()
    #expect(evening.harness.shows(next))
    #expect(eventually { evening.outages == ["13:59-16:11"] }, "\(evening.outages)")
    let client = WebClient(port: evening.page)
    #expect(client.awaitServer())
    let json = try client.get("/api/meters/grid/hours").components(separatedBy: "\r\n\r\n").last ?? ""
    let schema = try Schema(try bytes(of: "/api/openapi.json", client))
    #expect(try schema.mistakes(in: Array(json.utf8), as: "Hours") == [])
    #expect(json.contains(#""hour":"2026-10-24T13:00:00Z","field":"energy_import_t1","value":0.001,"unit":"kWh""#))
    let csv = try client.get("/api/meters/grid/hours?format=csv")
    #expect(csv.contains("\r\nContent-Type: text/csv"), "\(csv)")
    #expect(csv.contains("\r\n2026-10-24T13:00:00Z,energy_import_t1,0.001,kWh,2026-10-24T13:59:5"), "\(csv)")
    bridge.end()
    #expect(evening.hours == [before, "16 \(ScriptedMeter.payload(next))"])
  }

  private func bytes(of path: String, _ client: WebClient) throws -> [UInt8] {
    let answer = try client.get(path)
    let body = try #require(answer.firstRange(of: "\r\n\r\n"))
    return Array(answer[body.upperBound...].utf8)
  }

  @Test("a broker that is away over an hour's end, and a Home Assistant that comes back later, are one outage")
  func away() throws {
    let evening = try Evening()
    try evening.run(at: "17:59:56")
    evening.harness.broker.end()
    #expect(eventually { evening.harness.bridge.log.contains("18:00:0") })
    try evening.harness.broker.start()
    #expect(eventually { evening.outages == ["17:57-18:01"] }, "\(evening.outages)")
    evening.harness.bridge.end()
  }

  @Test("a Home Assistant that is away over an hour's end is an outage from offline to online")
  func homeAssistant() throws {
    let evening = try Evening()
    try evening.run(at: "20:59:56")
    try evening.say("offline")
    #expect(eventually { evening.harness.witness.last("homeassistant/status") == "offline" })
    // The end of an hour brings its row.
    evening.harness.meter.send()
    #expect(eventually { !evening.hours.isEmpty })
    #expect(evening.outages.isEmpty)
    try evening.say("online")
    #expect(eventually { evening.outages == ["20:57-21:01"] }, "\(evening.outages)")
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
    #expect(evening.hours.count == 1)
  }
}
