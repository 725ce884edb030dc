internal import Base
internal import CSQLite
internal import Decoders
internal import Glibc
internal import Platform
internal import Publishing

/// The ledger's file: the register of every counter at the end of every hour, for 40 days, in SQLite.
///
/// It has a rollback journal and `synchronous=FULL`: each hour is written once and survives a power cut. Commands read it
/// while the daemon runs, so it is not locked in between.
struct HoursDatabase {
  private let folder: Folder
  private var connection: SQLiteConnection?

  static let name = "hours.sqlite"
  /// The file, and SQLite's beside it.
  static let names = [name, name + "-journal"]

  init(in folder: Folder) { self.folder = folder }

  var path: String { folder.path(of: Self.name) }

  private static let settings = """
    PRAGMA busy_timeout=5000; PRAGMA journal_mode=DELETE; PRAGMA synchronous=FULL; PRAGMA temp_store=MEMORY;
    PRAGMA cache_size=-256; PRAGMA trusted_schema=OFF; PRAGMA max_page_count=\(Limits.ledgerBytes / 4096);
    """

  private static let table = """
    CREATE TABLE IF NOT EXISTS hours (
      hour INTEGER NOT NULL, device TEXT NOT NULL, level TEXT NOT NULL, value TEXT NOT NULL, unit TEXT NOT NULL,
      at INTEGER NOT NULL, before TEXT NOT NULL, rest TEXT NOT NULL, marks INTEGER NOT NULL,
      PRIMARY KEY (hour, device, level)) WITHOUT ROWID;
    """
  /// Bits of `marks`.
  private static let held: Int64 = 1
  private static let falling: Int64 = 2

  /// Opens the file, and makes it if that is wanted.
  ///
  /// - Throws: SQLITE_CANTOPEN where it cannot be opened.
  private mutating func open(making: Bool) throws(SQLiteError) -> SQLiteConnection {
    if let connection { return connection }
    do throws(Errno) { folder.close(try folder.open(Self.name, making ? O_RDWR | O_CREAT : O_RDWR)) } catch {
      throw SQLiteError(code: SQLITE_CANTOPEN, text: error.description)
    }
    let opened = try SQLiteConnection(path: SQLiteCalls.path(of: Self.name, in: folder))
    try opened.run(Self.settings)
    if making { try opened.run(Self.table) }
    connection = opened
    return opened
  }

  /// Adds registers of the past to the file of the daemon, which it never makes.
  mutating func fill(_ rows: [HourRow]) throws(SQLiteError) {
    if !rows.isEmpty, try existing() != nil { try write(rows, now: nil) }
  }

  /// Writes rows over older ones of the same hours, and drops what is further than 40 days from `now`, the hour of the clock:
  /// what is too old, and what a clock that was once far ahead has left. What is a little ahead may be right, where the clock
  /// has not been set yet. Without `now` nothing is dropped.
  mutating func write(_ rows: [HourRow], now: Int64?) throws(SQLiteError) {
    let connection = try open(making: true)
    let insert = try connection.prepare(
      """
      INSERT INTO hours VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (hour, device, level) DO UPDATE SET
      value = excluded.value, unit = excluded.unit, at = excluded.at, before = excluded.before,
      rest = CASE excluded.rest WHEN '' THEN hours.rest ELSE excluded.rest END, marks = excluded.marks
      WHERE excluded.at >= hours.at
      """)
    let drops = try ["hour < ?", "hour > ?"].map { bound throws(SQLiteError) in
      try connection.prepare("DELETE FROM hours WHERE \(bound)")
    }
    do throws(SQLiteError) {
      try connection.run("BEGIN IMMEDIATE")
      if let now {
        try drops[0].run([.integer(now - Limits.ledgerHours)])
        try drops[1].run([.integer(now + Limits.ledgerHours)])
      }
      for row in rows {
        try insert.run([
          .integer(row.hour), .text(row.device), .text(row.level), .text(row.value.description),
          .text(row.unit.symbol), .integer(row.at.milliseconds), .text(row.before.description),
          .text(row.rest?.description ?? ""),
          .integer((row.isHeld ? Self.held : 0) | (row.isIncreasing ? 0 : Self.falling)),
        ])
      }
      try connection.run("COMMIT")
    } catch {
      if connection.isInTransaction { try? connection.run("ROLLBACK") }
      if error.isFull { try dropOldest(connection) }
      throw error
    }
  }

