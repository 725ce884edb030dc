import Decoders
import Testing
import TestSupport

@testable import Base
@testable import MQTT
@testable import Publishing

/// Meters, a broker and a line between them that fails in every way it can, over hours of a clock of its own.
private struct Simulation {
  var harness: OutboxHarness
  var random: SplitMix64
  var window = 20
  var isUp = false
  /// The broker acknowledges nothing for a while.
  var isStalled = false
  /// What the broker remembers.
  var retained: [String: String] = [:]
  /// Readings that reached the broker, by topic, repetitions left out.
  var arrived: [String: [Int]] = [:]
  /// Readings that were refused.
  var refused: [String: Set<Int>] = [:]
  var newest: [String: String] = [:]
  var count: [String: Int] = [:]
  var mistakes: [String] = []
  static let ids = ["grid", "heat", "water"]

  init(seed: UInt64) {
    // Every other simulation has readings that wait for their subscribers.
    harness = OutboxHarness(replayAfter: seed % 2 == 0 ? 0 : .seconds(15), seed: seed)
    random = SplitMix64(seed: seed)
    harness.outbox.take(.meters(Simulation.ids.map { OutboxHarness.meter($0) }), at: harness.now)
  }

  mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }

  mutating func step(refuses: Bool) {
    harness.now = harness.now + Milliseconds(Int64.random(in: 1...3_000, using: &random))
    fail()
    if chance(90) { publish() }
    harness.outbox.tick(at: harness.now)
    handOver()
    answer(refuses: refuses)
    check()
  }

  mutating func connect() {
    isUp = true
    window = chance(50) ? 20 : Int.random(in: 1...20, using: &random)
    let told = window
    harness.connect { $0.receiveMaximum = told }
  }

  /// The line breaks: of what was under way, the first messages arrive and the others do not.
  mutating func fail() {
    if chance(1) { isStalled.toggle() }
    if isUp, chance(1) {
      let arriving = Int.random(in: 0...harness.open.count, using: &random)
      for message in harness.open.prefix(arriving) { arrive(message) }
      harness.disconnect()
      isUp = false
      if chance(30) { retained.removeAll() }
    } else if !isUp, chance(3) {
      connect()
    }
    if isUp, chance(1) {
      _ = harness.outbox.received("homeassistant/status", Array("online".utf8), isRetained: false, at: harness.now)
    }
  }

  mutating func publish() {
    guard let id = Simulation.ids.randomElement(using: &random) else { return }
    let number = count[id, default: 0]
    count[id] = number + 1
    let values: [(FieldName, String)] = [
      (.power, "\(Int.random(in: 0...3, using: &random))"), (.energyImport, "\(number)"), (.voltage, "230"),
    ]
    harness.publish(id, values, reading: "\(number)")
    for (name, text) in values { newest["meterbridge/\(id)/\(name.entry.name)"] = text }
    newest["meterbridge/\(id)/availability"] = "online"
  }

  mutating func handOver() {
    harness.handOver()
    if harness.open.count > window { mistakes.append("\(harness.open.count) under way, window \(window)") }
    if Set(harness.open.topics).count != harness.open.count { mistakes.append("two of one topic are under way") }
  }

  /// Some of what is under way is answered, in order.
  mutating func answer(refuses: Bool) {
    let count = isStalled ? 0 : Int.random(in: 0...harness.open.count, using: &random)
    for message in harness.open.prefix(count) {
      let isRefused = refuses && chance(2)
      if isRefused { refuse(message) } else { arrive(message) }
      harness.outbox.finish(message.item, refusal: isRefused ? .quotaExceeded : nil, at: harness.now)
    }
    harness.open.removeFirst(count)
  }

  /// The faults are over: everything that is due arrives.
  mutating func settle() {
    if !isUp { connect() }
    handOver()
    while !harness.open.isEmpty {
      let answered = harness.open
      harness.open.removeAll()
      for message in answered {
        arrive(message)
        harness.outbox.finish(message.item, refusal: nil, at: harness.now)
      }
      handOver()
    }
    harness.pass(.minutes(2)).forEach { arrive($0) }
  }

  mutating func arrive(_ message: Outbox.Outgoing) {
    if message.retain { retained[message.topic] = message.text }
    guard message.topic.hasSuffix("/reading"), let number = Int(message.text) else { return }
    if arrived[message.topic]?.contains(number) == true { return }
    if let last = arrived[message.topic]?.last, last > number { mistakes.append("\(number) came after \(last)") }
    arrived[message.topic, default: []].append(number)
  }

  mutating func refuse(_ message: Outbox.Outgoing) {
    guard message.topic.hasSuffix("/reading"), let number = Int(message.text) else { return }
    refused[message.topic, default: []].insert(number)
  }

  /// Memory is bounded at any time.
  mutating func check() {
    let backlog = harness.outbox.backlog
    if backlog.messages > 200 { mistakes.append("the line grows: \(backlog.messages)") }
  }
}

@Test("through random faults no reading is lost and the newest value is last", arguments: UInt64(1)...20)
func outboxSimulation(seed: UInt64) {
  var simulation = Simulation(seed: seed)
  for _ in 0..<3_000 { simulation.step(refuses: true) }
  // A refused value is tried again with the next one, and with the next connection.
  simulation.harness.disconnect()
  simulation.isUp = false
  for _ in 0..<1_000 { simulation.step(refuses: false) }
  simulation.settle()
  #expect(simulation.mistakes.prefix(3) == [])
  for (topic, value) in simulation.newest { #expect(simulation.retained[topic] == value, "\(topic)") }
  var lost = 0
  for id in Simulation.ids {
    let topic = "meterbridge/\(id)/reading"
    let seen = Set(simulation.arrived[topic] ?? []).union(simulation.refused[topic] ?? [])
    lost += (0..<simulation.count[id, default: 0]).filter { !seen.contains($0) }.count
  }
  #expect(lost == 0)
  #expect(simulation.harness.outbox.backlog.messages == 0)
}
