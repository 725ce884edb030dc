/// When a decoder learns what its meter has just sent. Learning takes time, which only pays where the same comes again.
struct Patience: Sendable {
  private static let least: UInt8 = 2
  private static let most: UInt8 = 64

  /// What came and was not known, since something was learnt.
  private var strangers: UInt8 = 0
  /// Strangers of which the last is learnt: twice as many with each that is, and half as many with each that is known. So
  /// where much comes in turn and little stays known, nothing is learnt that no known one has paid for.
  private var limit = Patience.least

  /// Something has come that is known.
  mutating func meetsKnown() { limit = max(limit / 2, Self.least) }

  /// Something has come that is not known; whether to learn it.
  mutating func meetsStranger() -> Bool {
    strangers += 1
    guard strangers >= limit else { return false }
    strangers = 0
    limit = min(2 * limit, Self.most)
    return true
  }
}
