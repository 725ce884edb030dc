internal import Base
internal import Meters

/// The readings of all meters on their way to the broker, with the reports and questions to the journal.
struct ReadingQueues: Sendable {
  /// In the order in which the meters came.
  private var queues: [ReadingQueue] = []
  private var keysByMeter: [String: QueueKey] = [:]

  /// Whether the journal has reported the readings of earlier runs. Readings of this run come after them.
  private var isOpen = false
  /// Readings wait for the journal until then.
  private var openingUntil: Instant?
  /// Readings that the journal does not know as delivered yet.
  private var delivered: [DeliveredReadings] = []
  private var deliveredDue: Instant?
  /// The last report to the journal about the connection.
  private var toldConnected: Bool?
  /// The queue that comes first with its next question.
  private var turn = 0
  /// When the readings of the last outage may go out on this connection; nil without one.
  private var opening: Instant?
  private var hasBeenConnected = false
  private var isReconnected = false
  /// The time from a connect to `opening`. If it is 0, the queues do not look for subscribers either.
  private let replayAfter: Milliseconds

  init(replayAfter: Milliseconds) { self.replayAfter = replayAfter }

  var keys: Range<QueueKey> { queues.indices }

  /// Queues whose next reading has not been queued with the other messages.
  var idleKeys: [QueueKey] { queues.indices.filter { queues[$0].state.phase == .idle } }

  /// The number of readings that are not delivered.
  var count: Int { queues.reduce(0) { $0 + $1.count } }

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

  /// Takes a new reading. Returns its queue.
  mutating func offer(_ payload: [UInt8], number: Int64, of meter: String, at now: Instant) -> QueueKey {
    let key = key(of: meter)
    queues[key].offer(
      number, payload, isRoom: opening != nil && bytesAtHand < Limits.bytesAtHand, isOfOutage: isOfOutage(now))
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
    guard isOpen, let opening, let due = queues[key].due(opening) else { return false }
    return due <= now
  }

  /// The next reading, which is in flight from now on.
  mutating func handOver(_ key: QueueKey, at now: Instant, pace: Milliseconds) -> [UInt8]? {
    guard isOpen, let opening else { return nil }
    return queues[key].handOver(at: now, opening: opening, pace: pace)
  }

  /// The broker has answered a reading. Delivered or refused, the journal need not keep it.
  mutating func finish(_ key: QueueKey, isHeard: Bool, at now: Instant) {
    guard let number = queues[key].finish(isHeard: isHeard || replayAfter == 0, at: now) else { return }
    delivered.add(DeliveredReadings(meter: queues[key].meter, numbers: number...number))
    deliveredDue = deliveredDue ?? now + Limits.deliveredPause
  }

  mutating func connected(at now: Instant) {
    opening = now + replayAfter
    isReconnected = hasBeenConnected
    hasBeenConnected = true
  }

  mutating func disconnected() {
    opening = nil
    for key in keys { queues[key].disconnected() }
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
    var times = [deliveredDue, isOpen ? nil : openingUntil].compactMap { $0 }
    if let opening, isOpen {
      times += queues.flatMap { [$0.due(opening), $0.fetchDue(opening)] }.compactMap { $0 }.filter { $0 > now }
    }
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
      guard post(.delivered(delivered)) else { return false }
      delivered = []
      deliveredDue = nil
    }
    return true
  }

  /// Asks the journal for readings, for a few meters at a time in turn. Returns false if `post` was full.
  mutating func askJournal(at now: Instant, _ post: (JournalOrder) -> Bool) -> Bool {
    guard isOpen, let opening else { return true }
    var room = Limits.fetches - queues.count(where: \.isAsked)
    guard room > 0, bytesAtHand < Limits.bytesAtHand else { return true }
    let first = turn
    for step in queues.indices where room > 0 {
      let key = (first + step) % queues.count
      guard let due = queues[key].fetchDue(opening), due <= now else { continue }
      guard post(.fetch(meter: queues[key].meter, after: queues[key].fetchStart)) else { return false }
      queues[key].ask()
      room -= 1
      turn = key + 1
    }
    return true
  }
}
