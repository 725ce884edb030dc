package import Base

/// Messages of one connection that were handed over and not yet answered, by their packet identifiers.
package struct InFlightMessages: Sendable {
  private struct Message {
    var item: Outbox.Item
    var since: Instant
    /// QoS 1. A message of QoS 0 is done when it is written, which says nothing about the broker.
    var isAcknowledged: Bool
  }

  private var messages: [Int32: Message] = [:]
  private var lastAnswer = Instant.past
  /// When the youngest acknowledged message had been sent.
  private var youngestAnswered = Instant.past

  package init() {}

  /// Adds a message that was handed over.
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

  /// Whether an acknowledgement is overdue. On a slow line the oldest message may wait for long while others are answered.
  /// But a broker acknowledges in the order of the messages (MQTT 5, 4.6), so a message that was overtaken gets no answer.
  package func isStuck(at now: Instant, patience: Milliseconds) -> Bool {
    guard let oldest = messages.values.lazy.filter(\.isAcknowledged).map(\.since).min() else { return false }
    return now - (oldest < youngestAnswered ? oldest : max(oldest, lastAnswer)) >= patience
  }
}
