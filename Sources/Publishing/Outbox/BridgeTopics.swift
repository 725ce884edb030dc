internal import Base

/// The bridge's own topics: the state of each, and the payloads of the next messages.
struct BridgeTopics: Sendable {
  private var states: [Outbox.Item: TopicState] = [:]
  private var deadLetters = Queue<[UInt8]>()
  /// The newest answer for each device, oldest first.
  private var answers: [(device: String, text: String)] = []
  /// The newest document of `bridge/health`.
  var health: [UInt8]?

  var hasDeadLetters: Bool { !deadLetters.isEmpty }
  var hasAnswers: Bool { !answers.isEmpty }
  /// The device of the next answer.
  var answered: String? { answers.first?.device }

  /// False if too many wait already.
  mutating func addDeadLetter(_ event: [UInt8]) -> Bool {
    guard deadLetters.count < Limits.deadLetterEvents else { return false }
    deadLetters.append(event)
    return true
  }

  /// A second request before the first answer is out gets the newer answer alone.
  mutating func addAnswer(_ text: String, to device: String) {
    answers.removeAll { $0.device == device }
    answers.append((device, text))
  }

  mutating func takeAnswer() -> String? { answers.isEmpty ? nil : answers.removeFirst().text }

  mutating func takeDeadLetter() -> [UInt8]? { deadLetters.popFirst() }

  mutating func change<Result>(_ item: Outbox.Item, _ body: (inout TopicState) -> Result) -> Result {
    body(&states[item, default: TopicState()])
  }

  mutating func disconnected() {
    states.removeAll()
    deadLetters.removeAll()
    answers.removeAll()
  }
}
