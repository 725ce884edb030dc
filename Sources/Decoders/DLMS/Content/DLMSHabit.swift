/// What a decoder remembers of its meter: the few lists that come again and again, such as Norwegian meters' every 2.5 s, every
/// 10 s and every hour.
struct DLMSHabit: Sendable {
  /// The number of lists, and bytes and values of all of them together.
  static let listLimit = 3
  static let byteLimit = 1024
  static let recordLimit = 64

  /// The last one to come is the first.
  private(set) var lists: [DLMSUsualList] = []
  private var patience = Patience()

  /// What comes of a known list from `start` on; nil for another list.
  mutating func read(
    _ bytes: Span<UInt8>, _ start: Int, to end: Int, _ header: DLMSHeader, _ settings: DLMSDecoder.Configuration
  ) -> (place: Range<Int>, records: [DLMSRecord], readings: [Reading])? {
    for index in lists.indices {
      guard let known = lists[index].read(bytes, start, to: end, header, settings) else { continue }
      if index > 0 { lists.swapAt(0, index) }
      patience.meetsKnown()
      return (lists[0].place, known.records, known.readings)
    }
    return nil
  }

  /// A list has come that is not known; whether to learn it.
  mutating func meetsStranger() -> Bool { patience.meetsStranger() }

  /// Takes a list that was learnt, and forgets others if it has to.
  mutating func learn(_ list: DLMSUsualList) {
    lists.insert(list, at: 0)
    while lists.count > Self.listLimit || sum(\.place.count) > Self.byteLimit
      || sum(\.records.count) > Self.recordLimit
    {
      lists.removeLast()
    }
  }

  private func sum(_ size: (DLMSUsualList) -> Int) -> Int { lists.reduce(0) { $0 + size($1) } }
}
