internal import Base
internal import CSQLite
internal import Glibc
internal import Platform
internal import Publishing

/// The folder of the journal's file, and the file's limit.
struct JournalPlace: Sendable {
  let folder: Folder
  /// Bytes of the file.
  let limit: Int

  init(in folder: Folder, limit: Int = Limits.journalBytes) {
    self.folder = folder
    self.limit = limit
  }
}

/// The journal's file: one table in SQLite.
///
/// It has a write-ahead log and `synchronous=FULL`: each commit waits for the disk and survives a power cut. Checksums
/// detect a torn end of the log. That costs one fsync a commit, with at most two commits a second, only while readings
/// wait. The exclusive lock keeps a second program out. With it SQLite maps no shared memory, which a full disk could turn
/// into a bus error.
struct JournalDatabase: JournalStore {
  private let place: JournalPlace
  private let system: String?
  private var current: Opened?
  private(set) var foreign = 0

  private static let version: Int64 = 1
  /// An empty file with more free pages than this is shrunk.
  private static let pagesWorthGivingBack: Int64 = 256
  /// Bytes of a row beside its document: meter, numbers, checksum and index entry.
  private static let rowBytes = 160
  private static let droppedAtATime = 16

  private struct Opened {
    let connection: SQLiteConnection
    let insert: SQLiteStatement
    let count: SQLiteStatement
    let delete: SQLiteStatement
    let oldest: SQLiteStatement
    let deleteRow: SQLiteStatement
    let fetch: SQLiteStatement
    let pages: SQLiteStatement
    let freePages: SQLiteStatement
    let pageSize: Int
  }

  /// `system` is the layer below SQLite; nil for the usual one.
  init(_ place: JournalPlace, system: String? = nil) {
    self.place = place
    self.system = system
  }

  static let name = "journal.sqlite"
  /// Of the files beside it.
  private static let suffixes = ["-wal", "-journal"]
  static var names: [String] { [name] + suffixes.map { name + $0 } }

  var path: String { place.folder.path(of: Self.name) }

  // MARK: Opening

  mutating func open() throws(SQLiteError) -> [String: StoredReadings] {
    close()
    try createFile()
    do throws(SQLiteError) {
      let connection = try SQLiteConnection(
        path: SQLiteCalls.path(of: Self.name, in: place.folder), system: system)
      try connection.run(Self.settings)
      try makeTable(connection)
      try check(connection)
      foreign = try connection.takeOutForeign()
      let opened = try prepare(connection)
      let found = try summary(connection)
      current = opened
      return found
    } catch {
      // The file itself is writable, as it was opened for writing. So its content is wrong, or is not our table.
      guard error.code == SQLITE_READONLY || error.primaryCode == SQLITE_ERROR else { throw error }
      throw SQLiteError(code: SQLITE_CORRUPT, text: error.text)
    }
  }

  private static let settings = """
    PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=OFF;
    PRAGMA temp_store=MEMORY; PRAGMA cache_size=-512; PRAGMA wal_autocheckpoint=256; PRAGMA journal_size_limit=1048576;
    PRAGMA trusted_schema=OFF;
    """

  mutating func close() { current = nil }

  /// SQLite would make the file readable for all users, and would not say why it refuses one.
  private func createFile() throws(SQLiteError) {
    let folder = place.folder
    do throws(Errno) {
      folder.close(try folder.open(Self.name, O_RDWR | O_CREAT))
      for suffix in Self.suffixes {
        do throws(Errno) { folder.close(try folder.open(Self.name + suffix, O_RDONLY)) } catch {
          guard error.number == ENOENT else { throw error }
        }
      }
    } catch {
      throw SQLiteError(code: SQLITE_CANTOPEN, text: error.description)
    }
  }

