internal import Base
internal import Meters

/// The readings of all meters on their way to the broker, with the reports and questions to the journal.
///
/// What is asked in every round of the loop is kept up to date by each change of a queue, so that nothing walks all of them.
struct ReadingQueues: Sendable {
  /// In the order in which the meters came. Changes go through `subscript`.
  private var queues: [ReadingQueue] = []
  /// When the next reading of each queue may go out, while it is not queued with the other messages.
  private var dues = Deadlines()
  /// When each queue needs readings from the journal.
  private var fetchDues = Deadlines()
  /// The number of readings that are not delivered.
  private(set) var count = 0
  /// Bytes of the readings at hand.
  private var bytesAtHand = 0
  /// Queues that wait for an answer of the journal.
  private var asked = 0
  private var keysByMeter: [String: QueueKey] = [:]

  /// Whether the journal has reported the readings of earlier runs. Readings of this run come after them.
  private var isOpen = false
  /// Readings wait for the journal until then.
  private var openingUntil: Instant?
  /// Readings that the journal does not know as delivered yet.
  private var delivered = DeliveredList()
  /// When the journal may be told of them; nil for none.
  private var deliveredDue: Instant?
  private var deliveredTold = Instant.past
  /// The last report to the journal about the connection.
  private var toldConnected: Bool?
  /// When the readings of the last outage may go out on this connection; nil without one.
  private var opening: Instant?
  private var hasBeenConnected = false
  private var isReconnected = false
  /// The time from a connect to `opening`. If it is 0, the queues do not look for subscribers either.
  private let replayAfter: Milliseconds

  init(replayAfter: Milliseconds) { self.replayAfter = replayAfter }

  var keys: Range<QueueKey> { queues.indices }

  private subscript(key: QueueKey) -> ReadingQueue {
    _read { yield queues[key] }
    _modify {
      count -= queues[key].count
      bytesAtHand -= queues[key].bytes
      if queues[key].isAsked { asked -= 1 }
      defer { note(key) }
      yield &queues[key]
    }
  }

  private mutating func note(_ key: QueueKey) {
    count += queues[key].count
    bytesAtHand += queues[key].bytes
    if queues[key].isAsked { asked += 1 }
    noteDues(of: key)
  }

  private mutating func noteDues(of key: QueueKey) {
    dues.set(key, queues[key].state.phase == .idle ? opening.flatMap(queues[key].due) : nil)
    fetchDues.set(key, opening.flatMap(queues[key].fetchDue))
  }

  /// Takes the queues whose next reading may go out and has not been queued with the other messages.
  mutating func takeDue(at now: Instant) -> [QueueKey] { isOpen && opening != nil ? dues.takeDue(at: now) : [] }

  /// The newest reading of each queue that has undelivered ones.
  var undelivered: [QueueKey: Int64] {
    var newest: [QueueKey: Int64] = [:]
    for key in keys { newest[key] = queues[key].undelivered }
    return newest
  }

  func hasDelivered(_ readings: [QueueKey: Int64]) -> Bool {
    readings.allSatisfy { queues[$0.key].hasDelivered($0.value) }
  }

  /// The telegram to send on that a queue has first; nil for readings.
  func forwarded(_ key: QueueKey) -> ForwardedTelegram? {
    queues[key].first.flatMap { ForwardedTelegram($0, of: queues[key].meter) }
  }

  func meter(of key: QueueKey) -> String { queues[key].meter }

  mutating func change<Result>(_ key: QueueKey, _ body: (inout TopicState) -> Result) -> Result {
    body(&self[key].state)
  }

  // MARK: In

  /// The queue of a meter, configured or not.
  private mutating func key(of meter: String) -> QueueKey {
    if let key = keysByMeter[meter] { return key }
    queues.append(ReadingQueue(meter))
    keysByMeter[meter] = queues.count - 1
    return queues.count - 1
  }

  /// Takes a new reading. Returns its queue.
  mutating func offer(_ payload: [UInt8], number: Int64, of meter: String, at now: Instant) -> QueueKey {
    let key = key(of: meter)
    let isRoom = opening != nil && bytesAtHand < Limits.bytesAtHand
    self[key].offer(number, payload, isRoom: isRoom, isOfOutage: isOfOutage(now))
    return key
  }

