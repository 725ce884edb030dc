/// Messages of one connection that were handed over and are not through yet, by their packet identifiers.
struct InFlightMessages: Sendable {
  private struct Message {
    var item: Outbox.Item
    var since: Instant
    /// Of quality of service 1. One of 0 is through when it is written, which tells nothing of the broker.
    var isAcknowledged: Bool
  }

  private var messages: [Int32: Message] = [:]
  private var lastAnswer = Instant.past
  /// When the youngest message that was acknowledged had been sent.
  private var youngestAnswered = Instant.past

  /// Takes a message that was handed over.
  mutating func add(_ item: Outbox.Item, id: Int32, qos: Int32, at now: Instant) {
    messages[id] = Message(item: item, since: now, isAcknowledged: qos > 0)
  }

  /// A message is through; nil for one that nobody knows.
  mutating func answered(_ id: Int32, at now: Instant) -> Outbox.Item? {
    guard let message = messages.removeValue(forKey: id) else { return nil }
    if message.isAcknowledged {
      lastAnswer = now
      youngestAnswered = max(youngestAnswered, message.since)
    }
    return message.item
  }

  /// Whether an acknowledgement has been waited for in vain. On a slow line the oldest message may wait for long while the
  /// others come in; but a broker acknowledges in the order of the messages (MQTT 5, 4.6), so one that was overtaken has
  /// lost its turn.
  func isStuck(at now: Instant, patience: Milliseconds) -> Bool {
    guard let oldest = messages.values.lazy.filter(\.isAcknowledged).map(\.since).min() else { return false }
    return now - (oldest < youngestAnswered ? oldest : max(oldest, lastAnswer)) >= patience
  }
}
