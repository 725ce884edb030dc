internal import Base

/// The readings of all meters on their way to the broker, and what the journal is told and asked about them.
struct ReadingQueues: Sendable {
  /// In the order in which the meters came.
  private var queues: [ReadingQueue] = []
  private var keysByMeter: [String: QueueKey] = [:]

  /// Whether the journal has said what earlier runs left; readings of this run come after those.
  private var isOpen = false
  /// Until then readings wait for the journal.
  private var openingUntil: Instant?
  /// What the journal is still to be told.
  private var delivered: [DeliveredReadings] = []
  private var deliveredDue: Instant?
  /// What the journal was last told of the connection.
  private var toldConnected: Bool?
  /// The queue that is looked at first for the next question.
  private var turn = 0

  var keys: Range<QueueKey> { queues.indices }

  /// Queues whose next reading has not been queued with the other messages.
  var idleKeys: [QueueKey] { queues.indices.filter { queues[$0].state.phase == .idle } }

  /// Readings that are not delivered.
  var count: Int { queues.reduce(0) { $0 + $1.count } }

  func meter(of key: QueueKey) -> String { queues[key].meter }

  mutating func change<Result>(_ key: QueueKey, _ body: (inout TopicState) -> Result) -> Result {
    body(&queues[key].state)
  }

  // MARK: In

  /// The queue of a meter, configured or not.
  private mutating func key(of meter: String) -> QueueKey {
    if let key = keysByMeter[meter] { return key }
    queues.append(ReadingQueue(meter))
    keysByMeter[meter] = queues.count - 1
    return queues.count - 1
  }

  private var bytesAtHand: Int { queues.reduce(0) { $0 + $1.bytes } }

  /// A new reading; returns the queue that took it.
  mutating func offer(_ payload: [UInt8], number: Int64, of meter: String, isConnected: Bool) -> QueueKey {
    let key = key(of: meter)
    queues[key].offer(number, payload, isRoom: isConnected && bytesAtHand < Limits.bytesAtHand)
    return key
  }

  /// The journal's report; returns the queues that it concerns.
  mutating func take(_ report: JournalReport) -> Range<QueueKey> {
    switch report {
    case .opened(let left):
      isOpen = true
      for (meter, numbers) in left { queues[key(of: meter)].recall(numbers) }
      return keys
    case .fetched(let meter, let after, let entries):
      let key = key(of: meter)
      queues[key].take(entries, after: after)
      return key..<key + 1
    }
  }

  // MARK: Out

  /// Whether the queue's next reading may go out now.
  func isDue(_ key: QueueKey, at now: Instant) -> Bool {
    guard isOpen, let due = queues[key].due else { return false }
    return due <= now
  }

  /// The next reading, from now on in flight.
  mutating func handOver(_ key: QueueKey, at now: Instant, pace: Milliseconds) -> [UInt8]? {
    isOpen ? queues[key].handOver(at: now, pace: pace) : nil
  }

  /// The broker has answered a reading. Delivered or refused, the journal need not keep it.
  mutating func finish(_ key: QueueKey, at now: Instant) {
    guard let number = queues[key].finish() else { return }
    delivered.add(DeliveredReadings(meter: queues[key].meter, numbers: number...number))
    deliveredDue = deliveredDue ?? now + Limits.deliveredPause
  }

  mutating func disconnected() {
    for key in keys { queues[key].disconnected() }
  }

  // MARK: Time

  /// The journal is to open from now on; readings wait for it, but not for ever.
  mutating func awaitJournal(from now: Instant) { openingUntil = openingUntil ?? now + Limits.journalOpening }

  /// True, once, when the journal has not opened in time.
  mutating func givesUpOnJournal(at now: Instant) -> Bool {
    guard !isOpen, let openingUntil, openingUntil <= now else { return false }
    isOpen = true
    return true
  }

  /// When a reading may go out, or the journal is to be told something.
  func deadline(isConnected: Bool, at now: Instant) -> Instant? {
    var times = [deliveredDue, isOpen ? nil : openingUntil].compactMap { $0 }
    if isConnected, isOpen { times += queues.compactMap(\.due).filter { $0 > now } }
    return times.min()
  }

  // MARK: To the journal

  /// Tells the journal of the connection and of what was delivered. `post` says whether it had room; false where it had
  /// none.
  mutating func tellJournal(isConnected: Bool, all: Bool, at now: Instant, _ post: (JournalOrder) -> Bool) -> Bool {
    if toldConnected != isConnected {
      guard post(.connection(isUp: isConnected)) else { return false }
      toldConnected = isConnected
    }
    if let due = deliveredDue, due <= now || all {
      guard post(.delivered(delivered)) else { return false }
      delivered = []
      deliveredDue = nil
    }
    return true
  }

  /// Asks the journal for readings. Meters take turns, a few at a time.
  mutating func askJournal(_ post: (JournalOrder) -> Bool) -> Bool {
    guard isOpen else { return true }
    var room = Limits.fetches - queues.count(where: \.isAsked)
    guard room > 0, bytesAtHand < Limits.bytesAtHand else { return true }
    let first = turn
    for step in queues.indices where room > 0 {
      let key = (first + step) % queues.count
      guard let after = queues[key].wanted else { continue }
      guard post(.fetch(meter: queues[key].meter, after: after)) else { return false }
      queues[key].ask()
      room -= 1
      turn = key + 1
    }
    return true
  }
}
