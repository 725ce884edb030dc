package import MQTT

/// Identifies a device. It is never used twice, so that a late acknowledgement never meets another device.
package typealias DeviceKey = Int

/// Identifies a queue of readings.
package typealias QueueKey = Int

extension Outbox {
  /// The subject of a message. Each has one topic.
  package enum Item: Hashable, Sendable {
    case state, info, health, deadLetter, answer, bridgeDiscovery
    case availability(DeviceKey)
    case discovery(DeviceKey)
    /// The classic document of one of the bridge's entities.
    case bridgeEntity(Int)
    /// The classic document of a field.
    case entity(DeviceKey, Int)
    /// The classic document of a meter's button.
    case button(DeviceKey)
    case value(DeviceKey, Int)
    case reading(QueueKey)
    /// An empty payload for a topic that is not in use any more.
    case clearing(Int)

    /// Whether it is a field of a device, or the document of one.
    func isOfField(of device: DeviceKey) -> Bool {
      switch self {
      case .value(device, _), .entity(device, _): true
      default: false
      }
    }

    /// Whether it is retained. The others are events, and each of them counts.
    var isKept: Bool {
      switch self {
      case .reading, .deadLetter, .answer: false
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
    package var properties: [UserProperty] = []
  }

  /// A refused message.
  package struct Refused: Equatable, Sendable {
    /// A meter's id, or `bridge`.
    package var meter: String
    package var source: String
    package var protocolName: String
    package var topic: String
    /// The refused value of a state topic.
    package var value: String?
    package var refusal: Refusal
    /// The broker's own words about it.
    var words: String?

    /// One sentence for the user.
    package var text: String { refusal.text(saying: words) }
  }
}
