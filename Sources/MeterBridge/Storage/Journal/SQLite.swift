internal import CSQLite

/// An error of SQLite.
struct SQLiteError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The extended result code.
  var code: Int32
  /// The message of the library.
  var text: String

  init(code: Int32, text: String) {
    self.code = code
    self.text = text
  }

  /// A code with the library's general words for it.
  init(code: Int32) {
    self.init(code: code, text: unsafe sqlite3_errstr(code).map { unsafe String(cString: $0) } ?? "error \(code)")
  }

  /// Without what the extended code adds.
  var primaryCode: Int32 { code & 0xFF }

  /// Whether the content of the file is at fault, so that another try cannot help.
  var isDamage: Bool {
    switch primaryCode {
    case SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_FORMAT, SQLITE_MISMATCH: true
    // A place on the disk that cannot be read any more.
    case SQLITE_IOERR: code == SQLITE_IOERR | 1 << 8 || code == SQLITE_IOERR | 33 << 8
    default: false
    }
  }

  /// Whether the disk, or the file's own bound, is full: earlier rows can still be read.
  var isFull: Bool { primaryCode == SQLITE_FULL }

  var description: String { "\(text) (SQLite \(code))" }
}

/// An open database. One thread uses it.
@safe final class SQLiteConnection {
  private let handle: OpaquePointer

  /// Opens a file for reading and writing, at a path without links.
  ///
  /// - Parameters:
  ///   - path: the file, which must exist.
  ///   - system: the name of SQLite's VFS; nil for the default.
  /// - Throws: `SQLiteError`, also if the file is read-only.
  init(path: String, system: String? = nil) throws(SQLiteError) {
    var made: OpaquePointer?
    let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_EXRESCODE
    let code = unsafe sqlite3_open_v2(path, &made, flags, system)
    guard code == SQLITE_OK, let opened = unsafe made else {
      unsafe sqlite3_close_v2(made)
      throw SQLiteError(code: code)
    }
    unsafe handle = opened
    if unsafe sqlite3_db_readonly(opened, "main") == 1 { throw SQLiteError(code: SQLITE_READONLY) }
  }

  deinit { unsafe sqlite3_close_v2(handle) }

  /// Runs statements and ignores their results.
  func run(_ statements: String) throws(SQLiteError) {
    let code = unsafe sqlite3_exec(handle, statements, nil, nil, nil)
    guard code == SQLITE_OK else { throw error(code) }
  }

  func prepare(_ statement: String) throws(SQLiteError) -> SQLiteStatement {
    var made: OpaquePointer?
    let code = unsafe sqlite3_prepare_v2(handle, statement, -1, &made, nil)
    guard code == SQLITE_OK, let prepared = unsafe made else { throw error(code) }
    return unsafe SQLiteStatement(prepared, of: self)
  }

  /// The rows that the last statement has changed.
  var changes: Int { Int(unsafe sqlite3_changes(handle)) }

  /// Whether a transaction is open.
  var isInTransaction: Bool { unsafe sqlite3_get_autocommit(handle) == 0 }

  fileprivate func error(_ code: Int32) -> SQLiteError {
    let text = unsafe sqlite3_errmsg(handle).map { unsafe String(cString: $0) }
    return text.map { SQLiteError(code: code, text: $0) } ?? SQLiteError(code: code)
  }
}

/// A prepared statement. It keeps its connection open.
@safe final class SQLiteStatement {
  private let handle: OpaquePointer
  private let connection: SQLiteConnection

  fileprivate init(_ handle: OpaquePointer, of connection: SQLiteConnection) {
    unsafe self.handle = handle
    self.connection = connection
  }

  deinit { unsafe sqlite3_finalize(handle) }

  /// Runs the statement with these values for its question marks, and calls `body` for each row. `body` reads the columns
  /// from the statement; false ends the run.
  func run(_ values: [SQLiteValue] = [], _ body: () -> Bool = { true }) throws(SQLiteError) {
    defer { unsafe sqlite3_reset(handle) }
    for (index, value) in values.enumerated() {
      let code = bind(value, at: Int32(index + 1))
      guard code == SQLITE_OK else { throw connection.error(code) }
    }
    while true {
      let code = unsafe sqlite3_step(handle)
      if code == SQLITE_DONE { return }
      guard code == SQLITE_ROW else { throw connection.error(code) }
      if !body() { return }
    }
  }

  /// The first column of the first row; nil without a row.
  func number(_ values: [SQLiteValue] = []) throws(SQLiteError) -> Int64? {
    var found: Int64?
    try run(values) {
      found = integer(0)
      return false
    }
    return found
  }

  func integer(_ column: Int32) -> Int64 { unsafe sqlite3_column_int64(handle, column) }

  func text(_ column: Int32) -> String { String(decoding: bytes(column), as: UTF8.self) }

  func bytes(_ column: Int32) -> [UInt8] {
    guard let start = unsafe sqlite3_column_blob(handle, column) else { return [] }
    let count = unsafe Int(sqlite3_column_bytes(handle, column))
    return unsafe [UInt8](UnsafeRawBufferPointer(start: start, count: count))
  }

  private func bind(_ value: SQLiteValue, at index: Int32) -> Int32 {
    // SQLITE_TRANSIENT, which Swift does not import: the library makes a copy.
    let copied = unsafe unsafeBitCast(-1, to: sqlite3_destructor_type.self)
    switch value {
    case .integer(let number): return unsafe sqlite3_bind_int64(handle, index, number)
    case .text(let text): return unsafe sqlite3_bind_text(handle, index, text, -1, copied)
    case .bytes(let bytes): return unsafe sqlite3_bind_blob(handle, index, bytes, Int32(clamping: bytes.count), copied)
    }
  }
}

/// A value for a question mark.
enum SQLiteValue {
  case integer(Int64)
  case text(String)
  case bytes([UInt8])
}
