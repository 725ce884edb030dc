/// A reading on its way to `…/reading`.
package struct JournalEntry: Hashable, Sendable {
  /// The meter or sub-meter.
  package var meter: String
  /// Its number among the readings of its meter. Readings of this run begin with 1, without a gap; those of earlier runs
  /// have 0 and less.
  package var number: Int64
  /// The published document.
  package var payload: [UInt8]

  package init(meter: String, number: Int64, payload: [UInt8]) {
    self.meter = meter
    self.number = number
    self.payload = payload
  }
}

/// Readings of one meter that the broker has answered: all in the range.
package struct DeliveredReadings: Hashable, Sendable {
  package var meter: String
  package var numbers: ClosedRange<Int64>

  package init(meter: String, numbers: ClosedRange<Int64>) {
    self.meter = meter
    self.numbers = numbers
  }
}

extension [DeliveredReadings] {
  /// Adds a range, and joins it to the one that it continues. Readings in a gap may be undelivered.
  package mutating func add(_ more: DeliveredReadings) {
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
package enum JournalOrder: Hashable, Sendable {
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
package enum JournalReport: Hashable, Sendable {
  /// It was opened, or cannot be: the first and the last number of each meter's readings from earlier runs. Comes again
  /// whenever the file is opened anew.
  case opened([String: ClosedRange<Int64>])
  /// The answer to `fetch`: no entries if there are no more.
  case fetched(meter: String, after: Int64, [JournalEntry])
}

/// The state of the journal, for `bridge/health`.
package struct JournalStatus: Hashable, Sendable {
  /// Readings that wait for the broker on disk, or in memory if they cannot be written.
  package var readings = 0
  /// Their documents' bytes.
  package var bytes = 0
  /// Readings lost since the start: dropped for the bound or a full memory, or in a damaged file.
  package var dropped = 0

  package init(readings: Int = 0, bytes: Int = 0, dropped: Int = 0) {
    self.readings = readings
    self.bytes = bytes
    self.dropped = dropped
  }
}
