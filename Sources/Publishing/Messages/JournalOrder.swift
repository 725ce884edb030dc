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

  /// Whether it is to be carried out at once. What is only to be kept or forgotten may wait for more of its kind.
  package var isUrgent: Bool {
    switch self {
    case .keep, .delivered: false
    case .connection, .fetch, .ending: true
    }
  }
}

/// A report from the journal to the broker thread.
package enum JournalReport: Hashable, Sendable {
  /// The first and last number of each meter's readings from earlier runs. It comes each time the file is opened, and
  /// also if the file cannot be opened.
  case opened([String: ClosedRange<Int64>])
  /// The answer to `fetch`. It is empty after the last reading.
  case fetched(meter: String, after: Int64, [JournalEntry])
}
