internal import CMosquitto

/// Why the broker (MQTT 5, section 3.4.2.1) or the library refused a message.
package enum Refusal: Hashable, Sendable {
  case notAuthorized, packetTooLarge, quotaExceeded, payloadFormatInvalid, topicNameInvalid, retainNotSupported,
    qosNotSupported
  case reason(UInt8)
  case library(Int32)
  /// The broker does not refuse this message of so many bytes, but ends the connection whenever it gets it.
  case connectionCut(bytes: Int)

  /// Nil for the two reasons of success: with and without a subscriber.
  package init?(reason: Int32) {
    switch reason {
    case 0x00, 0x10: return nil
    case 0x87: self = .notAuthorized
    case 0x90: self = .topicNameInvalid
    case 0x95: self = .packetTooLarge
    case 0x97: self = .quotaExceeded
    case 0x99: self = .payloadFormatInvalid
    case 0x9A: self = .retainNotSupported
    case 0x9B: self = .qosNotSupported
    default: self = .reason(UInt8(truncatingIfNeeded: reason))
    }
  }

  /// The library's error for a message that it does not send.
  init(library code: Int32) {
    switch mosq_err_t(code) {
    case MOSQ_ERR_OVERSIZE_PACKET, MOSQ_ERR_PAYLOAD_SIZE: self = .packetTooLarge
    case MOSQ_ERR_MALFORMED_UTF8: self = .topicNameInvalid
    case MOSQ_ERR_RETAIN_NOT_SUPPORTED: self = .retainNotSupported
    case MOSQ_ERR_QOS_NOT_SUPPORTED: self = .qosNotSupported
    default: self = .library(code)
    }
  }

  /// A stable name for dead letters.
  package var code: String {
    switch self {
    case .notAuthorized: "not_authorized"
    case .packetTooLarge: "packet_too_large"
    case .quotaExceeded: "quota_exceeded"
    case .payloadFormatInvalid: "payload_format_invalid"
    case .topicNameInvalid: "topic_name_invalid"
    case .retainNotSupported: "retain_not_supported"
    case .qosNotSupported: "qos_not_supported"
    case .reason: "refused"
    case .library: "not_sent"
    case .connectionCut: "connection_cut"
    }
  }

  /// The same with the broker's own words.
  package func text(saying words: String?) -> String { text + BrokerWords.quoted(words) }

  /// One sentence for the user that says what to check.
  package var text: String {
    switch self {
    case .notAuthorized: "the broker does not allow this topic: check its access list"
    case .packetTooLarge: "the message is larger than the broker takes: check its message size limits"
    case .quotaExceeded: "a quota of the broker is used up"
    case .payloadFormatInvalid: "the broker does not accept the payload"
    case .topicNameInvalid:
      "the broker does not accept the topic's name: check mqtt.base_topic, and the broker's access list, as some brokers "
        + "answer so to a topic that it forbids"
    case .retainNotSupported: "the broker does not keep retained messages"
    case .qosNotSupported: "the broker does not support QoS 1"
    case .reason(let code): "the broker refuses the message with reason \(code): \(libraryWords(Int32(code)))"
    case .connectionCut(let bytes):
      "the broker ends the connection whenever it gets this message of \(bytes) bytes: it is larger than the broker "
        + "takes (then set mqtt.max_packet_size to the broker's limit), or not allowed (check its access list)"
    case .library(let code): "libmosquitto does not send the message: \(libraryWords(code))"
    }
  }
}

package enum PublishPacket {
  /// Bytes of a whole PUBLISH packet without properties (MQTT 5, section 3.3).
  package static func size(topicBytes: Int, payloadBytes: Int, qos: Int32, version: MQTTVersion) -> Int {
    let remaining = 2 + topicBytes + (qos > 0 ? 2 : 0) + (version == .five ? 1 : 0) + payloadBytes
    var lengthBytes = 1
    var rest = remaining >> 7
    while rest > 0 {
      lengthBytes += 1
      rest >>= 7
    }
    return 1 + lengthBytes + remaining
  }
}
