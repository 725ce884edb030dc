internal import Base

/// One meter's next readings on their way to the broker, in order. The journal has all of them.
///
/// A new reading is at hand at once if all before it are at hand or delivered. Otherwise the queue only counts it, and
/// gets it from the journal later.
struct ReadingQueue: Sendable {
  private struct Ready: Sendable {
    var number: Int64
    var payload: [UInt8]
    var isHistory: Bool
  }

  let meter: String
  var state = TopicState()
  private var atHand = Queue<Ready>()
  /// Bytes at hand.
  private(set) var bytes = 0
  /// All readings up to this number are answered or lost.
  private var done: Int64 = 0 { didSet { assert(known >= done, "a reading is answered that was not at hand") } }
  /// All readings up to this number are at hand, answered or lost.
  private var known: Int64 = 0
  private var newest: Int64 = 0
  private var inFlight: Int64?
  /// Whether the reading in flight will come from the journal again, with any answer.
  private var isRecalled = false
  /// The question to the journal, and the newest reading at that time.
  private var asked: (after: Int64, newest: Int64)?
  /// The next reading of the history goes out at this time.
  private var paced: Instant?

  init(_ meter: String) { self.meter = meter }

  // MARK: In

  /// Takes a new reading. The queue only counts it if others come before it, or if `isRoom` is false.
  mutating func offer(_ number: Int64, _ payload: [UInt8], isRoom: Bool) {
    newest = max(newest, number)
    guard isRoom, number == known + 1, atHand.count < Limits.readingsAtHand else { return }
    append(Ready(number: number, payload: payload, isHistory: false))
  }

  /// The journal has these readings. It may not know yet that some of them were delivered.
  mutating func recall(_ numbers: ClosedRange<Int64>) {
    newest = max(newest, numbers.upperBound)
    done = min(done, numbers.lowerBound - 1)
    isRecalled = inFlight != nil
    empty()
  }

  /// The journal's answer. An answer to an outdated question is ignored.
  mutating func take(_ entries: [JournalEntry], after: Int64) {
    guard let asked else { return }
    self.asked = nil
    guard after == known, asked.after == after else { return }
    for entry in entries where entry.number > known {
      append(Ready(number: entry.number, payload: entry.payload, isHistory: true))
    }
    // Readings that the journal does not have are lost. It has counted them.
    if entries.isEmpty { known = max(known, asked.newest) }
    skipLost()
  }

  /// Everything known is done if no answer is open.
  private mutating func skipLost() {
    if atHand.isEmpty, inFlight == nil { done = known }
  }

  private mutating func append(_ reading: Ready) {
    atHand.append(reading)
    bytes += reading.payload.count
    known = reading.number
  }

  // MARK: From the journal

  /// The next fetch begins after this number; nil if the queue does not need one now.
  var wanted: Int64? {
    asked == nil && known < newest && atHand.count < Limits.readingsAtHand / 4 ? known : nil
  }

  var isAsked: Bool { asked != nil }

  mutating func ask() { asked = (known, newest) }

  // MARK: Out

  /// When the next reading may go out; nil if it is not at hand, or another one is in flight.
  var due: Instant? {
    guard inFlight == nil, let first = atHand.first else { return nil }
    return first.isHistory ? paced ?? .past : .past
  }

  /// The next reading, which is in flight from now on.
  mutating func handOver(at now: Instant, pace: Milliseconds) -> [UInt8]? {
    guard let due, due <= now, let first = atHand.first else { return nil }
    inFlight = first.number
    if first.isHistory { paced = now + pace }
    return first.payload
  }

  /// The broker has answered the reading in flight. Returns its number, unless it will come again.
  mutating func finish() -> Int64? {
    let answered = isRecalled ? nil : inFlight
    inFlight = nil
    isRecalled = false
    guard let answered else { return nil }
    bytes -= atHand.popFirst()?.payload.count ?? 0
    done = answered
    skipLost()
    return answered
  }

  /// The reading in flight, and all at hand, will come from the journal again.
  mutating func disconnected() {
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

  /// The number of readings that are not delivered, as far as the queue knows.
  var count: Int { Int(newest - done) }
}
