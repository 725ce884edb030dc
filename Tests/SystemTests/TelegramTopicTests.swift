import Decoders
import Foundation
import Glibc
import Testing
import TestSupport

@testable import Base
@testable import MQTT
@testable import Platform

/// The readings of a meter that a subscriber has heard, by their energy in thousandths of a kWh.
private func heard(_ subscriber: Subscriber, _ meter: String = "grid") -> [Int] {
  subscriber.messages.compactMap { message in
    let name = "\"name\":\"energy_import_t1\",\"value\":"
    guard message.topic.hasSuffix("/\(meter)/reading"), let start = message.text.firstRange(of: name)?.upperBound
    else { return nil }
    return Int(message.text[start...].prefix { $0 != "," }.filter { $0 != "." })
  }
}

private func telegram(_ number: Int) -> [UInt8] {
  let text = String(number)
  let digits = String(repeating: "0", count: 9 - text.count) + text
  return p1Telegram("1-0:1.8.1(\(digits.prefix(6)).\(digits.suffix(3))*kWh)")
}

@Test("telegrams that a collector could not send arrive later, in order, at their own time")
func collectorThroughAnOutage() throws {
  let broker = try Broker()
  let cellar = try RunningBridge(broker)
  let office = try RunningBridge(broker)
  unsafe try #require(mkfifo(cellar.path("pipe"), 0o600) == 0)
  let pipe = unsafe open(cellar.path("pipe"), O_RDWR | O_CLOEXEC | O_NONBLOCK)
  defer { close(pipe) }
  try cellar.configure(
    "  - {id: grid, protocol: p1, source: 'file:$/pipe', forward: raw/grid}",
    mqtt: "client_id: cellar, base_topic: cellar, replay_after: 3s", more: "home_assistant: {discovery: false}")
  try office.configure(
    "  - {id: grid, protocol: p1, source: 'mqtt:raw/+', min_interval: 0s}\n  - {id: x, protocol: p1, source: 'mqtt:raw/+'}",
    mqtt: "client_id: office, replay_after: 6s")
  func send(_ number: Int) { _ = unsafe write(pipe, telegram(number), telegram(number).count) }

  let before = try Subscriber(to: broker)
  before.publish("raw/x", "not a telegram")
  _ = try connected(to: broker).0.send("raw/grid", telegram(999), retain: true)
  try office.run()
  #expect(eventually { office.log.contains("telegrams: connected to broker") })
  #expect(eventually { office.log.contains("has a retained message; it is old and not read") })
  try cellar.run()
  send(1)
  #expect(before.eventually { heard($0).contains(1) })
  broker.end(SIGKILL)
  #expect(eventually { cellar.log.contains("was lost") && office.log.contains("was lost") })
  for number in 2...5 { send(number) }
  let cut = WallTime(milliseconds: Clock.wall().milliseconds)
  #expect(eventually { cellar.isInJournal("000000.005") })
  cellar.end(SIGKILL)
  try cellar.run()
  usleep(1_000_000)
  try broker.start()
  let after = try Subscriber(to: broker, filter: "meterbridge/grid/reading")
  #expect(after.eventually { heard($0).contains(5) })
  // The first one may come again: its acknowledgement was lost with the broker.
  #expect(withoutRepeats(heard(after)).filter { $0 > 1 } == [2, 3, 4, 5])
  for message in after.messages {
    let received = try #require(message.text.firstRange(of: "\"received\":\"")?.upperBound)
    let time = try #require(WallTime(String(message.text[received...].prefix { $0 != "\"" })))
    #expect(time < cut.back(-1_000), "\(message.text)")
  }
  // A stranger's payload is kept.
  office.end()
  cellar.end()
}

