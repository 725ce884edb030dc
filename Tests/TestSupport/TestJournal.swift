package import Base
package import Publishing

/// A journal in memory, without a disk that could fail or wait.
package struct TestJournal {
  /// What has been kept and not delivered, oldest first.
  package private(set) var entries: [JournalEntry] = []
  /// Every order, and when it came.
  package private(set) var orders: [(at: Instant, order: JournalOrder)] = []
  private var reports: [JournalReport] = []

  /// The journal of a new run, with what an earlier one has left.
  package init(after earlier: TestJournal? = nil) {
    let left = Dictionary(grouping: earlier?.entries ?? [], by: \.meter)
    for (meter, old) in left {
      entries += old.enumerated().map { index, entry in
        JournalEntry(meter: meter, number: Int64(index - old.count + 1), payload: entry.payload)
      }
    }
    reports = [.opened(left.mapValues { Int64(1 - $0.count)...0 })]
  }

  package mutating func take(_ order: JournalOrder, at now: Instant) {
    orders.append((now, order))
    switch order {
    case .keep(let entry): entries.append(entry)
    case .delivered(let delivered):
      for gone in delivered { entries.removeAll { $0.meter == gone.meter && gone.numbers.contains($0.number) } }
    case .fetch(let meter, let after):
      let following = entries.filter { $0.meter == meter && $0.number > after }
      reports.append(.fetched(meter: meter, after: after, Array(following.prefix(Limits.fetchedReadings))))
    case .connection, .ending: break
    }
  }

  package mutating func takeReports() -> [JournalReport] {
    defer { reports = [] }
    return reports
  }
}
