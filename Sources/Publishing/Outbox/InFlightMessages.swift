package import Base

/// The messages of one connection that wait for their answers, by packet identifier.
package struct InFlightMessages: Sendable {
  private struct Message {
    var item: Outbox.Item
    var since: Instant
    /// Whether it is QoS 1. A message of QoS 0 is done when it is written, even if the broker is stuck.
    var isAcknowledged: Bool
  }

  private var messages: [Int32: Message] = [:]
  private var lastAnswer = Instant.past
  /// When the youngest acknowledged message was sent.
  private var youngestAnswered = Instant.past

  package init() {}

  /// The messages whose acknowledgement is to come.
  package var unanswered: Int { messages.values.count(where: \.isAcknowledged) }

  package mutating func add(_ item: Outbox.Item, id: Int32, qos: Int32, at now: Instant) {
    messages[id] = Message(item: item, since: now, isAcknowledged: qos > 0)
  }

  /// Removes an acknowledged message; nil if the id is unknown.
  package mutating func answered(_ id: Int32, at now: Instant) -> Outbox.Item? {
    guard let message = messages.removeValue(forKey: id) else { return nil }
    if message.isAcknowledged {
      lastAnswer = now
      youngestAnswered = max(youngestAnswered, message.since)
    }
    return message.item
  }

  /// Whether an acknowledgement is overdue.
  ///
  /// On a slow line the oldest message may wait for long while others are answered. But a broker acknowledges messages
  /// in their order (MQTT 5, 4.6). So a message that was overtaken never gets its answer.
  package func isStuck(at now: Instant, patience: Milliseconds) -> Bool {
    guard let oldest = messages.values.lazy.filter(\.isAcknowledged).map(\.since).min() else { return false }
    return now - (oldest < youngestAnswered ? oldest : max(oldest, lastAnswer)) >= patience
  }
}
