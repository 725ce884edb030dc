import CSQLite
import Foundation
import Glibc
import Testing
import TestSupport

@testable import Base
@testable import MeterBridge
@testable import Platform
@testable import Publishing

/// Entry `number` of a meter, with a document that shows where it belongs.
func sampleReading(_ number: Int64, of meter: String = "grid", bytes: Int = 300) -> JournalEntry {
  let text = "{\"meter\":\"\(meter)\",\"number\":\(number)}"
  return JournalEntry(
    meter: meter, number: number, payload: Array(text.utf8) + Array(repeating: 0x20, count: max(0, bytes - text.count)))
}

/// Every reading of a meter that the file gives out.
func allReadings(_ database: JournalDatabase, of meter: String = "grid") throws -> [JournalEntry] {
  var all: [JournalEntry] = []
  while true {
    let found = try database.fetch(meter, after: all.last?.number ?? .min)
    if found.entries.isEmpty { return all }
    all += found.entries
  }
}

private func database(
  _ folder: TemporaryFolder, limit: Int = Limits.journalBytes, system: String? = nil
) -> JournalDatabase {
  JournalDatabase(JournalPlace(in: folder.files, limit: limit), system: system)
}

@Test("committed readings come back in order")
func roundTripOfJournal() throws {
  let folder = try TemporaryFolder()
  var first = database(folder)
  #expect(try first.open().isEmpty)
  let entries = (1...100).flatMap { [sampleReading($0), sampleReading($0, of: "heat")] }
  _ = try first.commit(removing: [], adding: entries)
  let outcome = try first.commit(
    removing: [DeliveredReadings(meter: "grid", numbers: 1...10)], adding: [sampleReading(101)])
  #expect(outcome.removed == ["grid": ReadingAmount(readings: 10, bytes: 3_000)] && outcome.dropped.isEmpty)
  first.close()
  var second = database(folder)
  let found = try second.open()
  #expect(
    found["grid"] == StoredReadings(amount: ReadingAmount(readings: 91, bytes: 27_300), numbers: 11...101))
  #expect(found["heat"]?.numbers == 1...100)
  #expect(try allReadings(second) == (11...101).map { sampleReading($0) })
  #expect(try allReadings(second, of: "heat").map(\.number) == Array(1...100))
}

