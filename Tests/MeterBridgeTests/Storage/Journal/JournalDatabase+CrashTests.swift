import CFaultyDisk
import CSQLite
import Foundation
import Testing
import TestSupport

@testable import Base
@testable import MeterBridge
@testable import Platform
@testable import Publishing

// MARK: - kill -9 and power cuts

/// A journal at work, with everything that reached the disk, and what was committed when.
private struct Recording {
  let disk: FaultyDisk
  let folder: TemporaryFolder
  /// How many calls had been made when a commit was over, and the numbers in the file from then on.
  var commits: [(calls: Int, numbers: Set<Int64>)] = []

  init() throws {
    disk = try FaultyDisk()
    disk.remembers = true
    folder = try TemporaryFolder()
    var database = JournalDatabase(JournalPlace(in: folder.files), system: disk.name)
    _ = try database.open()
    commits.append((disk.calls.count, []))
    var numbers: Set<Int64> = []
    // Enough for the log to be folded into the file now and then.
    for batch in Int64(0)..<60 {
      let added = (batch * 6 + 1...batch * 6 + 6).map { sampleReading($0, bytes: 1_500) }
      let removed = batch % 5 == 4 ? [DeliveredReadings(meter: "grid", numbers: 1...batch * 3)] : []
      _ = try database.commit(removing: removed, adding: added)
      numbers.formUnion(added.map(\.number))
      for delivered in removed { numbers = numbers.filter { !delivered.numbers.contains($0) } }
      commits.append((disk.calls.count, numbers))
    }
  }

  /// Opens what a crash after so many calls has left. Everything that was committed by then is there, or what was being
  /// committed is there as a whole.
  func check(after end: Int, _ what: String, survives: (Int) -> Bool) throws {
    let left = try TemporaryFolder()
    for (path, bytes) in disk.files(after: end, survives: survives) {
      let name = String(path.split(separator: "/").last ?? "")
      try Data(bytes).write(to: URL(filePath: left.path + "/" + name))
    }
    var database = JournalDatabase(JournalPlace(in: left.files))
    _ = try database.open()
    let found = try allReadings(database)
    #expect(found.allSatisfy { $0 == sampleReading($0.number, bytes: 1_500) }, "\(what) after call \(end)")
    let numbers = Set(found.map(\.number))
    let index = commits.lastIndex { $0.calls <= end }
    let committed = index.map { commits[$0].numbers } ?? []
    let next = index.map { $0 + 1 < commits.count ? commits[$0 + 1].numbers : committed } ?? []
    #expect(numbers == committed || numbers == next, "\(what) after call \(end)")
  }
}

@Test("committed readings survive a kill at every call")
func whatIsCommittedSurvivesAKillAtEveryCall() throws {
  let recording = try Recording()
  let count = recording.disk.calls.count
  #expect(count > 400)
  #expect(recording.disk.calls.contains { $0.kind == faulty_write && !$0.path.hasSuffix("-wal") && $0.offset > 0 })
  let first = recording.commits.first?.calls ?? 0
  for end in stride(from: first, through: count, by: 7) {
    try recording.check(after: end, "kill") { _ in true }
  }
}

@Test("committed readings survive a power cut, whatever else reached the disk")
func whatIsCommittedSurvivesAPowerCutWhateverOfTheRestReachedTheDisk() throws {
  let recording = try Recording()
  let first = recording.commits.first?.calls ?? 0
  var random = SplitMix64(seed: 3)
  for _ in 0..<150 {
    let end = Int.random(in: first...recording.disk.calls.count, using: &random)
    let percent = Int.random(in: 0...100, using: &random)
    let picked = (0..<end).map { _ in Int.random(in: 0..<100, using: &random) < percent }
    try recording.check(after: end, "power cut, \(percent) %") { picked[$0] }
  }
}

// MARK: - Every call fails once, and from then on

/// Feeds a journal over a disk that fails at one call. Returns whether the call came at all.
private func survivesFailure(at number: Int, forGood: Bool) throws -> Bool {
  let disk = try FaultyDisk()
  let folder = try TemporaryFolder()
  disk.failing = number
  disk.failsForGood = forGood
  let said = Shared<[String]>([])
  let place = JournalPlace(in: folder.files)
  var journal = Journal(JournalDatabase(place, system: disk.name)) { _, text in said.change { $0.append(text) } }
  var now = Instant(milliseconds: 1_000)
  for round in Int64(1)...30 {
    journal.take(.keep(sampleReading(round, bytes: 700)), at: now)
    // Some are delivered in between.
    if round == 20 { journal.take(.delivered([DeliveredReadings(meter: "grid", numbers: 1...10)]), at: now) }
    _ = journal.work(at: now)
    now = now + .seconds(1)
  }
  let hasFailed = disk.count >= number
  disk.heal()
  now = now + .seconds(20)
  _ = journal.work(at: now)
  journal.finish(at: now)
  var after = JournalDatabase(place)
  journal = Journal(JournalDatabase(place, system: disk.name)) { _, _ in }
  let found = try after.open()
  let numbers = Set(try allReadings(after).map(\.number))
  #expect(numbers.isSuperset(of: 11...30), "call \(number): \(numbers.sorted())")
  #expect(found["grid"]?.numbers.upperBound == 30)
  let troubles = said.current.filter { $0.contains("cannot be written") }.count
  #expect(troubles <= 2, "call \(number): \(said.current)")
  return hasFailed
}

