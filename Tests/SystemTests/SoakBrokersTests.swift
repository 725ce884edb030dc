import Foundation
import Glibc
import Testing
import TestSupport

@testable import Base
@testable import Platform

/// A meter on a pipe, a bridge, and a subscriber that a broker keeps a session for. With a topic a collector
/// stands between the meter and the bridge, and sends the telegrams on over the broker.
private final class BrokerRun {
  let broker: RealBroker
  let bridge: RunningBridge
  private var collector: RunningBridge?
  private let pipe: Int32
  private let file: String
  private let subscriber: ChildProcess
  private(set) var sent = 0

  init(_ broker: RealBroker, mqtt: String = "", topic: String? = nil) throws {
    self.broker = broker
    for node in broker.ports.indices { try #require(broker.isReady(node), "\(broker.kind)") }
    // The fixture only for its folder: the broker is another one.
    bridge = try RunningBridge(try Broker(starts: false))
    unsafe try #require(mkfifo(bridge.path("pipe"), 0o600) == 0)
    pipe = unsafe open(bridge.path("pipe"), O_RDWR | O_CLOEXEC | O_NONBLOCK)
    file = bridge.path("heard")
    // At the last node, which stays.
    let words = [
      "-p", "\(broker.ports.last ?? 0)", "-V", "311", "-q", "1", "-c", "-i",
      "witness-\(UInt16.random(in: .min ... .max))", "-F", "%t %p",
    ]
    let topics = ["-t", "meterbridge/grid/reading", "-t", "marker"] + broker.kind.login
    subscriber = try ChildProcess(
      "/bin/sh", ["-c", "exec stdbuf -oL mosquitto_sub \"$@\" >\"$0\"", file] + words + topics)
    try #require(
      eventually(every: 300) {
        _ = broker.publish("marker", "x", at: broker.ports.count - 1); return text.contains("marker x")
      })
    let pipe = "source: 'file:\(bridge.path("pipe"))'"
    try start(bridge, mqtt, meter: topic.map { "source: 'mqtt:\($0)'" } ?? pipe)
    guard topic != nil else { return }
    try #require(eventually { bridge.log.contains("telegrams: connected to broker") })
    let collector = try RunningBridge(try Broker(starts: false))
    self.collector = collector
    try start(collector, "client_id: cellar, base_topic: cellar", meter: "\(pipe), forward: raw/grid")
    try #require(eventually { collector.log.contains("connected to broker") }, "\(collector.log)")
  }

  private func start(_ bridge: RunningBridge, _ mqtt: String, meter: String) throws {
    let hosts = broker.ports.map { "\"127.0.0.1:\($0)\"" }.joined(separator: ", ")
    let settings = ["replay_after: 8s", broker.kind.settings, mqtt].filter { !$0.isEmpty }.joined(separator: ", ")
    try """
    mqtt: {hosts: [\(hosts)], \(settings)}
    allow_readable_secrets: true
    state_directory: \(bridge.path("state"))
    meters: [{id: grid, protocol: p1, \(meter), min_interval: 0s}]
    """.write(toFile: bridge.path("meterbridge.yaml"), atomically: true, encoding: .utf8)
    try bridge.run()
  }

  func end() {
    collector?.end()
    bridge.end()
  }

  deinit {
    subscriber.end(SIGKILL)
    close(pipe)
  }

  private var text: String { (try? String(contentsOfFile: file, encoding: .utf8)) ?? "" }

  /// A telegram every 50 ms.
  func live(for time: Milliseconds) {
    let end = Clock.now() + time
    while Clock.now() < end {
      sent += 1
      let bytes = p1Telegram("1-0:1.8.1(000001.\(String(1000 + sent).suffix(3))*kWh)")
      _ = unsafe write(pipe, bytes, bytes.count)
      usleep(50_000)
    }
  }

  /// The numbers of the readings that the subscriber has, as often as they came.
  var heard: [Int] {
    text.split(separator: "\n").compactMap { line in
      let name = "\"energy_import_t1\",\"value\":1."
      guard let start = line.firstRange(of: name)?.upperBound else { return nil }
      return Int(line[start...].prefix { $0.isNumber })
    }
  }

