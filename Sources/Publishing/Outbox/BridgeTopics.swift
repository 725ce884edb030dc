internal import Base

/// The bridge's own topics: the state of each, and the payloads of the next messages.
struct BridgeTopics: Sendable {
  private var states: [Outbox.Item: TopicState] = [:]
  private var deadLetters = Queue<[UInt8]>()
  /// The newest document of `bridge/health`.
  var health: [UInt8]?

  var hasDeadLetters: Bool { !deadLetters.isEmpty }

  /// False if too many wait already.
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