@Test("only the owner can read the file")
func ownershipOfJournal() throws {
  let folder = try TemporaryFolder()
  var database = database(folder)
  _ = try database.open()
  _ = try database.commit(removing: [], adding: [sampleReading(1)])
  for name in try folder.names() { #expect(try folder.mode(name) == 0o600, "\(name)") }
}

@Test("a second program cannot open the file")
func secondProgram() throws {
  let folder = try TemporaryFolder()
  var first = database(folder)
  _ = try first.open()
  var second = database(folder)
  #expect(throws: SQLiteError.self) { try second.open() }
  _ = try first.commit(removing: [], adding: [sampleReading(1)])
}

@Test("the bound counts bytes of the file, and the oldest readings go")
func boundInBytes() throws {
  let folder = try TemporaryFolder()
  let limit = 2 * 1024 * 1024
  var database = database(folder, limit: limit)
  _ = try database.open()
  var dropped = 0
  for batch in 0..<100 {
    let entries = (1...20).map { sampleReading(Int64(batch * 20 + $0), bytes: [300, 900, 2_500, 6_000][$0 % 4]) }
    dropped += try database.commit(removing: [], adding: entries).dropped["grid"]?.readings ?? 0
  }
  let left = try allReadings(database)
  #expect(dropped > 500 && left.count == 2_000 - dropped)
  #expect(left.map(\.number) == Array(Int64(dropped + 1)...2_000))
  let size = try folder.names().reduce(0) { try $0 + folder.bytes($1).count }
  // The file, and its write-ahead log, which is folded into it every 256 pages and after each transaction that is larger.
  #expect(try folder.bytes("journal.sqlite").count <= limit)
  #expect(size <= limit + 2 * 1024 * 1024)
  // Once nothing is left, the disk has its space back.
  _ = try database.commit(removing: [DeliveredReadings(meter: "grid", numbers: 0...2_000)], adding: [])
  #expect(try folder.names().reduce(0) { try $0 + folder.bytes($1).count } < 128 * 1024)
  _ = try database.commit(removing: [], adding: [sampleReading(2_001)])
  #expect(try allReadings(database).map(\.number) == [2_001])
}

@Test("a file of another kind is damage")
func otherKind() throws {
  for text in ["not a database at all, but long enough for a header ............................................", "x"]
  {
    let folder = try TemporaryFolder()
    try folder.write(String(repeating: text, count: 20), to: "journal.sqlite")
    var database = database(folder)
    #expect { try database.open() } throws: { ($0 as? SQLiteError)?.isDamage == true }
    #expect(try database.moveAside() == folder.path + "/journal.sqlite.damaged")
    #expect(try database.open().isEmpty)
  }
}

@Test("a file of another version is refused")
func otherVersion() throws {
  let folder = try TemporaryFolder()
  var database = database(folder)
  _ = try database.open()
  database.close()
  try SQLiteConnection(path: folder.path + "/journal.sqlite").run("PRAGMA user_version=7")
  #expect { try database.open() } throws: { ($0 as? SQLiteError)?.text.contains("another version") == true }
}

// MARK: - Damage of every kind

/// A journal with readings in the file and in the write-ahead log, as a killed program leaves it: names and bytes.
private func leftBehind() throws -> [String: [UInt8]] {
  let folder = try TemporaryFolder()
  var database = database(folder)
  _ = try database.open()
  _ = try database.commit(removing: [], adding: (1...60).map { sampleReading($0, bytes: 900) })
  // Folds the log into the file.
  database.close()
  _ = try database.open()
  _ = try database.commit(
    removing: [DeliveredReadings(meter: "grid", numbers: 1...5)],
    adding: (61...80).map { sampleReading($0, bytes: 900) })
  _ = try database.commit(removing: [], adding: (81...90).map { sampleReading($0, bytes: 900) })
  let files = try ["journal.sqlite", "journal.sqlite-wal"].map { ($0, try folder.bytes($0)) }
  return Dictionary(uniqueKeysWithValues: files)
}

/// Starts a journal on what is left; what it gives out is what was written, and it takes new readings.
private func startOn(_ files: [String: [UInt8]], _ what: String) throws -> Int {
  let folder = try TemporaryFolder()
  for (name, bytes) in files { try Data(bytes).write(to: URL(filePath: folder.path + "/" + name)) }
  let said = Shared<[String]>([])
  var journal = Journal(database(folder)) { _, text in said.change { $0.append(text) } }
  var now = Instant(milliseconds: 1)
  var reports = journal.work(at: now)
  guard case .opened(let left)? = reports.last else {
    Issue.record("\(what): not opened")
    return 0
  }
  var found: [JournalEntry] = []
  var after = (left["grid"]?.lowerBound ?? 0) - 1
  while true {
    journal.take(.fetch(meter: "grid", after: after), at: now)
    reports = journal.work(at: now)
    guard case .fetched(_, _, let entries)? = reports.last, let last = entries.last else { break }
    found += entries
    after = last.number
  }
  // Numbers of this run count from the last one of the file, so the documents tell.
  let written = Set((1...90).map { sampleReading($0, bytes: 900).payload })
  #expect(found.allSatisfy { written.contains($0.payload) }, "\(what): something was made up")
  #expect(found.map(\.number) == found.map(\.number).sorted(), "\(what)")
  // The next readings are kept.
  now = now + .seconds(20)
  journal.take(.keep(sampleReading(1)), at: now)
  _ = journal.work(at: now)
  _ = journal.work(at: now + .seconds(20))
  #expect(said.current.allSatisfy { !$0.contains("cannot be written") }, "\(what): \(said.current)")
  #expect(journal.status.readings >= 1, "\(what)")
  return found.count
}

@Test("a file or log that is cut anywhere does not prevent a start")
func aFileOrLogThatIsCutAnywhereRefusesNoStart() throws {
  let whole = try leftBehind()
  #expect(try startOn(whole, "whole") == 85)
  var random = SplitMix64(seed: 7)
  for name in whole.keys.sorted() {
    let bytes = whole[name] ?? []
    let cuts =
      [0, 1, 15, 16, 31, 32, 99, 100, 101, 4095, 4096, 4097, bytes.count - 1]
      + (0..<40).map { _ in Int.random(in: 0..<bytes.count, using: &random) }
    for cut in cuts {
      var files = whole
      files[name] = Array(bytes.prefix(cut))
      let found = try startOn(files, "\(name) cut at \(cut)")
      // What was folded into the file does not depend on the log.
      if name.hasSuffix("-wal") { #expect(found >= 55, "\(name) cut at \(cut): \(found)") }
    }
  }
}

@Test("a flipped byte does not prevent a start, and is never believed")
func aByteThatFlippedAnywhereRefusesNoStartAndIsNeverBelieved() throws {
  let whole = try leftBehind()
  var random = SplitMix64(seed: 8)
  for name in whole.keys.sorted() {
    let bytes = whole[name] ?? []
    let places = Array(0..<100) + (0..<100).map { _ in Int.random(in: 0..<bytes.count, using: &random) }
    for place in places {
      var files = whole
      files[name]?[place] ^= UInt8(1) << UInt8.random(in: 0...7, using: &random)
      _ = try startOn(files, "\(name) flipped at \(place)")
    }
  }
}

@Test("without its log the file is the older one")
func withoutLog() throws {
  var files = try leftBehind()
  files["journal.sqlite-wal"] = nil
  #expect(try startOn(files, "no log") == 60)
}
