/// The way of one meter's readings to the broker, in order: the journal has all of them, and here lie the next ones.
///
/// A new reading is at hand at once where all before it are at hand or delivered. Otherwise it is only known to exist, and
/// comes from the journal when its turn has come.
struct ReadingQueue: Sendable {
  private struct Ready: Sendable {
    var number: Int64
    var payload: [UInt8]
    var isHistory: Bool
  }

  let meter: String
  var state = TopicState()
  private var atHand = Queue<Ready>()
  /// Bytes that are at hand.
  private(set) var bytes = 0
  /// Up to here everything was answered by the broker, or is gone.
  private var done: Int64 = 0
  /// Up to here everything is at hand, answered or gone.
  private var known: Int64 = 0
  /// The newest reading that there is.
  private var newest: Int64 = 0
  private var inFlight: Int64?
  /// What is under way will come from the journal again, whatever the answer.
  private var isRecalled = false
  /// What the journal was asked for, and what was the newest reading then.
  private var asked: (after: Int64, newest: Int64)?
  /// History goes out at a pace: the next one not before this.
  private var paced: Instant?

  init(_ meter: String) { self.meter = meter }

  // MARK: In

  /// A new reading. It is only noted where others come before it, or where `isRoom` is false.
  mutating func offer(_ number: Int64, _ payload: [UInt8], isRoom: Bool) {
    newest = max(newest, number)
    guard isRoom, number == known + 1, atHand.count < Limits.readingsAtHand else { return }
    append(Ready(number: number, payload: payload, isHistory: false))
  }

  /// The journal has these, of which some may have been delivered without its knowing.
  mutating func recall(_ numbers: ClosedRange<Int64>) {
    newest = max(newest, numbers.upperBound)
    done = min(done, numbers.lowerBound - 1)
    isRecalled = inFlight != nil
    empty()
  }

  /// The journal's answer. One to a question that has become another one is left alone.
  mutating func take(_ entries: [JournalEntry], after: Int64) {
    guard let asked else { return }
    self.asked = nil
    guard after == known, asked.after == after else { return }
    for entry in entries where entry.number > known {
      append(Ready(number: entry.number, payload: entry.payload, isHistory: true))
    }
    // Those that it does not have are gone, and it has counted them.
    if entries.isEmpty { known = max(known, asked.newest) }
    skipWhatIsGone()
  }

  /// Where nothing is left to be answered, everything that is known is done with.
  private mutating func skipWhatIsGone() {
    if atHand.isEmpty, inFlight == nil { done = known }
  }

  private mutating func append(_ reading: Ready) {
    atHand.append(reading)
    bytes += reading.payload.count
    known = reading.number
  }

  // MARK: From the journal

  /// The number after which readings are to be fetched; nil where there is no need now.
  var wanted: Int64? {
    asked == nil && known < newest && atHand.count < Limits.readingsAtHand / 4 ? known : nil
  }

  var isAsked: Bool { asked != nil }

  mutating func ask() { asked = (known, newest) }

  // MARK: Out

  /// When the next reading may go out; nil where none is at hand, or one is under way.
  var due: Instant? {
    guard inFlight == nil, let first = atHand.first else { return nil }
    return first.isHistory ? paced ?? .past : .past
  }

  /// The next reading, now under way.
  mutating func handOver(at now: Instant, pace: Milliseconds) -> [UInt8]? {
    guard let due, due <= now, let first = atHand.first else { return nil }
    inFlight = first.number
    if first.isHistory { paced = now + pace }
    return first.payload
  }

  /// The broker has answered what was under way; its number, unless it will come again.
  mutating func finish() -> Int64? {
    let answered = isRecalled ? nil : inFlight
    inFlight = nil
    isRecalled = false
    guard let answered else { return nil }
    bytes -= atHand.popFirst()?.payload.count ?? 0
    done = answered
    skipWhatIsGone()
    return answered
  }

  /// What was under way, and all that is at hand, will come from the journal again.
  mutating func forgetProgress() {
    empty()
    inFlight = nil
    isRecalled = false
    state = TopicState()
  }

  private mutating func empty() {
    atHand.removeAll()
    bytes = 0
    known = done
  }

  /// Readings that are not delivered, as far as is known.
  var count: Int { Int(newest - done) }
}
