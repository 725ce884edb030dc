/// A reading on its way to `…/reading`.
struct JournalEntry: Hashable, Sendable {
  /// The meter or sub-meter.
  var meter: String
  /// Its place among the readings of its meter. Those of this run begin with 1 and leave no number out; those of earlier
  /// runs have 0 and less.
  var number: Int64
  /// The document as it is published.
  var payload: [UInt8]
}

/// Readings of one meter that the broker has answered: all that there are in the range.
struct DeliveredReadings: Hashable, Sendable {
  var meter: String
  var numbers: ClosedRange<Int64>
}

extension [DeliveredReadings] {
  /// One more; it lengthens the range before it where it is the next one. What lies in a gap may be undelivered.
  mutating func add(_ more: DeliveredReadings) {
    if let index = lastIndex(where: { $0.meter == more.meter }),
      self[index].numbers.upperBound == more.numbers.lowerBound - 1
    {
      self[index].numbers = self[index].numbers.lowerBound...more.numbers.upperBound
    } else {
      append(more)
    }
  }
}

/// What the journal is told and asked.
enum JournalOrder: Hashable, Sendable {
  /// A new reading, by the meter loop, before the broker thread gets it.
  case keep(JournalEntry)
  /// Whether there is a broker. Without one, readings are written at once.
  case connection(isUp: Bool)
  /// These need not be kept any longer.
  case delivered([DeliveredReadings])
  /// The readings of a meter that follow a number, as many as fit into one answer.
  case fetch(meter: String, after: Int64)
  /// The program ends soon.
  case ending
}

/// What the journal tells the broker thread.
enum JournalReport: Hashable, Sendable {
  /// It has been opened, or cannot be: what is left of earlier runs, the first and the last number of each meter. Comes
  /// again where it was closed in between.
  case opened([String: ClosedRange<Int64>])
  /// The answer to `fetch`: none where there are no more.
  case fetched(meter: String, after: Int64, [JournalEntry])
}

/// How the journal is, for `bridge/health`.
struct JournalStatus: Hashable, Sendable {
  /// Readings that wait for the broker on disk, and in memory where they cannot be written.
  var readings = 0
  /// Their documents' bytes.
  var bytes = 0
  /// Readings that were lost since the start: to the bound, to a damaged file, or to a full memory.
  var dropped = 0
}
