/// The highest frame counter that was believed of one meter, for a state file to keep.
package struct DLMSFrameCounter: Hashable, Sendable, BitwiseCopyable {
  /// Who counts.
  package var title: SystemTitle
  /// The counter of its last telegram.
  package var value: UInt32

  /// A counter.
  package init(title: SystemTitle, value: UInt32) {
    self.title = title
    self.value = value
  }
}

/// Tells telegrams that are sent once more from new ones: a meter's frame counter only rises.
///
/// A meter whose counter begins anew (a new key, a new meter with the old title) is believed with the third telegram whose
/// counter rises.
struct DLMSFrameCounters: Sendable {
  /// Rising telegrams after which a lower counter is believed.
  static let rearming = 3
  /// Meters remembered; the one not heard of for longest goes.
  static let limit = 16

  private struct Entry {
    var counter: DLMSFrameCounter
    /// The last refused counter, and how many have risen up to it.
    var candidate: UInt32 = 0
    var risen = 0
  }

  private var entries: [Entry] = []

  /// What is remembered, the one not heard of for longest first.
  var all: [DLMSFrameCounter] { entries.map(\.counter) }

  init(_ counters: [DLMSFrameCounter] = []) {
    entries = counters.suffix(Self.limit).map { Entry(counter: $0) }
  }

  /// Whether a telegram of this meter has been believed before.
  func knows(_ title: SystemTitle) -> Bool { entries.contains { $0.counter.title == title } }

  /// Believes a telegram's counter, or throws `replayed`.
  ///
  /// - Returns: true where a counter that began anew is believed from now on.
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
