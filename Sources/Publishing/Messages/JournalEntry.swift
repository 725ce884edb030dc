/// A reading on its way to `…/reading`.
package struct JournalEntry: Hashable, Sendable {
  /// The meter or sub-meter.
  package var meter: String
  /// The number among the readings of its meter. Readings of this run count from 1, without a gap. Those of earlier
  /// runs have 0 and less.
  package var number: Int64
  /// The published document.
  package var payload: [UInt8]

  package init(meter: String, number: Int64, payload: [UInt8]) {
    self.meter = meter
    self.number = number
    self.payload = payload
  }
}

/// A range of readings of one meter that the broker has answered.
package struct DeliveredReadings: Hashable, Sendable {
  package var meter: String
  package var numbers: ClosedRange<Int64>

  package init(meter: String, numbers: ClosedRange<Int64>) {
    self.meter = meter
    self.numbers = numbers
  }
}

extension [DeliveredReadings] {
  /// Adds a range, and joins it to the one before it. A gap between ranges stays, because its readings may be
  /// undelivered.
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
  /// A new reading. The meter loop sends it before the broker thread gets it.
  case keep(JournalEntry)
  /// Whether the broker is connected. If not, readings are written at once.
  case connection(isUp: Bool)
  /// The journal need not keep these any longer.
  case delivered([DeliveredReadings])
  /// Asks for a meter's readings after a number, as many as fit into one answer.
  case fetch(meter: String, after: Int64)
  /// The program ends soon.
  case ending
}

/// A report from the journal to the broker thread.
package enum JournalReport: Hashable, Sendable {
  /// The first and last number of each meter's readings from earlier runs. It comes each time the file is opened, and
  /// also if the file cannot be opened.
  case opened([String: ClosedRange<Int64>])
  /// The answer to `fetch`. It is empty after the last reading.
  case fetched(meter: String, after: Int64, [JournalEntry])
}

/// The state of the journal, for `bridge/health`.
package struct JournalStatus: Hashable, Sendable {
  /// The number of readings that wait on disk, or in memory if the file cannot be written.
  package var readings = 0
  /// The bytes of their documents.
  package var bytes = 0
  /// The number of readings lost since the start: beyond the limit, for want of memory, or in a damaged file.
  package var dropped = 0

  package init(readings: Int = 0, bytes: Int = 0, dropped: Int = 0) {
    self.readings = readings
    self.bytes = bytes
    self.dropped = dropped
  }
}
