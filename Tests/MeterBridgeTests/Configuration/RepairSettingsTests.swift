import Foundation
import Publishing
import Testing
import TestSupport

@testable import Base
@testable import MeterBridge

private func read(_ settings: String) throws -> Configuration {
  let text = "home_assistant: {\(settings)}\nmeters: [{id: grid, protocol: p1, source: /dev/ttyUSB0}]\n"
  return try Configuration.parse(Array(text.utf8), path: "m.yaml", environment: [:])
}

private func mistakes(_ settings: String) -> [String] {
  do {
    _ = try read(settings)
    return []
  } catch {
    return (error as? ConfigurationError)?.lines ?? []
  }
}

@Suite("The settings of the repair") struct RepairSettingsTests {
  @Test("it is off, and needs an address, a token and discovery") func needs() throws {
    #expect(try read("").homeAssistant.repair == .off)
    let settings = "url: 'http://localhost:8123', token: abc"
    #expect(try read("repair: on, \(settings)").homeAssistant.repair == .on)
    #expect(try read("repair: dry_run, \(settings)").homeAssistant.repair == .dryRun)
    #expect(mistakes("repair: on, token: abc") == ["m.yaml:1:18: `repair` needs `url` beside it"])
    #expect(mistakes("repair: on, url: 'http://ha.lan'") == ["m.yaml:1:18: `repair` needs `token` beside it"])
    #expect(mistakes("repair: on, discovery: false, \(settings)").count == 1)
    #expect(mistakes("repair: sometimes, \(settings)").count == 1)
  }

  @Test("a token is never shown") func secret() {
    let lines = mistakes("repair: on, url: 'ha.lan', token: 'abc def'")
    #expect(lines.count == 2)
    #expect(lines.allSatisfy { !$0.contains("abc") })
  }

  @Test("a token that others on the way can read is told") func plain() throws {
    #expect(try read("url: 'http://ha.lan', token: abc").warnings.count == 1)
    #expect(try read("url: 'https://ha.lan', token: abc").warnings.isEmpty)
    #expect(try read("url: 'http://127.0.0.1:8123', token: abc").warnings.isEmpty)
  }

  @Test("as an app it takes address and token of the Supervisor", arguments: [true, false])
  func app(isOptions: Bool) throws {
    let text =
      isOptions
      ? #"{"meters": [{"id": "grid", "protocol": "p1", "source": "/dev/ttyUSB0"}], "mqtt": {"host": "a"}, "repair": "on"}"#
      : "mqtt: {host: a}\nhome_assistant: {repair: on}\nmeters: [{id: grid, protocol: p1, source: /dev/ttyUSB0}]\n"
    let app = try AppConfiguration(
      AppConfiguration.Text(bytes: Array(text.utf8), path: "x", isOptions: isOptions), broker: nil, state: "/data",
      environment: ["SUPERVISOR_TOKEN": "t0ken"])
    #expect(app.configuration.homeAssistant.repair == .on)
    #expect(app.configuration.homeAssistant.token?.reveal == "t0ken")
    let address = app.configuration.homeAssistant.url.flatMap { HomeAssistantAddress($0) }
    #expect(address?.shown == "ws://supervisor/core/websocket")
    #expect(app.configuration.warnings.isEmpty)
  }

  @Test("`repair` takes days and hours, with a zone or that of the machine") func times() {
    #expect(RepairCommand.time("2026-10-24T14:00Z")?.hour.description == "498014")
    #expect(RepairCommand.time("2026-10-24T14:00:00Z")?.hour == 498_014)
    #expect(RepairCommand.time("2026-10-24T16:00+02:00")?.hour == 498_014)
    #expect(RepairCommand.time("2026-10-24T14:00:00.000+00:00")?.hour == 498_014)
    #expect(RepairCommand.time("2026-10-24T14:00") != nil)
    #expect(RepairCommand.time("2026-10-24") != nil)
    for wrong in ["", "yesterday", "2026-13-01", "2026-10-24T14", "2026-10-24T14:00X", "24.10.2026", "2026-02-30"] {
      #expect(RepairCommand.time(wrong) == nil, "\(wrong)")
    }
  }
}