@Test("a message that is too long is a dead letter where the broker does not know our limit (MQTT 3.1.1)")
func longMessage() throws {
  let broker = try Broker()
  let bridge = try RunningBridge(broker)
  try bridge.configure("  - {id: grid, protocol: p1, source: 'mqtt:raw/grid'}", mqtt: "protocol_version: 3.1.1")
  try bridge.run()
  let subscriber = try Subscriber(to: broker)
  #expect(eventually { bridge.log.contains("telegrams: connected to broker") })
  subscriber.publish("raw/grid", String(repeating: "/", count: 20_000))
  #expect(eventually { bridge.deadLetters.contains("\"too_long\"") }, "\(bridge.log)")
  let sent = telegram(7)
  subscriber.publish("raw/grid", String(decoding: sent, as: UTF8.self))
  #expect(subscriber.eventually { heard($0) == [7] })
  bridge.end()
}

/// Sends telegrams of meters to `raw/<meter>`, as a collector does.
private final class Sender {
  private let client: MosquittoClient
  private let meters: [String]
  private(set) var sent = 0
  private var open: Set<Int32> = []

  init(to broker: Broker, meters: [String]) throws {
    client = try connected(to: broker, name: "sender").0
    self.meters = meters
  }

  /// Sends rounds, one telegram of each meter, and waits for the broker to have them.
  func send(_ rounds: Int, pause: Milliseconds = 5) throws {
    for _ in 0..<rounds {
      sent += 1
      for meter in meters { open.insert(try client.send("raw/\(meter)", telegram(sent))) }
      client.serve(milliseconds: Int32(pause.count))
      take()
    }
    let isAcknowledged = eventually {
      client.serve(milliseconds: 10)
      take()
      return open.isEmpty
    }
    try #require(isAcknowledged)
  }

  private func take() {
    for case .published(let id, _, _) in client.takeEvents() { open.remove(id) }
  }
}

@Test("a worker that is killed under load loses no telegram, alone and in a group", arguments: [false, true])
func killedWorker(isShared: Bool) throws {
  let broker = try Broker("max_queued_messages 0")
  let meters = ["a", "b", "c", "d"]
  let workers = try (1...(isShared ? 2 : 1)).map { number in
    let worker = try RunningBridge(broker)
    let source = isShared ? "mqtt:$share/workers/raw/+" : "mqtt:raw/+"
    try worker.configure(
      // Without `$`, which stands for the folder.
      meters.map { "  - {id: \($0), protocol: p1, source: '\(source.replacing("$", with: "SHARE"))'}" }
        .joined(separator: "\n"), mqtt: "client_id: worker-\(number), base_topic: w\(number)",
      more: "home_assistant: {discovery: false}")
    let text = try String(contentsOfFile: worker.path("meterbridge.yaml"), encoding: .utf8)
    try text.replacing("SHARE", with: "$").write(
      toFile: worker.path("meterbridge.yaml"), atomically: true, encoding: .utf8)
    try worker.run()
    return worker
  }
  let witness = try Subscriber(to: broker, filter: "+/+/reading")
  #expect(eventually { workers.allSatisfy { $0.log.contains("telegrams: connected to broker") } })
  let sender = try Sender(to: broker, meters: meters)
  try sender.send(20)
  for _ in 1...4 {
    try sender.send(30)
    workers[0].end(SIGKILL)
    try sender.send(30)
    try workers[0].run()
  }
  try sender.send(30)
  let all = Set(1...sender.sent)
  let isWhole = witness.eventually { witness in meters.allSatisfy { Set(heard(witness, $0)) == all } }
  let found = meters.map { heard(witness, $0) }
  #expect(isWhole, "missing: \(found.map { all.subtracting($0).sorted() })")
  let repeated = found.reduce(0) { $0 + $1.count - Set($1).count }
  print("killed worker, shared \(isShared): \(sender.sent * 4) telegrams, 4 kills, \(repeated) readings twice")
  // What was under way at a kill: one telegram, or a few on a busy machine.
  #expect(repeated <= 16)
  workers.forEach { $0.end() }
}
