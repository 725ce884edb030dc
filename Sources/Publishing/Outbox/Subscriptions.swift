internal import Base
internal import Meters

/// The topics that the bridge is subscribed to on the current connection.
///
/// They are exact topics, so that a client of the broker cannot send it messages on others. QoS 0 is enough: a session ends with its connection,
/// so the broker does not keep a message for later. nats-server 2.9 allows 63 subscriptions of QoS 1 a session.
struct Subscriptions: Sendable {
  private var standing: Set<String> = []
  /// Whether all topics are asked for anew with the next call of `change`.
  private(set) var isStale = false
  /// Topics to come, so that a new sub-meter asks no other for its topics.
  private var coming: [String] = []

  mutating func expire() { isStale = true }

  /// A topic comes to those that stand, whatever they are.
  mutating func add(_ topic: String) { coming.append(topic) }

  /// Takes the topics of now, nil where only single ones have come, and returns what is to be done; nil for nothing.
  mutating func change(to topics: [String]?) -> Outbox.SubscriptionChange? {
    defer { coming = [] }
    guard let wanted = topics else {
      let added = coming.filter { standing.insert($0).inserted }
      return added.isEmpty ? nil : Outbox.SubscriptionChange(added: added, removed: [])
    }
    isStale = false
    let added = wanted.filter { !standing.contains($0) }
    let removed = standing.subtracting(wanted)
    standing = Set(wanted)
    return added.isEmpty && removed.isEmpty ? nil : Outbox.SubscriptionChange(added: added, removed: removed.sorted())
  }

  mutating func disconnected() { standing = [] }
}

extension Outbox {
  /// Topics to subscribe to, and topics to unsubscribe from.
  package struct SubscriptionChange: Equatable, Sendable {
    package var added: [String]
    package var removed: [String]
  }

  /// What has changed since the last call; nil for nothing, or without a connection.
  package mutating func takeSubscriptionChange() -> SubscriptionChange? {
    guard connection != nil else { return nil }
    return subscriptions.change(to: subscriptions.isStale ? topicsToHear() : nil)
  }

  /// Polled meters can be read at any time. Whatever has totals can have held-back ones. Our own state, because a will may
  /// come late.
  private func topicsToHear() -> [String] {
    let polled = meterOrder.filter { meters?[$0]?.value.isPolled == true }
    let ids = order.compactMap { devices[$0]?.device.id }
    let birth = settings.homeAssistant.discovery.isEmpty ? [] : [settings.homeAssistant.birthTopic]
    return ["\(settings.baseTopic)/bridge/state"] + birth + polled.map { "\(settings.baseTopic)/\($0)/read" }
      + ids.map { "\(settings.baseTopic)/\($0)/accept" }
  }
}
