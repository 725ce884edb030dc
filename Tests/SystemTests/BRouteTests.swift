import Decoders
import Foundation
import Glibc
import Testing
import TestSupport

@testable import Base
@testable import Meters
@testable import Platform
@testable import Simulator

/// B-route meters on ptys, with a radio twenty times as fast, and the daemon that reads them.
private final class BRouteHouse {
  let bridge: RunningBridge
  let subscriber: Subscriber
  let simulator: RunningSimulator
  private let credentials: [SKSTACKCredentials]

  /// Fast enough for a test; the session's own patience is counted in real seconds.
  static let speed = 20

  /// Meters by id; `worldSpeed` is that of the bridge, 0 lets the registers stand.
  init(_ meters: [(id: String, settings: DongleSettings)], speed: Int = BRouteHouse.speed, worldSpeed: Int = 0) throws {
    let broker = try Broker()
    let bridge = try RunningBridge(broker)
    self.bridge = bridge
    subscriber = try Subscriber(to: broker)
    let lines = meters.enumerated().map { ordinal, meter in
      BRouteSimulation(meter.settings, ordinal: ordinal, speed: speed, seed: UInt64(ordinal + 1))
    }
    credentials = lines.map(\.credentials)
    let places = meters.map { SimulatorPlace.path(bridge.path($0.id)) }
    simulator = try RunningSimulator(
      zip(lines, places).map { (simulation: $0 as any LineSimulation, place: $1) }, speed: worldSpeed)
    let entries = zip(meters, lines).map { meter, line in
      "  - {id: \(meter.id), protocol: echonet, source: $/\(meter.id), interval: 2s, "
        + "route_b_id: '\(line.credentials.identifier.reveal)', password: '\(line.credentials.password.reveal)'}"
    }
    // The log has all bytes, and still no part of a secret.
    try bridge.configure(entries.joined(separator: "\n"), more: "log_level: debug")
  }

  func run() throws { try bridge.run() }

  func end(_ signal: Int32 = SIGTERM) { bridge.end(signal) }

  /// Waits for topics to have payloads, at most two minutes.
  func shows(_ values: [String: String]) -> Bool {
    subscriber.eventually(within: .minutes(2)) { now in
      values.allSatisfy { now.last("meterbridge/\($0.key)") == $0.value }
    }
  }

  /// Waits for another reading of a meter. A module that has moved is searched for at growing intervals.
  func readsAgain(_ id: String) -> Bool {
    let before = subscriber.messages.count
    return subscriber.eventually(within: .minutes(4)) { now in
      now.messages.dropFirst(before).contains { $0.topic == "meterbridge/\(id)/reading" && !$0.isRetained }
    }
  }

  /// What the simulator of a line has to say.
  func ask<Value: Sendable>(_ line: Int = 0, _ question: @escaping @Sendable (BRouteSimulation) -> Value) -> Value? {
    let answer = Shared<Value?>(nil)
    simulator.change(line: line) { simulation in
      if let simulation = simulation as? BRouteSimulation { answer.change { $0 = question(simulation) } }
    }
    _ = eventually { answer.current != nil }
    return answer.current
  }

  func counters(_ line: Int = 0) -> BRouteCounters? { ask(line) { $0.counters } }

  /// Gives an order to a line's meter.
  func order(_ words: String..., line: Int = 0) {
    simulator.change(line: line) { simulation in
      _ = simulation.obey(words, at: SimulatedMoment(now: Clock.now(), world: Clock.wall()))
    }
  }

  /// Whether a part of a credential is in anything that came out.
  var tellsSecrets: Bool {
    let files = (try? FileManager.default.subpathsOfDirectory(atPath: bridge.path("state"))) ?? []
    let texts =
      subscriber.messages.map { "\($0.topic) \($0.text)" }
      + (["log"] + files.map { "state/\($0)" }).map { file in
        (try? String(decoding: Data(contentsOf: URL(filePath: bridge.path(file))), as: UTF8.self)) ?? ""
      }
    let all = texts.joined(separator: "\n").uppercased()
    return credentials.flatMap { [$0.identifier.reveal, $0.password.reveal] }.contains { secret in
      // The zeros between the parts of a number give nothing away.
      (0...(secret.count - 8)).map { String(secret.dropFirst($0).prefix(8)) }.contains { part in
        all.contains(part) || all.contains(Hexadecimal.text(part.utf8))
      }
    }
  }

  deinit {
    end(SIGKILL)
    simulator.stop()
  }
}

