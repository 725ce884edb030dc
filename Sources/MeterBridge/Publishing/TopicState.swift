internal import MQTT

/// Where one topic is on its way out. At most one message of a topic is under way at a time.
struct TopicState: Sendable {
  enum Phase: Sendable {
    case idle
    /// Something new, held until the shortest interval between two messages has passed.
    case held
    /// In line.
    case queued
    /// PublishResult over and not yet acknowledged.
    case inFlight
  }

  var phase = Phase.idle
  /// It goes out even where nothing is new: after a connect or a birth, or because its heartbeat is due.
  var isForced = false
  /// Once more, as something happened while it was under way.
  var isAgain = false
  /// The refusal that has been told, until a message is taken or the connection is a new one.
  var told: Refusal?

  /// Something is due. True where the topic must be put in line, as it neither stands there nor is under way.
  mutating func mark(force: Bool) -> Bool {
    isForced = isForced || force
    switch phase {
    case .idle, .held:
      phase = .queued
      return true
    case .queued: return false
    case .inFlight:
      isAgain = true
      return false
    }
  }

  /// The message was handed over.
  mutating func handOver() {
    phase = .inFlight
    isForced = false
  }

  /// The message was answered, or there was none to send. True where another one is due.
  mutating func finish() -> Bool {
    defer { isAgain = false }
    phase = .idle
    return isAgain
  }

  /// True where this refusal is news.
  mutating func isNews(_ refusal: Refusal?) -> Bool {
    defer { told = refusal }
    return refusal != nil && told != refusal
  }

  /// A door for code that reaches a state through several optionals.
  mutating func change<Result>(_ body: (inout TopicState) -> Result) -> Result { body(&self) }
}

/// Tells devices apart. Never given twice, so that a late acknowledgement never meets another device.
typealias DeviceKey = Int

/// Tells the lines of readings apart.
typealias QueueKey = Int

extension Outbox {
  /// What a message is about; there is one topic for each.
  enum Item: Hashable, Sendable {
    case state, info, health, deadLetter, bridgeDiscovery
    case availability(DeviceKey)
    case discovery(DeviceKey)
    case value(DeviceKey, Int)
    case reading(QueueKey)
    /// An empty payload for a topic that is ours no longer.
    case clearing(Int)

    /// Retained; the others are events, of which each one counts.
    var isKept: Bool {
      switch self {
      case .reading, .deadLetter: false
      default: true
      }
    }
  }

  /// A message to be handed to the broker.
  struct Outgoing: Equatable, Sendable {
    var item: Item
    var topic: String
    var payload: [UInt8]
    var qos: Int32
    var retain: Bool
  }

  /// A message that was not taken.
  struct Refused: Equatable, Sendable {
    /// A meter's id, or `bridge`.
    var meter: String
    var source: String
    var protocolName: String
    var topic: String
    /// What stood on a state topic.
    var value: String?
    var refusal: Refusal
  }
}
