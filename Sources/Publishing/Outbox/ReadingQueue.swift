internal import Base

/// One meter's next readings on their way to the broker, in order. The journal has all of them.
///
/// A new reading is at hand at once if all before it are at hand or delivered. Otherwise the queue only counts it, and
/// gets it from the journal later.
///
/// Readings that waited through an outage also wait for their subscribers, who come back later than the bridge.
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
  /// Readings up to this number were not delivered when an outage began or ended.
  private var outageEnd: Int64 = 0
  /// The search for a subscriber: its first try, and the time of the next one. Nil while the broker has not reported that
  /// the first of those readings does not have one.
  private var search: (began: Instant, next: Instant)?

  init(_ meter: String) { self.meter = meter }

  // MARK: In

  /// Takes a new reading. The queue only counts it if others come before it, or if `isRoom` is false. `isOfOutage` if the
  /// broker is away, or its subscribers probably still are.
  mutating func offer(_ number: Int64, _ payload: [UInt8], isRoom: Bool, isOfOutage: Bool) {
    newest = max(newest, number)
    if isOfOutage { outageEnd = newest }
    guard isRoom, number == known + 1, atHand.count < Limits.readingsAtHand else { return }
    append(Ready(number: number, payload: payload, isHistory: false))
  }

  /// The journal has these readings. It may not know yet that some of them were delivered.
  mutating func recall(_ numbers: ClosedRange<Int64>) {
    newest = max(newest, numbers.upperBound)
    outageEnd = max(outageEnd, numbers.upperBound)
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

  /// The payload of the next reading, or of the one in flight; nil if it is not at hand.
  var first: [UInt8]? { atHand.first?.payload }

  /// The newest reading; nil if all are delivered.
  var undelivered: Int64? { newest > done ? newest : nil }

  func hasDelivered(_ number: Int64) -> Bool { done >= number }

  // MARK: From the journal

  /// When the queue needs a fetch from the journal; nil if it does not need one. Readings of an outage go out from `opening`
  /// on.
  func fetchDue(_ opening: Instant) -> Instant? {
    guard asked == nil, known < newest, atHand.count < Limits.readingsAtHand / 4 else { return nil }
    return isOfOutage(known + 1) ? release(opening) : .past
  }

  /// The next fetch begins after this number.
  var fetchStart: Int64 { known }

  var isAsked: Bool { asked != nil }

  mutating func ask() { asked = (known, newest) }

  // MARK: Out

  private func isOfOutage(_ number: Int64) -> Bool { number <= outageEnd }

  /// When readings of an outage may go out.
  private func release(_ opening: Instant) -> Instant { max(opening, search?.next ?? .past) }

  /// When the next reading may go out; nil if it is not at hand, or another one is in flight.
  func due(_ opening: Instant) -> Instant? {
    guard inFlight == nil, let first = atHand.first else { return nil }
    let pace = first.isHistory ? paced ?? .past : .past
    return isOfOutage(first.number) ? max(pace, release(opening)) : pace
  }

  /// The next reading, which is in flight from now on.
  mutating func handOver(at now: Instant, opening: Instant, pace: Milliseconds) -> [UInt8]? {
    guard let due = due(opening), due <= now, let first = atHand.first else { return nil }
    inFlight = first.number
    if first.isHistory { paced = now + pace }
    return first.payload
  }

  /// The broker has answered the reading in flight. Returns its number, unless it will go out again.
  ///
  /// `isHeard` is false if the broker reports that it does not have a subscriber for the reading.
  mutating func finish(isHeard: Bool, at now: Instant) -> Int64? {
    let answered = isRecalled ? nil : inFlight
    inFlight = nil
    isRecalled = false
    guard let answered else { return nil }
    if !isHeard, isOfOutage(answered), goesOnSearching(at: now) {
      // The others come from the journal again: memory is for meters that can send.
      empty()
      return nil
    }
    if isHeard { search = nil }
    bytes -= atHand.popFirst()?.payload.count ?? 0
    done = answered
    skipLost()
    return answered
  }

  /// Waits for a subscriber. False if that took too long: the topic probably does not have one.
  private mutating func goesOnSearching(at now: Instant) -> Bool {
    let began = search?.began ?? now
    guard now - began < Limits.subscriberSearch else {
      outageEnd = 0
      return false
    }
    search = (began, now + Limits.subscriberPause)
    return true
  }

  /// The reading in flight, and all at hand, will come from the journal again.
  mutating func disconnected() {
    empty()
    inFlight = nil
    isRecalled = false
    search = nil
    outageEnd = newest
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
