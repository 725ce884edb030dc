internal import MQTT

/// Where one topic is on its way out. At most one message of a topic is in flight at a time.
struct TopicState: Sendable {
  enum Phase: Sendable {
    case idle
    /// Something new, held until the shortest interval between two messages has passed.
    case held
    case queued
    /// Handed over and not yet acknowledged.
    case inFlight
  }

  var phase = Phase.idle
  /// It goes out even if nothing is new: after a connect or a birth, or because its heartbeat is due.
  var isForced = false
  /// Once more, as something happened while it was in flight.
  var isAgain = false
  /// The refusal that has been told, until a message is taken or the connection is a new one.
  var told: Refusal?

  /// Something is due. True where the topic must be queued, as it is neither queued nor in flight.
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

  /// The message was answered, or turned out to be empty. True where another one is due.
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

  /// Lets code that reaches a state through several optionals change it.
  mutating func change<Result>(_ body: (inout TopicState) -> Result) -> Result { body(&self) }
}
