internal import Base
internal import MQTT

/// Finds the message for which a broker ends the connection.
///
/// A broker cannot say in MQTT 3.1.1 that a message is too large or not allowed. Many brokers close the connection
/// instead. The same message then closes each new connection, and all others wait behind it.
///
/// So the messages in flight are suspects when a young connection is cut and the broker is back at once. On the next
/// connections, suspects and all long messages go last, each alone. A message that is alone in flight at three cuts is
/// poison. The bridge refuses it until the broker was away, or a connection lasts.
struct PoisonMessageDetector: Sendable {
  private struct Sent: Sendable {
    var at: Instant
    /// Whether the broker acknowledges it. If not, the bridge cannot know whether the broker took it.
    var isAcknowledged: Bool
  }

  /// Suspects, and the number of cuts at which each was alone in flight.
  private var strikes: [Outbox.Item: Int] = [:]
  private var barred: [Outbox.Item: Refusal] = [:]
  private var told: Set<Outbox.Item> = []

  // This connection.
  private var since: Instant?
  /// Messages that were handed over without a sign that the broker took them.
  private var sent: [Outbox.Item: Sent] = [:]
  private var waiting = Queue<Outbox.Item>()
  private var trial: (item: Outbox.Item, bytes: Int)?

  /// The first messages are not the reason for the end of a connection that lasted this long.
  private static let young = Milliseconds.seconds(10)
  /// Trials begin this long after CONNACK. Another client with the same id would cut the connection sooner.
  private static let quiet = Milliseconds.seconds(2)
  /// A message without acknowledgement is suspect this long.
  private static let recent = Milliseconds.seconds(2)
  /// This many cuts in a row are not an accident of a bad network.
  private static let strikesOfTheFirst = 3
  /// After the first poison message an accident is less likely.
  private static let strikesOfOthers = 2

  /// Whether any message is a suspect or poison.
  var isDoubting: Bool { !strikes.isEmpty || !barred.isEmpty }
  /// Whether a message is on trial. It goes alone.
  var isTrying: Bool { trial != nil }
  /// The number of messages that wait for their trial.
  var count: Int { waiting.count }

  /// When trials may begin; nil if no message waits for one.
  var deadline: Instant? { waiting.isEmpty || isTrying ? nil : since.map { $0 + Self.quiet } }

  /// Whether a trial may begin; `isAlone` if nothing else is queued.
  func isDue(at now: Instant, isAlone: Bool = false) -> Bool {
    guard let due = deadline else { return false }
    // After a poison message was found, another client is not the cause. So the quiet time is not needed.
    return due <= now || isAlone && !barred.isEmpty
  }

  // MARK: Going out

  /// True for a message that has to wait for its trial.
  mutating func holds(_ item: Outbox.Item, at now: Instant) -> Bool {
    if since == nil { since = now }
    guard isDoubting, barred[item] == nil, strikes[item] != nil || item.isDocument else { return false }
    waiting.append(item)
    return true
  }

  /// The next message to be tried, alone.
  mutating func nextTrial() -> Outbox.Item? {
    let item = waiting.popFirst()
    trial = item.map { ($0, 0) }
    return item
  }

  /// Why the bridge does not send a message at all.
  func refusal(of item: Outbox.Item) -> Refusal? { barred[item] }

  /// False for a barred message whose refusal has been told.
  mutating func isNews(_ item: Outbox.Item) -> Bool { barred[item] == nil || told.insert(item).inserted }

  mutating func handedOver(_ outgoing: Outbox.Outgoing, bytes: Int, at now: Instant) {
    sent[outgoing.item] = Sent(at: now, isAcknowledged: outgoing.qos > 0)
    if trial?.item == outgoing.item { trial?.bytes = bytes }
  }

  /// The message was answered, or turned out to be empty.
  mutating func answered(_ item: Outbox.Item) {
    if trial?.item == item { trial = nil }
    guard sent[item]?.isAcknowledged != false else { return }
    sent[item] = nil
    strikes[item] = nil
  }

  // MARK: The connection

  /// The connection has ended. Returns the message that caused it, if that is clear enough.
  mutating func cut(_ cause: DisconnectCause, at now: Instant) -> Outbox.Item? {
    let reason: Refusal?
    switch cause {
    case .lost: reason = nil
    case .reason(let code, _):
      guard let named = Refusal(named: code) else { return forget() }
      reason = named
    default: return forget()
    }
    if let trial {
      let count = strikes[trial.item, default: 0] + 1
      strikes[trial.item] = count
      if count >= (barred.isEmpty ? Self.strikesOfTheFirst : Self.strikesOfOthers) {
        strikes[trial.item] = nil
        barred[trial.item] = reason ?? .connectionCut(bytes: trial.bytes)
      }
      return trial.item
    }
    guard reason != nil || since.map({ now - $0 < Self.young }) == true else { return forget() }
    for (item, sent) in sent where sent.isAcknowledged || now - sent.at <= Self.recent {
      strikes[item, default: 0] += 0
    }
    return nil
  }

  mutating func disconnected() {
    since = nil
    sent = [:]
    waiting.removeAll()
    trial = nil
  }

  /// The broker was away, or another broker answers now.
  @discardableResult
  mutating func forget() -> Outbox.Item? {
    self = PoisonMessageDetector()
    return nil
  }
}

extension Outbox.Item {
  /// Whether its payload is a document, which may be long.
  fileprivate var isDocument: Bool {
    switch self {
    case .state, .availability, .value, .answer, .clearing: false
    case .info, .health, .deadLetter, .bridgeDiscovery, .discovery, .bridgeEntity, .entity, .button, .reading: true
    }
  }
}

extension Refusal {
  /// The refusal of a message, as the reason for ending a connection; nil for any other reason.
  fileprivate init?(named code: UInt8) {
    guard let refusal = Refusal(reason: Int32(code)), refusal != .reason(code) else { return nil }
    self = refusal
  }
}