  /// Makes room where the file has all its pages: the oldest day goes.
  private func dropOldest(_ connection: SQLiteConnection) throws(SQLiteError) {
    try connection.run("DELETE FROM hours WHERE hour < (SELECT min(hour) FROM hours) + 24")
  }

  /// The rows from an hour on, in order; those of one meter or of all. Empty without a file.
  mutating func rows(since hour: Int64, device: String? = nil) throws(SQLiteError) -> [HourRow] {
    guard let connection = try existing() else { return [] }
    let select = try connection.prepare(
      """
      SELECT hour, device, level, value, unit, at, before, rest, marks FROM hours
      WHERE hour >= ? AND (? = '' OR device = ?) ORDER BY hour, device, level
      """)
    var rows: [HourRow] = []
    try select.run([.integer(hour), .text(device ?? ""), .text(device ?? "")]) {
      if let row = Self.row(of: select) { rows.append(row) }
      return true
    }
    return rows
  }

  /// When the newest register up to an hour came in; nil in an empty ledger.
  mutating func newest(until hour: Int64) throws(SQLiteError) -> WallTime? {
    guard let connection = try existing() else { return nil }
    let select = try connection.prepare(
      "SELECT coalesce(max(at), 0) FROM hours WHERE hour = (SELECT max(hour) FROM hours WHERE hour <= ?)")
    return try select.number([.integer(hour)]).flatMap { $0 > 0 ? WallTime(milliseconds: $0) : nil }
  }

  private mutating func existing() throws(SQLiteError) -> SQLiteConnection? {
    do throws(Errno) { folder.close(try folder.open(Self.name, O_RDONLY)) } catch {
      if error.number == ENOENT { return nil }
      throw SQLiteError(code: SQLITE_CANTOPEN, text: error.description)
    }
    let connection = try open(making: false)
    let tables = try connection.prepare("SELECT count(*) FROM sqlite_schema WHERE name = 'hours'")
    return try tables.number() == 1 ? connection : nil
  }

  /// Nil for a row that this program cannot have written.
  private static func row(of select: SQLiteStatement) -> HourRow? {
    let (device, level) = (select.bytes(1), select.bytes(2))
    guard isIdentifier(device), isIdentifier(level),
      let value = FixedDecimal(plain: select.text(3)),
      let unit = Unit(symbol: select.text(4)), let before = FixedDecimal(plain: select.text(6))
    else { return nil }
    let marks = select.integer(8)
    return HourRow(
      device: String(decoding: device, as: UTF8.self), level: String(decoding: level, as: UTF8.self),
      hour: select.integer(0), value: value, unit: unit, at: WallTime(milliseconds: select.integer(5)), before: before,
      rest: FixedDecimal(plain: select.text(7)), isHeld: marks & held != 0, isIncreasing: marks & falling == 0)
  }

  /// Puts a damaged file aside, so that a new one begins, and says so. Returns false if the file is not damaged, or stays
  /// where it is.
  mutating func moveAside(after error: SQLiteError, _ say: (LogLevel, String) -> Void) -> Bool {
    guard error.isDamage else { return false }
    connection = nil
    let aside = Self.name + ".damaged"
    do throws(Errno) {
      try? folder.remove(Self.name + "-journal")
      try folder.rename(Self.name, to: aside)
    } catch { return false }
    let place = folder.path(of: aside)
    say(.warning, "\(path) cannot be read (\(error)); it is kept as \(place), and the hours begin anew")
    return true
  }
}
