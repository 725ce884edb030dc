internal import MQTT

/// Tells devices apart. Never given twice, so that a late acknowledgement never meets another device.
typealias DeviceKey = Int

/// Tells the queues of readings apart.
typealias QueueKey = Int

extension Outbox {
  /// What a message is about; each has one topic.
  enum Item: Hashable, Sendable {
    case state, info, health, deadLetter, bridgeDiscovery
    case availability(DeviceKey)
    case discovery(DeviceKey)
    case value(DeviceKey, Int)
    case reading(QueueKey)
    /// An empty payload for a topic that is ours no longer.
    case clearing(Int)

    /// Retained; the others are events, and each one counts.
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
    /// The refused value of a state topic.
    var value: String?
    var refusal: Refusal
  }
}
