internal import Base
internal import MQTT

/// The order of messages on a connection, the messages in flight, and the farewell.
package struct SendQueue: Sendable {
  /// The result of a clean end.
  package enum Ending: Sendable {
    /// The broker has `offline`, so DISCONNECT follows.
    case clean
    /// The broker does not have `offline`, so it must publish the will.
    case abandoned
  }

  /// State topics, in their order.
  private var states = Queue<Outbox.Item>()
  /// Readings and dead letters. They take turns with the states, after all states went out once on a new connection.
  private var background = Queue<Outbox.Item>()
  /// Whether the greeting of this connection is queued. It goes before all other messages.
  private(set) var isGreeted = false
  private var isCatchingUp = false
  private var wasStateLast = false
  private var inFlight: Set<Outbox.Item> = []
  private var poison = PoisonMessageDetector()
  /// The last refusal of each message, until one of its topic is accepted or the connection is a new one.
  private var refusals: [Outbox.Item: Refusal] = [:]

  private var stopSince: Instant?
  private(set) var isFarewellSent = false
  private(set) var ending: Ending?

  var isStopping: Bool { stopSince != nil }

  /// The number of messages that wait or are not acknowledged.
  var count: Int { states.count + background.count + poison.count + inFlight.count }

  /// Whether a message, or the end, waits for those in flight.
  var waitsForAnswers: Bool { isStopping || count > inFlight.count }

  var readingsInFlight: Int { inFlight.count { if case .reading = $0 { true } else { false } } }

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

  /// The next message to write; nil if nothing is due or the window is full. Messages that may have cost a connection
  /// go last and alone.
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

  /// The message is in flight. Returns a refusal instead if the message is poison.
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

  /// `bridge/state` was answered. The farewell is the last one.
  mutating func finishState(isRefused: Bool) {
    if isFarewellSent { ending = isRefused ? .abandoned : .clean }
  }

  // MARK: Poison messages

  /// Whether any message is a suspect or poison.
  var isDoubting: Bool { poison.isDoubting }

  /// Notes the answer to a message, nil for success. Returns whether it is a refusal that deserves a dead letter.
  mutating func isNews(_ refusal: Refusal?, of item: Outbox.Item) -> Bool {
    guard refusal != nil || !refusals.isEmpty else { return false }
    let before = refusals[item]
    refusals[item] = refusal
    return refusal != nil && refusal != before && poison.isNews(item)
  }

  /// Fields of a device are gone. Their places are for others, whose refusals are news.
  mutating func forgetRefusals(of device: DeviceKey) {
    if !refusals.isEmpty { refusals = refusals.filter { !$0.key.isOfField(of: device) } }
  }

  /// A connection that carried messages has ended. Returns the message that caused it, if that is clear enough.
  mutating func cut(_ cause: DisconnectCause, at now: Instant) -> Outbox.Item? { poison.cut(cause, at: now) }

  /// The broker was away, or another broker answers now.
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

  /// The last values go out, and then the farewell.
  mutating func stop(at now: Instant) { stopSince = now }

  mutating func tick(isConnected: Bool, at now: Instant) {
    guard let stopSince, ending == nil else { return }
    if !isConnected || now - stopSince >= Milliseconds(Limits.farewell) { ending = .abandoned }
  }

  mutating func disconnected() {
    states.removeAll()
    background.removeAll()
    inFlight.removeAll()
    refusals.removeAll()
    poison.disconnected()
    isGreeted = false
    isFarewellSent = false
  }
}
