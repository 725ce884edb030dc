/// What a decoder remembers of its meter: the few readouts that come again and again. Most meters have one; some send two lists
/// in turn.
struct D0Habit: Sendable {
  /// Number of readouts, and bytes of all of them together: they take four to five times as many, and a bridge may have many
  /// meters.
  static let listLimit = 3
  static let byteLimit = 1024

  /// The last one to come is the first.
  private(set) var layouts: [D0Layout] = []
  private var patience = Patience()

  /// The telegram of a readout that is known; nil for another one.
  mutating func telegram(_ frame: Span<UInt8>, utcOffset: Int16?) -> Telegram? {
    for index in layouts.indices {
      guard let telegram = layouts[index].telegram(frame, utcOffset: utcOffset) else { continue }
      if index > 0 { layouts.swapAt(0, index) }
      patience.meetsKnown()
      return telegram
    }
    return nil
  }

  /// A readout has come that is not known; whether to learn it.
  mutating func meetsStranger() -> Bool { patience.meetsStranger() }

  /// Takes a readout that was learnt, and forgets others if it has to.
  mutating func learn(_ layout: D0Layout) {
    layouts.insert(layout, at: 0)
    while layouts.count > Self.listLimit || layouts.reduce(0, { $0 + $1.count }) > Self.byteLimit {
      layouts.removeLast()
    }
  }
}