  private func makeTable(_ connection: SQLiteConnection) throws(SQLiteError) {
    switch try connection.prepare("PRAGMA user_version").number() {
    case Self.version: return
    case 0:
      try connection.run(
        """
        BEGIN IMMEDIATE;
        CREATE TABLE IF NOT EXISTS readings (
          id INTEGER PRIMARY KEY, meter TEXT NOT NULL, number INTEGER NOT NULL, document BLOB NOT NULL,
          checksum INTEGER NOT NULL);
        CREATE INDEX IF NOT EXISTS by_meter ON readings (meter, number);
        PRAGMA user_version=\(Self.version);
        COMMIT;
        """)
    default: throw SQLiteError(code: SQLITE_MISMATCH, text: "it is of another version of this program")
    }
  }

  /// Checks the whole file now, so that damage does not stop the replay in the middle.
  private func check(_ connection: SQLiteConnection) throws(SQLiteError) {
    var trouble: String?
    let statement = try connection.prepare("PRAGMA integrity_check(1)")
    try statement.run {
      trouble = statement.text(0)
      return false
    }
    if let trouble, trouble != "ok" { throw SQLiteError(code: SQLITE_CORRUPT, text: trouble) }
  }

  private func prepare(_ connection: SQLiteConnection) throws(SQLiteError) -> Opened {
    Opened(
      connection: connection,
      insert: try connection.prepare(
        "INSERT INTO readings (meter, number, document, checksum) VALUES (?, ?, ?, ?)"),
      count: try connection.prepare(
        "SELECT count(*), sum(length(document)) FROM readings WHERE meter = ? AND number BETWEEN ? AND ?"),
      delete: try connection.prepare("DELETE FROM readings WHERE meter = ? AND number BETWEEN ? AND ?"),
      oldest: try connection.prepare("SELECT id, meter, length(document) FROM readings ORDER BY id LIMIT ?"),
      deleteRow: try connection.prepare("DELETE FROM readings WHERE id = ?"),
      fetch: try connection.prepare(
        "SELECT number, document, checksum FROM readings WHERE meter = ? AND number > ? ORDER BY number LIMIT ?"),
      pages: try connection.prepare("PRAGMA page_count"),
      freePages: try connection.prepare("PRAGMA freelist_count"),
      pageSize: Int(try connection.prepare("PRAGMA page_size").number() ?? 4096))
  }

  private func summary(_ connection: SQLiteConnection) throws(SQLiteError) -> [String: StoredReadings] {
    let statement = try connection.prepare(
      "SELECT meter, count(*), sum(length(document)), min(number), max(number) FROM readings GROUP BY meter")
    var found: [String: StoredReadings] = [:]
    try statement.run {
      let amount = ReadingAmount(readings: Int(statement.integer(1)), bytes: Int(statement.integer(2)))
      let lowest = statement.integer(3)
      found[statement.text(0)] = StoredReadings(
        amount: amount, numbers: lowest...max(lowest, statement.integer(4)))
      return true
    }
    return found
  }

  // MARK: Writing

  mutating func commit(
    removing: [DeliveredReadings], adding: [JournalEntry]
  ) throws(SQLiteError) -> JournalOutcome {
    let opened = try opened()
    var outcome = JournalOutcome()
    do throws(SQLiteError) {
      try opened.connection.run("BEGIN IMMEDIATE")
      for delivered in removing { try remove(delivered, opened, &outcome) }
      for entry in adding {
        try makeRoom(for: entry.payload.count, opened, &outcome)
        try opened.insert.run([
          .text(entry.meter), .integer(entry.number), .bytes(entry.payload), .integer(Self.checksum(entry)),
        ])
      }
      try opened.connection.run("COMMIT")
    } catch {
      // Some errors have rolled back already.
      if opened.connection.isInTransaction { try? opened.connection.run("ROLLBACK") }
      throw error
    }
    if adding.isEmpty { giveBack(opened) }
    return outcome
  }

