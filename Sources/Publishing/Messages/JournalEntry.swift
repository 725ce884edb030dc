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

/// Ranges of delivered readings, oldest first.
package struct DeliveredList: Sendable {
  package private(set) var ranges: [DeliveredReadings] = []
  /// The place of each meter's last range.
  private var places: [String: Int] = [:]

  package init() {}

  package var isEmpty: Bool { ranges.isEmpty }

  /// Adds a range, and joins it to the one before it. A gap between ranges stays, because its readings may be
  /// undelivered.
  package mutating func add(_ more: DeliveredReadings) {
    if let place = places[more.meter], ranges[place].numbers.upperBound == more.numbers.lowerBound - 1 {
      ranges[place].numbers = ranges[place].numbers.lowerBound...more.numbers.upperBound
    } else {
      places[more.meter] = ranges.count
      ranges.append(more)
    }
  }
}
