import Decoders
import Testing
import TestSupport

@testable import Base
@testable import MeterBridge
@testable import Meters
@testable import MQTT
@testable import Platform
@testable import Publishing

/// What the meters have said and the broker has heard, whatever the bridge makes of it.
private struct Truth {
  /// Readings of each meter, over all runs of the program.
  var said: [String: Int] = [:]
  var heard: [String: Set<Int>] = [:]
  var last: [String: Int] = [:]
  var disorder: [String] = []
  /// When a reading was said.
  var times: [String: [Instant]] = [:]

  mutating func say(_ meter: String, at now: Instant) -> Int {
    let number = said[meter, default: 0]
    said[meter] = number + 1
    times[meter, default: []].append(now)
    return number
  }

  mutating func hear(_ message: Outbox.Outgoing) {
    guard message.topic.hasSuffix("/reading"), let number = Int(message.text) else { return }
    let meter = String(message.topic.split(separator: "/")[1])
    guard heard[meter, default: []].insert(number).inserted else { return }
    if let last = last[meter], last > number { disorder.append("\(meter): \(number) came after \(last)") }
    last[meter] = number
  }

  func missing(_ meter: String) -> [Int] {
    let heard = heard[meter, default: []]
    return (0..<said[meter, default: 0]).filter { !heard.contains($0) }
  }
}

/// The three threads of one run, each of which works when chance lets it, with the real mailboxes in between.
private struct Run {
  var outbox: Outbox
  var journal: Journal<MemoryStore>
  let toBroker: Mailbox<BrokerMessage>
  let toStorage: Mailbox<StorageMessage>
  var post: CoalescingSender
  var open: [Outbox.Outgoing] = []
  var unsent = Queue<JournalReport>()
  var numbers: [String: Int64] = [:]
  var unkept = 0
  var isConnected = false

  init(_ store: MemoryStore, meters: [String], seed: UInt64, at now: Instant) throws {
    outbox = OutboxHarness(discovery: false, replayPace: 5, seed: seed).outbox
    journal = Journal(store) { _, _ in }
    toBroker = try #require(Mailbox<BrokerMessage>(capacity: 16))
    toStorage = try #require(Mailbox<StorageMessage>(capacity: 256))
    post = CoalescingSender(toBroker)
    post.send(.meters(meters.map { OutboxHarness.meter($0) }))
  }

  mutating func publish(_ meter: String, _ number: Int, at now: Instant) {
    var publication = OutboxHarness.publication(meter, [(.power, "\(number)")], reading: "\(number)", at: now)
    numbers[meter, default: 0] += 1
    publication.number = numbers[meter, default: 0]
    let entry = JournalEntry(meter: meter, number: publication.number, payload: Array("\(number)".utf8))
    if !toStorage.post(.journal(.keep(entry))) { unkept += 1 }
    post.send(.publication(publication))
  }

  mutating func storageWorks(at now: Instant) {
    for message in toStorage.takeAll() { if case .journal(let order) = message { journal.take(order, at: now) } }
    for report in journal.work(at: now) { unsent.append(report) }
    while let report = unsent.first, toBroker.post(.journal(report)) { _ = unsent.popFirst() }
  }

  mutating func brokerThreadWorks(at now: Instant) {
    for message in toBroker.takeAll() { outbox.take(message, at: now) }
    outbox.tick(at: now)
    while let message = outbox.next(at: now) { open.append(message) }
    _ = outbox.placeOrders(at: now) { toStorage.post(.journal($0)) }
  }
}

private struct JournalSimulation {
  struct Faults: Sendable, CustomTestStringConvertible {
    var name: String
    var kills = false
    var isFullAtTimes = false
    var isAwayAtTimes = false
    var isDamagedAtTimes = false
    var limit = Int.max
    var stalls = false
    var testDescription: String { name }

    /// Whether the order holds and nothing may be missing.
    var isKind: Bool { !isAwayAtTimes && !isDamagedAtTimes }
  }

  static let meters = ["grid", "heat", "water"]
  let faults: Faults
  let store = MemoryStore()
  var random: SplitMix64
  var now = Instant(milliseconds: 1_000_000)
  var run: Run
  var truth = Truth()
  var isStalled = false
  var dropped = 0
  /// Readings that were in memory when the program was killed.
  var killed: [String: Set<Int>] = [:]
  var mistakes: [String] = []
  var mostInFile = 0

  init(_ faults: Faults, seed: UInt64) throws {
    self.faults = faults
    random = SplitMix64(seed: seed)
    store.limit = faults.limit
    run = try Run(store, meters: Self.meters, seed: seed, at: now)
  }

  mutating func chance(_ perMille: Int) -> Bool { Int.random(in: 0..<1000, using: &random) < perMille }

  mutating func step() throws {
    now = now + Milliseconds(Int64.random(in: 1...200, using: &random))
    if chance(300), let meter = Self.meters.randomElement(using: &random) {
      run.publish(meter, truth.say(meter, at: now), at: now)
    }
    run.post.flush()
    changeTheWorld()
    if chance(600) { run.storageWorks(at: now) }
    // A name look-up may take a minute.
    if faults.stalls, chance(2) { isStalled.toggle() }
    if !isStalled, chance(600) { run.brokerThreadWorks(at: now) }
    if !isStalled, chance(500) { answer() }
    mostInFile = max(mostInFile, store.rows.count)
    if faults.kills, chance(1) { try kill() }
  }

