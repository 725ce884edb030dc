/// A reading on its way to `…/reading`.
struct JournalEntry: Hashable, Sendable {
  /// The meter or sub-meter.
  var meter: String
  /// Its number among the readings of its meter. Readings of this run begin with 1, without a gap; those of earlier runs
  /// have 0 and less.
  var number: Int64
  /// The published document.
  var payload: [UInt8]
}

/// Readings of one meter that the broker has answered: all in the range.
struct DeliveredReadings: Hashable, Sendable {
  var meter: String
  var numbers: ClosedRange<Int64>
}

extension [DeliveredReadings] {
  /// Adds a range, and joins it to the one that it continues. Readings in a gap may be undelivered.
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

/// Messages and questions to the journal.
enum JournalOrder: Hashable, Sendable {
  /// A new reading, by the meter loop, before the broker thread gets it.
  case keep(JournalEntry)
  /// Whether the broker is connected. Without it, readings are written at once.
  case connection(isUp: Bool)
  /// These need not be kept any longer.
  case delivered([DeliveredReadings])
  /// The readings of a meter that follow a number, as many as fit into one answer.
  case fetch(meter: String, after: Int64)
  /// The program ends soon.
  case ending
}

/// From the journal to the broker thread.
enum JournalReport: Hashable, Sendable {
  /// It was opened, or cannot be: the first and the last number of each meter's readings from earlier runs. Comes again
  /// whenever the file is opened anew.
  case opened([String: ClosedRange<Int64>])
  /// The answer to `fetch`: no entries if there are no more.
  case fetched(meter: String, after: Int64, [JournalEntry])
}

/// The state of the journal, for `bridge/health`.
struct JournalStatus: Hashable, Sendable {
  /// Readings that wait for the broker on disk, or in memory if they cannot be written.
  var readings = 0
  /// Their documents' bytes.
  var bytes = 0
  /// Readings lost since the start: dropped for the bound or a full memory, or in a damaged file.
  var dropped = 0
}