private func settings(_ words: String...) -> DongleSettings {
  var settings = DongleSettings()
  settings.announcement = nil
  for word in words {
    let parts = word.split(separator: "=").map(String.init)
    #expect(DongleSetting.take(parts[0], parts[1], &settings), "\(word)")
  }
  return settings
}

@Suite struct BRouteTests {
  @Test("cold and warm starts read a solar meter, and leaving ends the session") func coldAndWarmStarts() throws {
    let bridge = try BRouteHouse([(id: "home", settings: settings("profile=solar", "ropt=00", "beacon=5"))])
    let expected = [
      "home/power": "-1540", "home/current_r": "-9.0", "home/current_t": "-6.4", "home/energy_import": "12345.6",
      "home/energy_export": "4321.0", "home/status": "ok", "home/signal_strength": "-51.47", "home/rate_limited": "OFF",
      "home/availability": "online",
    ]
    try bridge.run()
    #expect(bridge.shows(expected))
    let cold = try #require(bridge.counters())
    #expect(cold["SKSCAN"] >= 2 && cold["SKJOIN"] >= 1 && cold["WOPT"] == 0)
    bridge.end()
    #expect(bridge.shows(["home/availability": "offline"]))
    #expect(bridge.counters()?["SKTERM"] == 1)

    try bridge.run()
    #expect(bridge.shows(["home/availability": "online"]) && bridge.readsAgain("home"))
    let warm = try #require(bridge.counters())
    #expect(warm["SKSCAN"] == cold["SKSCAN"] && warm["SKJOIN"] > cold["SKJOIN"] && warm["WOPT"] == 0)
    #expect(bridge.shows(expected))
    bridge.end()
    #expect(bridge.counters()?["SKTERM"] == 2)
    #expect(!bridge.tellsSecrets)
    #expect(bridge.bridge.deadLetters.isEmpty)
  }

