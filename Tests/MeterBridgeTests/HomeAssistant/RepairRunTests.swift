import Decoders
import Testing
import TestSupport

@testable import Base
@testable import MeterBridge
@testable import Platform
@testable import Publishing

private let first: Int64 = 498_013
private let sensor = "sensor.grid_energy_import"

@Suite("One repair, from the ledger to Home Assistant") struct RepairRunTests {
  private let place: TemporaryFolder
  private let folder: Folder
  private let peer: HomePeer

  init() throws {
    place = try TemporaryFolder()
    folder = try Folder(making: place.path + "/state")
    peer = try HomePeer()
    peer.home.entities = ["meterbridge_grid_energy_import": sensor]
    peer.home.statistics[sensor] = SimulatedHome.Statistic(rows: [
      Int(first): .init(112.1, 12.1), Int(first) + 1: .init(112.3, 12.3), Int(first) + 3: .init(115.2, 15.2),
    ])
    var database = HoursDatabase(in: folder)
    try database.write(
      ["112.1", "112.7", "114.2", "115.2"].enumerated().map { place, register in
        let value = FixedDecimal(plain: register) ?? FixedDecimal(0)
        return HourRow(
          device: "grid", level: "energy_import", hour: first + Int64(place), value: value, unit: .kilowattHour,
          at: WallTime(hour: first + Int64(place) + 1), before: value)
      }, now: nil)
  }

  /// What an app repairs with: the Supervisor's address and token.
  private func run(token: String) throws(RepairRun.Failure) -> [String] {
    let text =
      #"{"meters": [{"id": "grid", "protocol": "p1", "source": "/dev/a"}], "mqtt": {"host": "a"}, "repair": "on"}"#
    let app = try? AppConfiguration(
      AppConfiguration.Text(bytes: Array(text.utf8), path: "x", isOptions: true), broker: nil, state: "/data",
      environment: ["SUPERVISOR_TOKEN": token, "SUPERVISOR_API": peer.url])
    guard let settings = app?.configuration.homeAssistant,
      let address = settings.url.flatMap({ HomeAssistantAddress($0) })
    else { throw .init(words: "no address") }
    var words: [String] = []
    let order = StatisticsRepair.Order(
      nodeID: settings.nodeID, firstHour: first + 1, returnHour: first + 3, isDry: false)
    try RepairRun(settings: settings, address: address, folder: folder).run(order) { finding in
      words += [finding.title, finding.words] + finding.table
    }
    return words
  }

  @Test("an app repairs through the Supervisor, with its path and its token") func app() throws {
    let words = try run(token: "good")
    #expect(peer.words.first == "GET /core/websocket HTTP/1.1")
    #expect(peer.home.changes(of: sensor, from: Int(first)) == [0.6, 1.5, 1])
    #expect(words[1].hasSuffix("were put back"))
    #expect(!words.contains { $0.contains("good") })
  }

  @Test("a token that the Supervisor does not take is in no message") func refused() throws {
    do throws(RepairRun.Failure) {
      _ = try run(token: "5f0e1b2c3d4e")
      Issue.record("it was taken")
    } catch {
      #expect(error.isShutOut && !error.words.contains("5f0e1b2c3d4e"))
    }
    #expect(peer.home.commands.isEmpty)
  }

  @Test("nothing is asked of Home Assistant that would make it join answers") func oneByOne() throws {
    _ = try run(token: "good")
    #expect(!peer.home.commands.contains { $0["type"] as? String == "supported_features" })
    let ids = peer.home.commands.compactMap { $0["id"] as? Int }
    #expect(ids == Array(1...ids.count))
  }

  @Test("two repairs do not run at once") func alone() throws {
    let other = try IntentFile(in: folder)
    #expect(other != nil)
    do throws(RepairRun.Failure) {
      _ = try run(token: "good")
      Issue.record("both run")
    } catch { #expect(error.words == "another repair is running") }
  }

  @Test("a correction that was noted is known to the next program, and a damaged note is none") func notes() throws {
    let now = WallTime(milliseconds: 1_792_846_800_000)
    do {
      let intents = try #require(try IntentFile(in: folder))
      try intents.begin(sensor, at: now)
      try intents.begin("sensor.b", at: now)
      intents.end("sensor.b")
    }
    do {
      let intents = try #require(try IntentFile(in: folder))
      #expect(intents.since(sensor) == now)
      #expect(intents.since("sensor.b") == nil)
    }
    try place.write(#"{"sensor.a": "#, to: "state/repair.json")
    let damaged = try #require(try IntentFile(in: folder))
    #expect(damaged.since(sensor) == nil)
  }

  @Test("a ledger that cannot be read is told, and Home Assistant is not asked") func damaged() throws {
    try place.write(String(repeating: "x", count: 9000), to: "state/hours.sqlite")
    do throws(RepairRun.Failure) {
      _ = try run(token: "good")
      Issue.record("it was read")
    } catch { #expect(error.words.contains("hours.sqlite cannot be read")) }
    #expect(peer.words.isEmpty)
  }
}