  var hasAll: Bool { (1...3).contains { _ in eventually(every: 200) { Set(heard).count == sent } } }

  /// The numbers that never came.
  func missing() -> [Int] { Set(1...sent).subtracting(heard).sorted() }

  /// How many readings came once more.
  func repeats() -> Int {
    let heard = heard
    return heard.count - Set(heard).count
  }

  /// Telegrams before a kill of the broker, while it is away and behind it: all are heard.
  func outliveKill() throws {
    live(for: .seconds(4))
    #expect(hasAll, "\(bridge.log)")
    broker.kill()
    live(for: .seconds(4))
    try broker.start()
    live(for: .seconds(10))
    #expect(hasAll, "\(broker.kind): \(missing())\n\(bridge.log)")
  }
}

/// Brokers of Debian's packages, which `make soak` installs.
@Suite(.serialized, .enabled(if: Soak.minutes != nil)) struct SoakBrokersTests {
  @Test("no reading is lost over a kill, and values and discovery are back", arguments: RealBroker.Kind.allCases)
  func killedBroker(kind: RealBroker.Kind) throws {
    let run = try BrokerRun(try RealBroker(kind))
    try run.outliveKill()
    let isBack = eventually(every: 500) {
      run.broker.retained("meterbridge/grid/energy_import_t1") == "1.\(String(1000 + run.sent).suffix(3))"
        && run.broker.retained("homeassistant/device/meterbridge_grid/config")?.contains("energy_import") == true
        && run.broker.retained("meterbridge/bridge/state") == "online"
    }
    #expect(isBack)
    Soak.say("\(kind): \(run.sent) readings, \(run.repeats()) of them twice")
    run.end()
  }

  @Test("telegrams that a collector sends on are all decoded over a kill", arguments: RealBroker.Kind.allCases)
  func killedBetween(kind: RealBroker.Kind) throws {
    let run = try BrokerRun(try RealBroker(kind), topic: "raw/grid")
    try run.outliveKill()
    Soak.say("\(kind): \(run.sent) telegrams sent on, \(run.repeats()) readings twice")
    run.end()
  }

  @Test("each node of a nats cluster may be killed", arguments: [false, true])
  func natsCluster(isForwarded: Bool) throws {
    let run = try BrokerRun(try RealBroker(.nats), topic: isForwarded ? "raw/grid" : nil)
    for node in [0, 1, 0] {
      run.live(for: .seconds(3))
      run.broker.kill(node)
      run.live(for: .seconds(8))
      try run.broker.start(node)
      #expect(run.broker.isReady(node))
    }
    run.live(for: .seconds(12))
    #expect(run.hasAll, "\(run.missing())\n\(run.bridge.log)")
    let way = isForwarded ? " of telegrams sent on" : ""
    Soak.say("nats cluster: \(run.sent) readings\(way), \(run.repeats()) of them twice")
    run.end()
  }

  @Test("nats: a dot in base_topic and a second client of the name are told") func natsMessages() throws {
    let broker = try RealBroker(.nats)
    let dotted = try BrokerRun(broker, mqtt: "base_topic: home.meters, client_id: dotted")
    #expect(eventually { dotted.bridge.log.contains("has a dot or a blank, which some brokers do not take") })
    dotted.bridge.end()
    let runs = [try BrokerRun(broker, mqtt: "client_id: twin"), try BrokerRun(broker, mqtt: "client_id: twin")]
    #expect(eventually { runs.contains { $0.bridge.log.contains("uses the client id \"twin\"") } })
    runs.forEach { $0.bridge.end() }
  }

  @Test("a shared subscription that the broker does not have is told", arguments: [RealBroker.Kind.nats, .ejabberd])
  func noSharedSubscriptions(kind: RealBroker.Kind) throws {
    let run = try BrokerRun(try RealBroker(kind), topic: "$share/workers/raw/+")
    let said =
      kind == .ejabberd
      ? "has no shared subscriptions, so nothing comes from $share/workers/raw/+"
      : "some brokers do not know shared subscriptions, such as $share/workers/raw/+"
    #expect(eventually { run.bridge.log.contains(said) }, "\(run.bridge.log)")
    run.live(for: .seconds(1))
    #expect(!run.bridge.log.contains("ended the connection"))
    run.end()
  }
}