  private func remove(
    _ delivered: DeliveredReadings, _ opened: Opened, _ outcome: inout JournalOutcome
  ) throws(SQLiteError) {
    let values: [SQLiteValue] = [
      .text(delivered.meter), .integer(delivered.numbers.lowerBound), .integer(delivered.numbers.upperBound),
    ]
    var amount = ReadingAmount()
    try opened.count.run(values) {
      amount = ReadingAmount(readings: Int(opened.count.integer(0)), bytes: Int(opened.count.integer(1)))
      return false
    }
    guard amount.readings > 0 else { return }
    try opened.delete.run(values)
    outcome.removed[delivered.meter, default: ReadingAmount()] += amount
  }

  /// Drops the oldest readings until there is room. The limit counts pages, as they are what the disk holds.
  private func makeRoom(
    for bytes: Int, _ opened: Opened, _ outcome: inout JournalOutcome
  ) throws(SQLiteError) {
    while try usedBytes(opened) + bytes + Self.rowBytes + opened.pageSize > place.limit {
      var oldest: [(id: Int64, meter: String, bytes: Int)] = []
      try opened.oldest.run([.integer(Int64(Self.droppedAtATime))]) {
        oldest.append((opened.oldest.integer(0), opened.oldest.text(1), Int(opened.oldest.integer(2))))
        return true
      }
      if oldest.isEmpty { return }
      for row in oldest {
        try opened.deleteRow.run([.integer(row.id)])
        outcome.dropped[row.meter, default: ReadingAmount()] += ReadingAmount(readings: 1, bytes: row.bytes)
      }
    }
  }

  private func usedBytes(_ opened: Opened) throws(SQLiteError) -> Int {
    let pages = try opened.pages.number() ?? 0
    return Int(pages - (try opened.freePages.number() ?? 0)) * opened.pageSize
  }

  /// Shrinks the file once a long history is gone. If that fails, nothing is lost.
  private func giveBack(_ opened: Opened) {
    guard let free = try? opened.freePages.number(), free > Self.pagesWorthGivingBack else { return }
    var isEmpty = true
    let look: Void? = try? opened.oldest.run([.integer(1)]) {
      isEmpty = false
      return false
    }
    guard look != nil, isEmpty else { return }
    try? opened.connection.run("VACUUM; PRAGMA wal_checkpoint(TRUNCATE)")
  }

  // MARK: Reading

  func fetch(_ meter: String, after: Int64) throws(SQLiteError) -> FetchedReadings {
    let opened = try opened()
    var found = FetchedReadings()
    var bytes = 0
    try opened.fetch.run([.text(meter), .integer(after), .integer(Int64(Limits.fetchedReadings))]) {
      let entry = JournalEntry(
        meter: meter, number: opened.fetch.integer(0), payload: opened.fetch.bytes(1))
      bytes += entry.payload.count
      if bytes > Limits.fetchedBytes, !found.isEmpty { return false }
      if opened.fetch.integer(2) == Self.checksum(entry) {
        found.entries.append(entry)
      } else {
        found.damaged.append(entry.number)
      }
      return true
    }
    return found
  }

  private func opened() throws(SQLiteError) -> Opened {
    guard let current else { throw SQLiteError(code: SQLITE_CANTOPEN) }
    return current
  }

  /// SQLite checks its own structure, but not the content of a row.
  private static func checksum(_ entry: JournalEntry) -> Int64 {
    Int64(bitPattern: stableHash(Array("\(entry.meter) \(entry.number) ".utf8) + entry.payload))
  }

  // MARK: Damage

  mutating func moveAside() throws(Errno) -> String {
    close()
    let aside = Self.name + ".damaged"
    // The log first: without it the file is an older version. Beside a new file it would be damage.
    for suffix in Self.suffixes + [""] {
      do throws(Errno) { try place.folder.rename(Self.name + suffix, to: aside + suffix) } catch {
        guard error.number == ENOENT else { throw error }
        try? place.folder.remove(aside + suffix)
      }
    }
    return place.folder.path(of: aside)
  }
}