  @Test("meters of all profiles are read at once") func allProfiles() throws {
    let bridge = try BRouteHouse([
      (id: "two_wire", settings: settings("profile=single-phase", "model=bp35a1", "echo=off")),
      (id: "block", settings: settings("profile=coefficient", "model=rl7023-dss", "chunk=16")),
      (id: "plain", settings: settings("profile=no-d3", "ropt=00", "chunk=5")),
      (id: "new", settings: settings("profile=second", "e3=none")),
    ])
    try bridge.run()
    #expect(
      bridge.shows([
        "two_wire/power": "500", "two_wire/current_r": "5.0", "two_wire/energy_import": "12345.6",
        "block/power": "500", "block/energy_import": "12345.0", "block/current_t": "1.8",
        "plain/energy_import": "12345.6", "plain/energy_export": "0.0",
        "new/energy_import": "12345.67", "new/power": "500",
      ]))
    #expect(bridge.subscriber.last("meterbridge/two_wire/current_t") == nil)
    #expect(bridge.subscriber.last("meterbridge/new/energy_export") == nil)
    // What the meter lacks is not asked for again and again, and never becomes a value.
    bridge.order("E7", "7FFFFFFE", line: 3)
    bridge.order("E8", "00327FFE", line: 3)
    #expect(bridge.shows(["new/current_r": "5.0"]))
    #expect(bridge.subscriber.last("meterbridge/new/power") == "500")
    bridge.end()
    #expect((0..<4).allSatisfy { bridge.counters($0)?["SKTERM"] == 1 })
    #expect(!bridge.tellsSecrets)
  }

  @Test("a program killed in the middle of SKSENDTO reads again") func killInTheMiddleOfASend() throws {
    let bridge = try BRouteHouse([(id: "home", settings: settings())])
    try bridge.run()
    #expect(bridge.shows(["home/power": "500"]))
    // Half of the data is lost: the module waits for it, as it does for a program that died while it wrote.
    bridge.order("bytes-lost")
    #expect(eventually { bridge.ask { $0.input.isInsideData } == true })
    bridge.end(SIGKILL)
    #expect(bridge.ask { $0.input.isInsideData } == true)
    try bridge.run()
    #expect(bridge.readsAgain("home"))
    #expect(bridge.counters()?["SKSCAN"] == 1)
    // And at any other moment.
    for milliseconds in [300, 1100, 2300] as [UInt32] {
      bridge.end(SIGKILL)
      try bridge.run()
      usleep(milliseconds * 1000)
    }
    #expect(bridge.readsAgain("home"))
    #expect(bridge.counters()?["WOPT"] == 0 && bridge.counters()?["SKTERM"] == 0)
    bridge.end()
    #expect(!bridge.tellsSecrets)
  }

  @Test("an announcement is confirmed and published with its time") func confirmedAnnouncement() throws {
    let bridge = try BRouteHouse([(id: "home", settings: settings())])
    try bridge.run()
    #expect(bridge.shows(["home/energy_import": "12345.6"]))
    bridge.order("EA", "07EA030E121E00" + "0001E23A")
    bridge.order("EB", "07EA030E121E00" + "00000000")
    bridge.order("infc")
    #expect(
      bridge.shows([
        "home/energy_import_scheduled": "12345.0", "home/meter_time": "2026-03-14T18:30:00+09:00",
      ]))
    #expect(eventually { bridge.counters()?.confirmations ?? 0 > 0 })
  }

  /// A thousand seconds a second for some seconds, and everything that can go wrong at random.
  @Test("a session a thousand times as fast survives random faults") func fastFaults() throws {
    let seed = UInt64.random(in: 0...9999)
    var random = SplitMix64(seed: seed)
    let bridge = try BRouteHouse(
      [(id: "home", settings: settings("lifetime=3600", "announce=infc"))], speed: 1000, worldSpeed: 1000)
    try bridge.run()
    #expect(bridge.subscriber.eventually(within: .minutes(2)) { $0.last("meterbridge/home/power") != nil })
    for _ in 0..<4 {
      let fault = BRouteFault.allCases.randomElement(using: &random) ?? .hangUp
      bridge.order(fault.rawValue)
      usleep(UInt32.random(in: 100_000...3_000_000, using: &random))
      for fault in BRouteFault.allCases where fault.duration == .lasting { bridge.order(fault.rawValue, "off") }
      #expect(bridge.readsAgain("home"), "seed \(seed): \(fault)")
    }
    let energies = bridge.subscriber.messages.filter { $0.topic == "meterbridge/home/energy_import" }
      .compactMap { Double($0.text) }
    #expect(energies == energies.sorted() && energies.first ?? 0 >= 12345.6, "seed \(seed)")
    let energy = try #require(bridge.ask { Double($0.meter.supply.energyImport.count) / 1000 })
    #expect(energies.last ?? 0 <= energy)
    #expect(bridge.counters()?["WOPT"] == 0)
    bridge.end()
    #expect(!bridge.tellsSecrets, "seed \(seed)")
  }

  /// As a user does it: the simulator's own process, orders on its standard input, what it counted at its end.
  @Test("the simulator takes orders while it runs") func ordersWhileRunning() throws {
    let bridge = try RunningBridge(try Broker())
    let isMade = unsafe mkfifo(bridge.path("orders"), 0o600) == 0
    try #require(isMade)
    let command = "exec \"$0\" simulate --speed 20 \"route-b,model=bp35a1=$1/home\" <\"$1/orders\" >\"$1/said\" 2>&1"
    let simulator = try ChildProcess("/bin/sh", ["-c", command, RealProgram.path, bridge.folder.path])
    let orders = try FileHandle(forWritingTo: URL(filePath: bridge.path("orders")))
    func said() -> String { (try? String(contentsOfFile: bridge.path("said"), encoding: .utf8)) ?? "" }
    #expect(eventually { said().contains("route_b_id: '0A1B2C3D4E5F60718293A4B5C6D7E8F9'") })
    let configuration = said().split(separator: "\n").first { $0.contains("protocol: echonet") }
    try bridge.configure(String(try #require(configuration)))
    try bridge.run()
    let subscriber = try Subscriber(to: bridge.broker)
    #expect(subscriber.eventually(within: .minutes(2)) { $0.last("meterbridge/route_b/power") != nil })
    try orders.write(contentsOf: Data("E7 FFFFFC18\nread backwards\ncounters\n".utf8))
    #expect(subscriber.eventually(within: .minutes(2)) { $0.last("meterbridge/route_b/power") == "-1000" })
    #expect(eventually { said().contains("route_b: SKVER 1, SKINFO 1, ") })
    #expect(said().contains("route_b: done\nno such order: read backwards; meterbridge help simulate lists them\n"))
    bridge.end()
    simulator.end(SIGTERM)
    let last = try #require(said().split(separator: "\n").last)
    #expect(last.contains("SKTERM 1") && last.contains("SKSCAN 1,") && last.contains("WOPT 0"))
  }
}
