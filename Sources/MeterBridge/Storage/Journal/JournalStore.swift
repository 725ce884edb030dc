internal import Platform
internal import Publishing

/// A number of readings and the bytes of their documents.
struct ReadingAmount: Hashable, Sendable {
  var readings = 0
  var bytes = 0

  static func += (left: inout ReadingAmount, right: ReadingAmount) {
    left.readings += right.readings
    left.bytes += right.bytes
  }

  static func -= (left: inout ReadingAmount, right: ReadingAmount) {
    left.readings = max(0, left.readings - right.readings)
    left.bytes = max(0, left.bytes - right.bytes)
  }
}

/// The readings of one meter in the file.
struct StoredReadings: Hashable, Sendable {
  var amount: ReadingAmount
  var numbers: ClosedRange<Int64>
}

/// The effect of one transaction.
struct JournalOutcome: Hashable, Sendable {
  /// By meter: removed as delivered.
  var removed: [String: ReadingAmount] = [:]
  /// By meter: dropped for the bound.
  var dropped: [String: ReadingAmount] = [:]
}

/// Readings of one meter that were read from the file.
struct FetchedReadings: Hashable, Sendable {
  var entries: [JournalEntry] = []
  /// Numbers of readings that are not as they were written.
  var damaged: [Int64] = []

  var isEmpty: Bool { entries.isEmpty && damaged.isEmpty }
}

/// The file of the journal. Its numbers go on from run to run.
///
/// Committed readings survive `kill -9` and a power cut.
protocol JournalStore {
  /// Opens or creates the file, and returns its content. Rows that are not readings are removed.
  mutating func open() throws(SQLiteError) -> [String: StoredReadings]
  /// The rows that the last `open` removed because they are not readings.
  var foreign: Int { get }
  mutating func close()
  /// Removes, makes room and adds, all or nothing.
  mutating func commit(
    removing: [DeliveredReadings], adding: [JournalEntry]
  ) throws(SQLiteError) -> JournalOutcome
  /// The next readings of a meter, as many as fit into one answer.
  func fetch(_ meter: String, after: Int64) throws(SQLiteError) -> FetchedReadings
  /// Renames the closed file, so that a new one can begin; returns the new name.
  mutating func moveAside() throws(Errno) -> String
  /// The path, for the log.
  var path: String { get }
}
