import Decoders
import Testing

@testable import Base
@testable import MeterBridge
@testable import Meters

struct BridgeSnapshotTests {
  private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

  private let heat = """
    {"id":"heat","name":"Wärme \\u0009x","availability":"online","age":4.203,"main":"power","trouble":"weak_signal",\
    "fields":[{"name":"energy","value":1160,"unit":"kWh"},{"name":"power","value":8200.0,"unit":"W"}],"day":{"x":[null]}}
    """

  @Test("the API's documents become meters with their main value")
  func fromTheAPI() throws {
    let list = #"{"meters":[\#(heat),{"id":"gas","availability":"offline","age":null,"fields":[]}]}"#
    let snapshot = try #require(
      BridgeSnapshot(list: bytes(list), health: bytes(#"{"broker":{"connected":false}}"#)))
    #expect(
      snapshot.meters == [
        .init(
          id: "heat", name: "Wärme \u{FFFD}x", isOnline: true, age: 4203,
          main: .init(name: "power", text: "8200.0", unit: "W"), trouble: "weak_signal"),
        .init(id: "gas", isOnline: false),
      ])
    #expect(snapshot.isBrokerConnected == false)
    #expect(!snapshot.isFresh)
    #expect(BridgeSnapshot(list: bytes("[]"), health: []) == nil)
    #expect(BridgeSnapshot(list: bytes(#"{"meters":[{"id":5}]}"#), health: []) == nil)
    #expect(BridgeSnapshot(list: bytes("<html>"), health: []) == nil)
  }

  @Test("the table is aligned by its content, numbers at the right")
  func table() {
    let snapshot = BridgeSnapshot(
      meters: [
        .init(id: "heat", name: "Home", isOnline: true, age: 4203, main: .init(name: "power", text: "8200", unit: "W")),
        .init(
          id: "a", isOnline: false, age: 7_300_000, main: .init(name: "heat_cost_units", text: "5", unit: ""),
          trouble: "wrong_key"),
        .init(id: "new", isOnline: false),
      ], isBrokerConnected: false)
    #expect(
      StatusTable(snapshot: snapshot).lines == [
        "METER        STATE      AGE  VALUE",
        "heat (Home)  online     4 s   8200  W power",
        "a            offline    2 h      5  heat_cost_units  wrong_key",
        "new          offline  never      –",
        "",
        "The broker is not connected.",
      ])
  }

  @Test("programs get the same in JSON")
  func json() {
    let meter = BridgeSnapshot.Meter(
      id: "heat", isOnline: true, age: 4203, main: .init(name: "power", text: "8200.0", unit: "W"))
    #expect(
      BridgeSnapshot(meters: [meter], isBrokerConnected: true).json
        == #"{"fresh":true,"broker_connected":true,"meters":[{"id":"heat","availability":"online","age":4.203,"#
        + #""main":{"name":"power","value":8200.0,"unit":"W"}}]}"#)
    #expect(BridgeSnapshot(meters: []).json == #"{"fresh":true,"meters":[]}"#)
  }

  @Test("a picture fits the terminal, and says what it cuts")
  func picture() {
    let lines = (1...30).map { "line \($0)" }
    let small = WatchCommand.picture(lines, .init(columns: 6, rows: 5))
    #expect(small == "\u{1B}[Hline 1\u{1B}[K\nline 2\u{1B}[K\nline 3\u{1B}[K\n… and \u{1B}[K\n\u{1B}[J")
    #expect(WatchCommand.picture(["a"], .init(columns: 80, rows: 24)) == "\u{1B}[Ha\u{1B}[K\n\u{1B}[J")
    #expect(WatchCommand.picture(lines, .init(columns: 80, rows: 5)).contains("… and 27 more lines"))
  }
}

struct RetainedSnapshotTests {
  private func retained(_ payloads: (String, String)...) -> RetainedSnapshot {
    var configuration = Configuration()
    configuration.meters = [
      MeterSettings(id: "grid", meterProtocol: .p1, source: .standardInput, sourceText: "-"),
      MeterSettings(id: "heat", meterProtocol: .mbus, source: .standardInput, sourceText: "-"),
    ]
    configuration.meters[1].units = ["energy": .megawattHour]
    var retained = RetainedSnapshot(configuration)
    for (topic, payload) in payloads { retained.take(topic: topic, payload: Array(payload.utf8)) }
    return retained
  }

  private let now = WallTime(milliseconds: 1_795_172_410_000)

  @Test("the retained topics of meters and their sub-meters become a table, those of others do not")
  func topics() {
    let snapshot = retained(
      ("meterbridge/bridge/state", "online"), ("meterbridge/grid/availability", "online"),
      ("meterbridge/grid/last_telegram", "2026-11-20T11:00:01.250+00:00"), ("meterbridge/grid/power", "-5.0"),
      ("meterbridge/grid/energy_import", "7"), ("meterbridge/heat/availability", "offline"),
      ("meterbridge/heat/power", "8200"), ("meterbridge/heat/energy", "1.160"),
      ("meterbridge/grid_gas/availability", "online"), ("meterbridge/grid_gas/volume", "2.5"),
      ("meterbridge/stranger/availability", "offline"), ("meterbridge/grid_pump/availability", "offline"),
      ("other/grid/power", "9")
    ).snapshot(at: now)
    #expect(
      snapshot.meters == [
        .init(id: "grid", isOnline: true, age: 8750, main: .init(name: "power", text: "-5.0", unit: "W")),
        .init(id: "grid_gas", isOnline: true, main: .init(name: "volume", text: "2.5", unit: "m³")),
        .init(id: "heat", isOnline: false, main: .init(name: "energy", text: "1.160", unit: "MWh")),
      ])
  }

  @Test("the daemon is there when its state says so, and all is there when every meter has told its own")
  func completeness() {
    #expect(retained().isDaemonThere == nil)
    #expect(retained(("meterbridge/bridge/state", "offline")).isDaemonThere == false)
    let some = retained(("meterbridge/bridge/state", "online"), ("meterbridge/grid/availability", "online"))
    #expect(some.isDaemonThere == true)
    #expect(!some.isComplete)
    #expect(
      retained(
        ("meterbridge/bridge/state", "online"), ("meterbridge/grid/availability", "online"),
        ("meterbridge/heat/availability", "offline")
      ).isComplete)
  }
}