  /// After an outage a new reading also waits for the subscribers, even if no other does. On the first connection it does
  /// not: the broker may have been there for long.
  private func isOfOutage(_ now: Instant) -> Bool {
    guard let opening else { return true }
    return isReconnected && now < opening
  }

  /// Takes a report of the journal. Returns the queues that it concerns.
  mutating func take(_ report: JournalReport) -> Range<QueueKey> {
    switch report {
    case .opened(let left):
      isOpen = true
      for (meter, numbers) in left { self[key(of: meter)].recall(numbers) }
      return keys
    case .fetched(let meter, let after, let entries):
      let key = key(of: meter)
      self[key].take(entries, after: after)
      return key..<key + 1
    }
  }

  // MARK: Out

  /// Whether the queue's next reading may go out now.
  func isDue(_ key: QueueKey, at now: Instant) -> Bool {
    guard isOpen, let opening, let due = queues[key].due(opening) else { return false }
    return due <= now
  }

  /// The next reading, which is in flight from now on.
  mutating func handOver(_ key: QueueKey, at now: Instant, pace: Milliseconds) -> [UInt8]? {
    guard isOpen, let opening else { return nil }
    return self[key].handOver(at: now, opening: opening, pace: pace)
  }

  /// The broker has answered a reading. Delivered or refused, the journal need not keep it.
  mutating func finish(_ key: QueueKey, isHeard: Bool, at now: Instant) {
    guard let number = self[key].finish(isHeard: isHeard || replayAfter == 0, at: now) else { return }
    delivered.add(DeliveredReadings(meter: queues[key].meter, numbers: number...number))
    deliveredDue = deliveredDue ?? max(now, deliveredTold + Limits.deliveredPause)
  }

  mutating func connected(at now: Instant) {
    opening = now + replayAfter
    isReconnected = hasBeenConnected
    hasBeenConnected = true
    keys.forEach { noteDues(of: $0) }
  }

  mutating func disconnected() {
    opening = nil
    for key in keys { self[key].disconnected() }
  }

  // MARK: Time

  /// The journal opens from now on. Readings wait for it, but not for ever.
  mutating func awaitJournal(from now: Instant) { openingUntil = openingUntil ?? now + Limits.journalOpening }

  /// Returns true once, if the journal has not opened in time.
  mutating func givesUpOnJournal(at now: Instant) -> Bool {
    guard !isOpen, let openingUntil, openingUntil <= now else { return false }
    isOpen = true
    return true
  }

  /// When a reading may go out, or a report to the journal is due.
  func deadline(at now: Instant) -> Instant? {
    let tells = deliveredDue.map { $0 + Limits.deliveredPause }
    var times = [tells, isOpen ? nil : openingUntil].compactMap { $0 }
    // What is due now waits for an answer, or for room.
    if opening != nil, isOpen { times += [dues.first, fetchDues.first].compactMap(\.self).filter { $0 > now } }
    return times.min()
  }

  // MARK: To the journal

  /// Reports the connection and delivered readings to the journal. Returns false if `post` was full.
  mutating func tellJournal(isConnected: Bool, all: Bool, at now: Instant, _ post: (JournalOrder) -> Bool) -> Bool {
    if toldConnected != isConnected {
      guard post(.connection(isUp: isConnected)) else { return false }
      toldConnected = isConnected
    }
    if let due = deliveredDue, due <= now || all {
      guard post(.delivered(delivered.ranges)) else { return false }
      delivered = DeliveredList()
      deliveredDue = nil
      deliveredTold = now
    }
    return true
  }

  /// Asks the journal for readings, for a few meters at a time in turn. Returns false if `post` was full.
  mutating func askJournal(at now: Instant, _ post: (JournalOrder) -> Bool) -> Bool {
    guard isOpen, opening != nil else { return true }
    while asked < Limits.fetches, bytesAtHand < Limits.bytesAtHand, let key = fetchDues.popDue(at: now) {
      guard post(.fetch(meter: queues[key].meter, after: queues[key].fetchStart)) else {
        noteDues(of: key)
        return false
      }
      self[key].ask()
    }
    return true
  }
}
