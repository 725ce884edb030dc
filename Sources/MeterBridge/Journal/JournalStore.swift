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

/// The readings of one meter that stand in the file.
struct StoredReadings: Hashable, Sendable {
  var amount: ReadingAmount
  var numbers: ClosedRange<Int64>
}

/// What one transaction made of the file.
struct JournalOutcome: Hashable, Sendable {
  /// By meter: what was taken away as delivered.
  var removed: [String: ReadingAmount] = [:]
  /// By meter: what had to go for the bound.
  var dropped: [String: ReadingAmount] = [:]
}

/// Readings of one meter that were read from the file.
struct FetchedReadings: Hashable, Sendable {
  var entries: [JournalEntry] = []
  /// The numbers of those among them that are not what was written.
  var damaged: [Int64] = []

  var isEmpty: Bool { entries.isEmpty && damaged.isEmpty }
}

/// Where the journal keeps readings. Numbers here are those in the file, which go on from run to run.
///
/// What has been committed survives `kill -9` and a power cut.
protocol JournalStore {
  /// Opens the file, makes it where there is none, and says what is in it.
  mutating func open() throws(SQLiteError) -> [String: StoredReadings]
  mutating func close()
  /// Takes away, makes room and adds, all or nothing.
  mutating func commit(
    removing: [DeliveredReadings], adding: [JournalEntry]
  ) throws(SQLiteError) -> JournalOutcome
  /// The next readings of a meter, as many as fit into one answer.
  func fetch(_ meter: String, after: Int64) throws(SQLiteError) -> FetchedReadings
  /// Gives the file another name, so that a new one can begin; says which name. It is closed.
  mutating func moveAside() throws(Errno) -> String
  /// Where it is, for the log.
  var path: String { get }
}
