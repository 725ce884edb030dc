package import MQTT

/// Tells devices apart. Never given twice, so that a late acknowledgement never meets another device.
package typealias DeviceKey = Int

/// Tells the queues of readings apart.
package typealias QueueKey = Int

extension Outbox {
  /// What a message is about; each has one topic.
  package enum Item: Hashable, Sendable {
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
  package struct Outgoing: Equatable, Sendable {
    package var item: Item
    package var topic: String
    package var payload: [UInt8]
    package var qos: Int32
    package var retain: Bool
  }

  /// A message that was not taken.
  package struct Refused: Equatable, Sendable {
    /// A meter's id, or `bridge`.
    package var meter: String
    package var source: String
    package var protocolName: String
    package var topic: String
    /// The refused value of a state topic.
    package var value: String?
    package var refusal: Refusal
  }
}
