internal import Base
internal import MQTT

/// The order in which messages go out on a connection, what is in flight, and the goodbye.
package struct SendQueue: Sendable {
  /// How a clean end came out.
  package enum Ending: Sendable {
    /// `offline` stands on the broker: DISCONNECT.
    case clean
    /// It does not, so the broker must publish the will.
    case abandoned
  }

  /// State topics, in the order in which they go out.
  private var states = Queue<Outbox.Item>()
  /// Readings and dead letters: they take turns with the states, but not before these have caught up after a connect.
  private var background = Queue<Outbox.Item>()
  /// Whether the greeting of this connection is queued; nothing goes before it.
  private(set) var isGreeted = false
  private var isCatchingUp = false
  private var wasStateLast = false
  private var inFlight: Set<Outbox.Item> = []
  private var poison = PoisonMessageDetector()

  private var stopSince: Instant?
  private(set) var isFarewellSent = false
  private(set) var ending: Ending?

  var isStopping: Bool { stopSince != nil }

  /// Messages that wait or are not acknowledged.
  var count: Int { states.count + background.count + poison.count + inFlight.count }

  // MARK: In

  /// The messages of the greeting follow.
  mutating func greet() {
    isGreeted = true
    isCatchingUp = true
  }

  mutating func append(_ item: Outbox.Item) {
    if item.isKept { states.append(item) } else { background.append(item) }
  }

  // MARK: Out

  /// The next message to write; nil where nothing is due or the window is full. Suspects of having cost a connection go
  /// last and alone.
  mutating func next(window: Int, at now: Instant) -> Outbox.Item? {
    guard inFlight.count < window, !poison.isTrying else { return nil }
    if isStopping || !poison.isDue(at: now) {
      while let item = nextItem(at: now) {
        if !poison.holds(item, at: now) { return item }
      }
      guard !isStopping, poison.isDue(at: now, isAlone: true) else { return nil }
    }
    return inFlight.isEmpty ? poison.nextTrial() : nil
  }

  private mutating func nextItem(at now: Instant) -> Outbox.Item? {
    if let stopSince, isFarewellSent || now - stopSince >= Milliseconds(Limits.lastValues) { return farewell() }
    if states.isEmpty { isCatchingUp = false }
    let takesState = !states.isEmpty && (isCatchingUp || background.isEmpty || !wasStateLast)
    wasStateLast = takesState
    if let item = takesState ? states.popFirst() : background.popFirst() { return item }
    return isStopping && inFlight.isEmpty ? farewell() : nil
  }

  private mutating func farewell() -> Outbox.Item? {
    guard !isFarewellSent, !inFlight.contains(.state) else { return nil }
    isFarewellSent = true
    return .state
  }

  /// The message that `next` named turned out to be empty.
  mutating func skip(_ item: Outbox.Item) { poison.answered(item) }

  /// The message is in flight, unless it is refused here for having cost connections: then why.
  mutating func begin(_ item: Outbox.Item) -> Refusal? {
    inFlight.insert(item)
    return poison.refusal(of: item)
  }

  mutating func handedOver(_ outgoing: Outbox.Outgoing, bytes: Int, at now: Instant) {
    poison.handedOver(outgoing, bytes: bytes, at: now)
  }

  /// A message in flight was answered; false for any other.
  mutating func finish(_ item: Outbox.Item) -> Bool {
    guard inFlight.remove(item) != nil else {
      assertionFailure("\(item) is answered, but not in flight")
      return false
    }
    poison.answered(item)
    return true
  }

  /// `bridge/state` was answered; the farewell is the last one.
  mutating func finishState(isRefused: Bool) {
    if isFarewellSent { ending = isRefused ? .abandoned : .clean }
  }

  // MARK: Poison messages

  /// Whether a message is suspected of costing the connection, or known to.
  var isDoubting: Bool { poison.isDoubting }

  /// Whether the refusal of a message deserves a dead letter.
  mutating func isNews(_ item: Outbox.Item) -> Bool { poison.isNews(item) }

  /// A connection that carried messages has ended. Returns the message that it ended over, if that is clear enough.
  mutating func cut(_ cause: DisconnectCause, at now: Instant) -> Outbox.Item? { poison.cut(cause, at: now) }

  /// The broker was away, or is another one by now.
  mutating func forgetPoison() { poison.forget() }

  // MARK: Time

  /// When a message may go out, or the farewell is due.
  func deadline(at now: Instant) -> Instant? {
    let trial = inFlight.isEmpty ? poison.deadline : nil
    guard let stopSince else { return trial }
    let lastValues = stopSince + Milliseconds(Limits.lastValues)
    let farewell = lastValues > now ? lastValues : stopSince + Milliseconds(Limits.farewell)
    return min(trial ?? farewell, farewell)
  }

  /// The last values go out, then the farewell.
  mutating func stop(at now: Instant) { stopSince = now }

  mutating func tick(isConnected: Bool, at now: Instant) {
    guard let stopSince, ending == nil else { return }
    if !isConnected || now - stopSince >= Milliseconds(Limits.farewell) { ending = .abandoned }
  }

  mutating func disconnected() {
    states.removeAll()
    background.removeAll()
    inFlight.removeAll()
    poison.disconnected()
    isGreeted = false
    isFarewellSent = false
  }
}
