internal import Publishing

/// How many readings of each meter are in the journal's file.
struct JournalContent: Sendable {
  private var meters: [String: ReadingAmount]
  /// Those of all meters.
  private(set) var total: ReadingAmount

  init(_ meters: [String: ReadingAmount]) {
    self.meters = meters
    total = meters.values.reduce(into: ReadingAmount()) { $0 += $1 }
  }

  var isEmpty: Bool { meters.isEmpty }

  func has(_ meter: String) -> Bool { meters[meter] != nil }

  mutating func add(_ amount: ReadingAmount, of meter: String) {
    meters[meter, default: ReadingAmount()] += amount
    total += amount
  }

  /// Readings of a meter that are gone.
  mutating func take(_ amount: ReadingAmount, of meter: String) {
    guard var left = meters[meter] else { return }
    left -= amount
    meters[meter] = left.readings == 0 ? nil : left
    total -= amount
  }
}
