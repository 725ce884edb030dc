import CSQLite
import Glibc

@testable import Base
@testable import MeterBridge
@testable import Platform
@testable import Publishing

/// A journal's file that tests can look into, and that does what a disk does at its worst.
final class MemoryStore: JournalStore {
  enum Health: Sendable {
    case well
    /// Nothing can be added; what is there can be read.
    case full
    /// Nothing works.
    case away
    /// The content is gone as soon as somebody looks.
    case damaged
  }

  var health = Health.well
  private(set) var rows: [JournalEntry] = []
  /// How many rows there may be.
  var limit = Int.max
  private(set) var commits = 0
  private(set) var movedAside = 0
  private var isOpen = false

  var path: String { "journal.sqlite" }
  var foreign: Int { 0 }

  private func look(writing: Bool) throws(SQLiteError) {
    switch health {
    case .well: break
    case .full: if writing { throw SQLiteError(code: SQLITE_FULL) }
    case .away: throw SQLiteError(code: SQLITE_IOERR)
    case .damaged: throw SQLiteError(code: SQLITE_CORRUPT)
    }
  }

  func open() throws(SQLiteError) -> [String: StoredReadings] {
    try look(writing: false)
    isOpen = true
    return Dictionary(grouping: rows, by: \.meter).mapValues { rows in
      let numbers = rows.map(\.number).sorted()
      return StoredReadings(amount: sum(rows), numbers: numbers[0]...numbers[numbers.count - 1])
    }
  }

  func close() { isOpen = false }

  func commit(removing: [DeliveredReadings], adding: [JournalEntry]) throws(SQLiteError) -> JournalOutcome {
    try look(writing: true)
    guard isOpen else { throw SQLiteError(code: SQLITE_MISUSE) }
    commits += 1
    var outcome = JournalOutcome()
    for delivered in removing {
      let gone = rows.filter { $0.meter == delivered.meter && delivered.numbers.contains($0.number) }
      rows.removeAll { gone.contains($0) }
      if !gone.isEmpty { outcome.removed[delivered.meter, default: ReadingAmount()] += sum(gone) }
    }
    rows += adding
    while rows.count > limit {
      let gone = rows.removeFirst()
      outcome.dropped[gone.meter, default: ReadingAmount()] += ReadingAmount(gone)
    }
    return outcome
  }

  func fetch(_ meter: String, after: Int64) throws(SQLiteError) -> FetchedReadings {
    try look(writing: false)
    guard isOpen else { throw SQLiteError(code: SQLITE_MISUSE) }
    let following = rows.filter { $0.meter == meter && $0.number > after }.sorted { $0.number < $1.number }
    return FetchedReadings(entries: Array(following.prefix(Limits.fetchedReadings)))
  }

  func moveAside() throws(Errno) -> String {
    rows = []
    movedAside += 1
    health = .well
    return "journal.sqlite.damaged"
  }

  private func sum(_ rows: [JournalEntry]) -> ReadingAmount {
    rows.reduce(into: ReadingAmount()) { $0 += ReadingAmount($1) }
  }
}
