internal import Base

/// The bridge's own topics: where each is on its way out, and what the next messages say.
struct BridgeTopics: Sendable {
  private var states: [Outbox.Item: TopicState] = [:]
  private var deadLetters = Queue<[UInt8]>()
  /// The newest document of `bridge/health`.
  var health: [UInt8]?

  var hasDeadLetters: Bool { !deadLetters.isEmpty }

  /// False where too many wait already.
  mutating func addDeadLetter(_ event: [UInt8]) -> Bool {
    guard deadLetters.count < Limits.deadLetterEvents else { return false }
    deadLetters.append(event)
    return true
  }

  mutating func takeDeadLetter() -> [UInt8]? { deadLetters.popFirst() }

  mutating func change<Result>(_ item: Outbox.Item, _ body: (inout TopicState) -> Result) -> Result {
    body(&states[item, default: TopicState()])
  }

  mutating func disconnected() {
    states.removeAll()
    deadLetters.removeAll()
  }
}
