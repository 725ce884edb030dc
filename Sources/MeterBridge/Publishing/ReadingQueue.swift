/// The readings of one meter that the broker has not acknowledged, oldest first. In memory and bounded: the oldest goes
/// first, and is counted.
struct ReadingQueue: Sendable {
  private var readings = Queue<[UInt8]>()
  /// Whether `first` is under way. A reading that is dropped while it is under way may still arrive.
  private var isFirstUnderWay = false
  private(set) var bytes = 0
  /// How many the bound has cost.
  private(set) var dropped = 0

  var count: Int { readings.count }
  var isEmpty: Bool { readings.isEmpty }

  mutating func append(_ reading: [UInt8]) {
    readings.append(reading)
    bytes += reading.count
    guard readings.count > Limits.readingsKept else { return }
    removeFirst()
    dropped += 1
  }

  /// The oldest reading, now under way.
  mutating func handOver() -> [UInt8]? {
    isFirstUnderWay = !isEmpty
    return readings.first
  }

  /// The reading that was handed over was answered.
  mutating func finish() {
    if isFirstUnderWay { removeFirst() }
  }

  /// What was under way will be sent again.
  mutating func forgetProgress() { isFirstUnderWay = false }

  private mutating func removeFirst() {
    bytes -= readings.popFirst()?.count ?? 0
    isFirstUnderWay = false
  }
}
