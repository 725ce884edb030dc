internal import Base
internal import Publishing

/// Readings in memory that are neither acknowledged nor written, the oldest of each meter first.
struct WaitingReadings: Sendable {
  private struct Waiting: Sendable {
    var entry: JournalEntry
    var since: Instant
    /// Its place among the readings of all meters.
    var place: UInt64
  }

  private var meters: [String: Queue<Waiting>] = [:]
  /// Places and meters in order of arrival, from the oldest that waits on. Later ones may be gone.
  private var arrivals = Queue<(place: UInt64, meter: String)>()
  private var places: UInt64 = 0
  private(set) var amount = ReadingAmount()

  var isEmpty: Bool { meters.isEmpty }

  mutating func append(_ entry: JournalEntry, at now: Instant) {
    assert(meters[entry.meter]?.last.map { $0.entry.number < entry.number } ?? true, "numbers of a meter must ascend")
    places += 1
    meters[entry.meter, default: Queue()].append(Waiting(entry: entry, since: now, place: places))
    arrivals.append((places, entry.meter))
    amount += ReadingAmount(entry)
  }

  /// Since when the oldest reading waits.
  var oldest: Instant? { first?.since }

  private var first: Waiting? { arrivals.first.flatMap { meters[$0.meter]?.first } }

  /// Drops the oldest reading of all; false if it is empty.
  mutating func dropOldest() -> Bool {
    guard let first else { return false }
    removeFirst(of: first.entry.meter)
    return true
  }

  /// Drops delivered readings.
  mutating func remove(_ delivered: DeliveredReadings) {
    while let first = meters[delivered.meter]?.first, delivered.numbers.contains(first.entry.number) {
      removeFirst(of: delivered.meter)
    }
  }

  /// Readings that have waited since then, in order of arrival: as many as the bytes allow, but at least one.
  func waiting(since latest: Instant, bytes: Int) -> [JournalEntry] {
    var found: [Waiting] = []
    for queue in meters.values {
      found += queue.prefix { $0.since <= latest }
    }
    found.sort { $0.place < $1.place }
    var sum = 0
    return found.prefix { waiting in
      sum += waiting.entry.payload.count
      return sum <= bytes || sum == waiting.entry.payload.count
    }.map(\.entry)
  }

  /// Readings of a meter that follow a number, as many as fit into one answer.
  func following(_ number: Int64, of meter: String) -> [JournalEntry] {
    var sum = 0
    var found: [JournalEntry] = []
    _ = meters[meter]?.prefix { waiting in
      guard waiting.entry.number > number else { return true }
      sum += waiting.entry.payload.count
      guard found.count < Limits.fetchedReadings, sum <= Limits.fetchedBytes || found.isEmpty else { return false }
      found.append(waiting.entry)
      return true
    }
    return found
  }

  /// Drops readings that have been written.
  mutating func remove(written: [JournalEntry]) {
    for entry in written where meters[entry.meter]?.first?.entry.number == entry.number {
      removeFirst(of: entry.meter)
    }
  }

  private mutating func removeFirst(of meter: String) {
    guard let gone = meters[meter]?.popFirst() else { return }
    amount -= ReadingAmount(gone.entry)
    if meters[meter]?.isEmpty == true { meters[meter] = nil }
    while let first = arrivals.first, !waits(first) { _ = arrivals.popFirst() }
    // Behind a reading that stays, most may be gone.
    guard arrivals.count > 2 * amount.readings + 64 else { return }
    var kept = Queue<(place: UInt64, meter: String)>()
    for arrival in arrivals where waits(arrival) { kept.append(arrival) }
    arrivals = kept
  }

  /// The readings of a meter go oldest first.
  private func waits(_ arrival: (place: UInt64, meter: String)) -> Bool {
    meters[arrival.meter]?.first.map { $0.place <= arrival.place } ?? false
  }
}

extension ReadingAmount {
  init(_ entry: JournalEntry) { self.init(readings: 1, bytes: entry.payload.count) }
}
