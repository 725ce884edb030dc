/// The highest accepted frame counter of one meter, for a state file.
package struct DLMSFrameCounter: Hashable, Sendable, BitwiseCopyable {
  /// The meter.
  package var title: SystemTitle
  /// The counter of its last telegram.
  package var value: UInt32

  package init(title: SystemTitle, value: UInt32) {
    self.title = title
    self.value = value
  }
}

/// Tells repeated telegrams from new ones: a meter's frame counter only rises.
///
/// A counter may begin anew, with a new key or a new meter under the old title. It counts again from the third telegram
/// with a rising counter.
struct DLMSFrameCounters: Sendable {
  /// Rising telegrams after which a lower counter counts.
  static let rearming = 3
  /// The number of remembered meters; the longest silent one goes.
  static let limit = 16

  private struct Entry {
    var counter: DLMSFrameCounter
    /// The last refused counter, and the number of telegrams that rose up to it.
    var candidate: UInt32 = 0
    var risen = 0
  }

  private var entries: [Entry] = []

  /// The remembered counters, the longest silent meter first.
  var all: [DLMSFrameCounter] { entries.map(\.counter) }

  init(_ counters: [DLMSFrameCounter] = []) {
    entries = counters.suffix(Self.limit).map { Entry(counter: $0) }
  }

  /// Whether a telegram of this meter was ever accepted.
  func knows(_ title: SystemTitle) -> Bool { entries.contains { $0.counter.title == title } }

  /// Accepts a telegram's counter, or throws `replayed`.
  ///
  /// - Returns: whether a counter that began anew counts from now on.
  mutating func accept(_ title: SystemTitle, _ value: UInt32) throws(DecodeError) -> Bool {
    guard let index = entries.lastIndex(where: { $0.counter.title == title }) else {
      if entries.count == Self.limit { entries.removeFirst() }
      entries.append(Entry(counter: DLMSFrameCounter(title: title, value: value)))
      return false
    }
    var entry = entries[index]
    let last = entry.counter.value
    var isRearmed = false
    if value <= last {
      entry.risen = entry.risen > 0 && value > entry.candidate ? entry.risen + 1 : 1
      entry.candidate = value
      guard entry.risen >= Self.rearming else {
        entries[index] = entry
        throw DecodeError(.replayed, at: 0, expected: Int(last), found: Int(value))
      }
      isRearmed = true
    }
    entry.risen = 0
    entry.counter.value = value
    guard index < entries.count - 1 else {
      entries[index] = entry
      return isRearmed
    }
    entries.remove(at: index)
    entries.append(entry)
    return isRearmed
  }
}
