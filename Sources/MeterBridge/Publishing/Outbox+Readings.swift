// The readings: what lies ready comes with publications and from the journal, and the journal is told what was delivered.
extension Outbox {
  /// What is known of the journal.
  struct JournalLink: Sendable {
    /// Whether it has said what earlier runs left; readings of this run come after those.
    var isOpen = false
    /// Until then readings wait for that.
    var openingUntil: Instant?
    /// What it is still to be told.
    var delivered: [DeliveredReadings] = []
    var deliveredDue: Instant?
    /// What it was last told of the connection.
    var toldConnected: Bool?
    /// The line that is looked at first for the next question.
    var turn = 0
  }

  // MARK: In

  mutating func takeReading(_ publication: Publication, at now: Instant) {
    guard let payload = publication.reading else { return }
    let key = queue(of: publication.device.id)
    let isRoom = connection != nil && bytesAtHand < Limits.bytesAtHand
    queues[key].offer(publication.number, payload, isRoom: isRoom)
    advance(key, at: now)
  }

  mutating func take(_ report: JournalReport, at now: Instant) {
    switch report {
    case .opened(let left):
      journal.isOpen = true
      for (meter, numbers) in left { queues[queue(of: meter)].recall(numbers) }
      for key in queues.indices { advance(key, at: now) }
    case .fetched(let meter, let after, let entries):
      let key = queue(of: meter)
      queues[key].take(entries, after: after)
      advance(key, at: now)
    }
  }

  /// The line of a meter, which may be one that is configured no longer.
  private mutating func queue(of meter: String) -> QueueKey {
    if let key = queueKeys[meter] { return key }
    queues.append(ReadingQueue(meter))
    queueKeys[meter] = queues.count - 1
    return queues.count - 1
  }

  private var bytesAtHand: Int { queues.reduce(0) { $0 + $1.bytes } }

  // MARK: Out

  /// Puts a line's next reading in line with those of the other meters, if it may go out now.
  mutating func advance(_ key: QueueKey, at now: Instant) {
    guard journal.isOpen, let due = queues[key].due, due <= now else { return }
    mark(.reading(key))
  }

  /// A reading was answered; delivered or refused, it need not be kept.
  mutating func finishReading(_ key: QueueKey, at now: Instant) {
    if let number = queues[key].finish() {
      journal.delivered.add(DeliveredReadings(meter: queues[key].meter, numbers: number...number))
      journal.deliveredDue = journal.deliveredDue ?? now + Limits.deliveredPause
    }
    advance(key, at: now)
  }

  // MARK: Time

  /// When a reading may go out, or the journal is to be told something.
  func readingsDeadline(at now: Instant) -> Instant? {
    var times = [journal.deliveredDue, journal.isOpen ? nil : journal.openingUntil].compactMap { $0 }
    if connection != nil, journal.isOpen { times += queues.compactMap(\.due).filter { $0 > now } }
    return times.min()
  }

  mutating func tickReadings(at now: Instant) {
    if !journal.isOpen, let until = journal.openingUntil, until <= now {
      journal.isOpen = true
      notes.append("the journal has not been opened in time: readings of an earlier run come after new ones")
    }
    guard connection != nil else { return }
    for key in queues.indices where queues[key].state.phase == .idle { advance(key, at: now) }
  }

  // MARK: To the journal

  /// Hands the journal's orders to `post`, which says whether there was room; false where there was none.
  mutating func placeOrders(at now: Instant, _ post: (JournalOrder) -> Bool) -> Bool {
    let isConnected = connection != nil
    if journal.toldConnected != isConnected {
      guard post(.connection(isUp: isConnected)) else { return false }
      journal.toldConnected = isConnected
    }
    if let due = journal.deliveredDue, due <= now || stopSince != nil {
      guard post(.delivered(journal.delivered)) else { return false }
      journal.delivered = []
      journal.deliveredDue = nil
    }
    return isConnected && journal.isOpen && ending == nil ? askForReadings(post) : true
  }

  /// Meters take turns, a few at a time.
  private mutating func askForReadings(_ post: (JournalOrder) -> Bool) -> Bool {
    var room = Limits.fetches - queues.count(where: \.isAsked)
    guard room > 0, bytesAtHand < Limits.bytesAtHand else { return true }
    let first = journal.turn
    for step in queues.indices where room > 0 {
      let key = (first + step) % queues.count
      guard let after = queues[key].wanted else { continue }
      guard post(.fetch(meter: queues[key].meter, after: after)) else { return false }
      queues[key].ask()
      room -= 1
      journal.turn = key + 1
    }
    return true
  }
}