  private mutating func changeTheWorld() {
    if run.isConnected, chance(3) {
      loseConnection()
    } else if !run.isConnected, chance(6) {
      connect()
    }
    guard chance(5) else { return }
    let states: [MemoryStore.Health] =
      [.well, .well] + (faults.isFullAtTimes ? [.full] : []) + (faults.isAwayAtTimes ? [.away] : [])
      + (faults.isDamagedAtTimes ? [.damaged] : [])
    store.health = states.randomElement(using: &random) ?? .well
  }

  mutating func connect() {
    run.isConnected = true
    var connAck = MosquittoClient.ConnAck()
    connAck.receiveMaximum = Int.random(in: 1...20, using: &random)
    run.outbox.connected(.five, connAck, at: now)
  }

  private mutating func loseConnection() {
    for message in run.open.prefix(Int.random(in: 0...run.open.count, using: &random)) { truth.hear(message) }
    run.open = []
    run.outbox.disconnected()
    run.isConnected = false
  }

  mutating func answer(all: Bool = false) {
    let count = all ? run.open.count : Int.random(in: 0...run.open.count, using: &random)
    for message in run.open.prefix(count) {
      truth.hear(message)
      run.outbox.finish(message.item, refusal: nil, at: now)
    }
    run.open.removeFirst(count)
  }

  /// What is neither with the broker nor in the file is gone, and must have been young.
  private mutating func kill() throws {
    loseConnection()
    for meter in Self.meters {
      let kept = Set(
        store.rows.filter { $0.meter == meter }.compactMap { Int(String(decoding: $0.payload, as: UTF8.self)) })
      for number in truth.missing(meter) where !kept.contains(number) && killed[meter]?.contains(number) != true {
        killed[meter, default: []].insert(number)
        let age = now - (truth.times[meter] ?? [])[number]
        // Patience, a pause between two transactions, and a few turns of the storage thread.
        if faults.isKind, !faults.isFullAtTimes, faults.limit == .max, age > .seconds(5) {
          mistakes.append("\(meter) \(number) was lost at the age of \(age.count) ms")
        }
      }
    }
    dropped += run.journal.status.dropped
    run = try Run(store, meters: Self.meters, seed: random.next(), at: now)
  }

  /// The faults are over: everything that is left arrives.
  mutating func settle() {
    store.health = .well
    if !run.isConnected { connect() }
    for _ in 0..<20_000 {
      now = now + 50
      run.post.flush()
      run.storageWorks(at: now)
      run.brokerThreadWorks(at: now)
      answer(all: true)
      if run.outbox.backlog.readings == 0, run.journal.status.readings == 0, run.outbox.backlog.messages == 0,
        store.rows.isEmpty
      {
        break
      }
    }
    dropped += run.journal.status.dropped
  }
}

private let scenarios: [JournalSimulation.Faults] = [
  JournalSimulation.Faults(name: "outages"),
  JournalSimulation.Faults(name: "outages and a dead name server", stalls: true),
  JournalSimulation.Faults(name: "kill -9", kills: true),
  JournalSimulation.Faults(name: "kill -9 and a dead name server", kills: true, stalls: true),
  JournalSimulation.Faults(name: "full disk", isFullAtTimes: true),
  JournalSimulation.Faults(name: "full disk and kill -9", kills: true, isFullAtTimes: true),
  JournalSimulation.Faults(name: "small bound", kills: true, limit: 40),
  JournalSimulation.Faults(name: "disk away", isAwayAtTimes: true),
  JournalSimulation.Faults(name: "damage", isDamagedAtTimes: true),
  JournalSimulation.Faults(
    name: "everything", kills: true, isFullAtTimes: true, isAwayAtTimes: true, isDamagedAtTimes: true, limit: 60,
    stalls: true),
]

@Test("through random faults every reading arrives in order or is counted as lost", arguments: scenarios, UInt64(1)...4)
private func journalSimulation(faults: JournalSimulation.Faults, seed: UInt64) throws {
  var simulation = try JournalSimulation(faults, seed: seed)
  for _ in 0..<5_000 { try simulation.step() }
  simulation.settle()
  #expect(simulation.mistakes.prefix(3) == [])
  #expect(simulation.run.outbox.backlog.readings == 0 && simulation.run.journal.status.readings == 0)
  if faults.isKind { #expect(simulation.truth.disorder.prefix(3) == []) }
  let lost = JournalSimulation.meters.reduce(0) { sum, meter in
    sum + simulation.truth.missing(meter).filter { simulation.killed[meter]?.contains($0) != true }.count
  }
  #expect(lost <= simulation.dropped, "lost \(lost), counted \(simulation.dropped)")
  #expect(simulation.run.unkept == 0)
  if faults.limit == .max, !faults.isDamagedAtTimes { #expect(lost == 0) }
  // The faults were real: the disk had work.
  #expect(simulation.mostInFile > 5)
}
