/// The state of one topic. At most one message of a topic is in flight at a time.
struct TopicState: Sendable {
  enum Phase: Sendable {
    case idle
    /// A new value waits for the end of the shortest interval.
    case held
    case queued
    /// Handed over and not yet acknowledged.
    case inFlight
  }

  var phase = Phase.idle
  /// Whether it goes out without news: after a connect or a birth, or because its heartbeat is due.
  var isForced = false
  /// Whether another message is due, because of news during the flight.
  var isAgain = false

  /// A message is due. Returns whether the topic must be queued, because it is not queued or in flight.
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

  /// The message was answered, or turned out to be empty. Returns whether another one is due.
  mutating func finish() -> Bool {
    defer { isAgain = false }
    phase = .idle
    return isAgain
  }

  /// Changes a state behind several optionals.
  mutating func change<Result>(_ body: (inout TopicState) -> Result) -> Result { body(&self) }
}
