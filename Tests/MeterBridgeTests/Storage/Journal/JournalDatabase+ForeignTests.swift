import CSQLite
import Foundation
import Glibc
import Testing
import TestSupport

@testable import Base
@testable import MeterBridge
@testable import Platform
@testable import Publishing

/// A row that this program does not write, as SQL.
private struct ForeignRow: Sendable, CustomTestStringConvertible {
  var meter = "'grid'"
  var number = "50"
  var document = "x'7B7D'"
  var testDescription: String { "\(meter.prefix(40)), \(number), \(document.prefix(40))" }
}

private let foreignRows = [
  ForeignRow(meter: "'../../x'"), ForeignRow(meter: "'+'"), ForeignRow(meter: "'grid/reading'"),
  ForeignRow(meter: "''"), ForeignRow(meter: "'Grid'"), ForeignRow(meter: "CAST(x'67007269' AS TEXT)"),
  ForeignRow(meter: "x'67726964'"),
  ForeignRow(meter: "CAST(x'FF' AS TEXT)"), ForeignRow(meter: "hex(zeroblob(50000))"),
  ForeignRow(number: "9223372036854775807"), ForeignRow(number: "-1"), ForeignRow(number: "0"),
  ForeignRow(number: "'many'"), ForeignRow(number: "1.5"),
  ForeignRow(document: "zeroblob(1048577)"), ForeignRow(document: "zeroblob(30000000)"), ForeignRow(document: "'{}'"),
  ForeignRow(document: "12"),
]

@Test("a row that is not a reading of this program is removed, counted, and never sent", arguments: foreignRows)
private func foreignRow(row: ForeignRow) throws {
  let folder = try TemporaryFolder()
  let place = JournalPlace(in: folder.files)
  var database = JournalDatabase(place)
  _ = try database.open()
  _ = try database.commit(removing: [], adding: [sampleReading(1), sampleReading(2)])
  #expect(database.foreign == 0)
  database.close()
  // Its checksum is right, as far as one can be.
  try SQLiteConnection(path: folder.path("journal.sqlite")).run(
    "INSERT INTO readings (meter, number, document, checksum) VALUES (\(row.meter), \(row.number), \(row.document), 1)")

  let said = Shared<[String]>([])
  var journal = Journal(JournalDatabase(place)) { _, text in said.change { $0.append(text) } }
  let reports = journal.work(at: Instant(milliseconds: 0))
  #expect(reports == [.opened(["grid": -1...0])])
  #expect(said.current.contains { $0.contains("held 1 rows that are not readings") })
  #expect(journal.status == JournalStatus(readings: 2, bytes: 600, dropped: 1))
}

@Test("a document of the largest size is still a reading")
func largestReading() throws {
  let folder = try TemporaryFolder()
  var database = JournalDatabase(JournalPlace(in: folder.files))
  _ = try database.open()
  let long = String(repeating: "i", count: Limits.idCharacters) + "_heat_cost_allocator_99"
  let entry = sampleReading(1, of: long, bytes: Limits.journalRowBytes)
  _ = try database.commit(removing: [], adding: [entry])
  database.close()
  let found = try database.open()
  #expect(found.keys.sorted() == [long] && database.foreign == 0)
  #expect(try allReadings(database, of: long) == [entry])
}

// MARK: - The folder

@Test("a link or pipe in place of a file of the journal is refused", arguments: JournalDatabase.names)
func linkedJournal(name: String) throws {
  let folder = try TemporaryFolder()
  try folder.write("precious", to: "target")
  var database = JournalDatabase(JournalPlace(in: folder.files))
  _ = folder.link(name, to: folder.path("target"))
  #expect { try database.open() } throws: { "\($0)".contains("symbolic link") }
  unsafe try #require(unlink(folder.path(name)) == 0 && mkfifo(folder.path(name), 0o600) == 0)
  #expect { try database.open() } throws: { "\($0)".contains("not a regular file") }
  #expect(try folder.text("target") == "precious")
}

@Test("SQLite stays in the folder that was opened, even if another takes its name")
func exchangedFolder() throws {
  let folder = try TemporaryFolder()
  let place = JournalPlace(in: try Folder(making: folder.path("state")))
  var database = JournalDatabase(place)
  _ = try database.open()
  unsafe try #require(rename(folder.path("state"), folder.path("moved")) == 0)
  _ = try Folder(making: folder.path("state"))
  _ = try database.commit(removing: [], adding: [sampleReading(1)])
  database.close()
  let found = try database.open()
  #expect(found.keys.sorted() == ["grid"])
  #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path("state")).isEmpty)
  #expect(try Set(FileManager.default.contentsOfDirectory(atPath: folder.path("moved"))).contains("journal.sqlite"))
}

@Test("the folder of a journal may be behind a link")
func linkedFolder() throws {
  let folder = try TemporaryFolder()
  _ = try Folder(making: folder.path("disk"))
  var database = JournalDatabase(JournalPlace(in: try Folder(making: folder.link("state", to: folder.path("disk")))))
  _ = try database.open()
  _ = try database.commit(removing: [], adding: [sampleReading(1)])
  #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path("disk")).contains("journal.sqlite-wal"))
}