@Test("a disk that fails at any call costs no reading", arguments: [false, true])
func aDiskThatFailsAtAnyCallCostsNoReading(forGood: Bool) throws {
  var number = 1
  while try survivesFailure(at: number, forGood: forGood) {
    number += 1
    try #require(number < 1_000)
  }
  #expect(number > 50)
}

// MARK: - What is said

private func journal(
  on store: MemoryStore
) -> (journal: Journal<MemoryStore>, said: Shared<[String]>) {
  let said = Shared<[String]>([])
  return (Journal(store) { _, text in said.change { $0.append(text) } }, said)
}

@Test("a full disk is reported once, and the readings wait in memory")
func fullDiskOfJournal() {
  let store = MemoryStore()
  var (journal, said) = journal(on: store)
  var now = Instant(milliseconds: 1_000)
  store.health = .full
  for number in Int64(1)...100 {
    journal.take(.keep(sampleReading(number)), at: now)
    _ = journal.work(at: now)
    now = now + .seconds(1)
  }
  #expect(said.current.count == 1 && said.current[0].contains("kept in memory only"))
  #expect(journal.status == JournalStatus(readings: 100, bytes: 30_000, dropped: 0))
  store.health = .well
  now = now + Limits.journalRetry
  _ = journal.work(at: now)
  #expect(said.current.count == 2 && said.current[1].contains("again"))
  #expect(store.rows.map(\.number) == Array(1...100))
}

@Test("memory is bounded, and the oldest readings go")
func boundedMemory() {
  let store = MemoryStore()
  store.health = .away
  var (journal, said) = journal(on: store)
  let now = Instant(milliseconds: 1_000)
  let count = Limits.journalMemoryBytes / 1_000 + 100
  for number in Int64(1)...Int64(count) { journal.take(.keep(sampleReading(number, bytes: 1_000)), at: now) }
  _ = journal.work(at: now)
  #expect(
    journal.status.bytes <= Limits.journalMemoryBytes && journal.status.bytes > Limits.journalMemoryBytes * 9 / 10)
  #expect(journal.status.dropped == count - journal.status.readings)
  #expect(said.current.count == 2, "\(said.current)")
  journal.take(.fetch(meter: "grid", after: 0), at: now)
  guard case .fetched(_, 0, let entries)? = journal.work(at: now).last else {
    Issue.record("no answer")
    return
  }
  #expect(entries.first?.number == Int64(journal.status.dropped + 1))
}

@Test("a damaged file is moved aside and reported")
func damagedFile() {
  let store = MemoryStore()
  store.health = .damaged
  var (journal, said) = journal(on: store)
  let now = Instant(milliseconds: 1_000)
  journal.take(.keep(sampleReading(1)), at: now)
  #expect(journal.work(at: now) == [.opened([:])])
  #expect(store.movedAside == 1 && store.rows.count == 1)
  #expect(said.current.count == 1 && said.current[0].contains("is damaged") && said.current[0].contains(".damaged"))
}

@Test("the file grows to its bound, which is reported once")
func fileBound() {
  let store = MemoryStore()
  store.limit = 10
  var (journal, said) = journal(on: store)
  var now = Instant(milliseconds: 1_000)
  for number in Int64(1)...50 {
    journal.take(.keep(sampleReading(number)), at: now)
    _ = journal.work(at: now)
    now = now + .seconds(1)
  }
  #expect(journal.status.readings == 10 && journal.status.dropped == 40)
  #expect(said.current.count == 1 && said.current[0].contains("oldest are dropped"))
}

@Test("transactions are half a second apart")
func transactions() {
  let store = MemoryStore()
  var (journal, _) = journal(on: store)
  var now = Instant(milliseconds: 1_000)
  for number in Int64(1)...100 {
    journal.take(.keep(sampleReading(number)), at: now)
    _ = journal.work(at: now)
    now = now + 100
  }
  #expect(store.commits == 20 && store.rows.count >= 96)
}

@Test("the end writes what is under way")
func end() {
  let store = MemoryStore()
  var (journal, _) = journal(on: store)
  let now = Instant(milliseconds: 1_000)
  _ = journal.work(at: now)
  journal.take(.connection(isUp: true), at: now)
  for number in Int64(1)...5 { journal.take(.keep(sampleReading(number)), at: now) }
  journal.take(.delivered([DeliveredReadings(meter: "grid", numbers: 1...2)]), at: now)
  _ = journal.work(at: now)
  #expect(store.rows.isEmpty)
  journal.take(.ending, at: now)
  #expect(journal.due == now + Limits.lastPatience)
  journal.finish(at: now)
  #expect(store.rows.map(\.number) == [3, 4, 5])
}
