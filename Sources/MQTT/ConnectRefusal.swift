/// Why a broker refused CONNECT (MQTT 5, section 3.2.2.2; MQTT 3.1.1, section 3.2.2.3).
enum ConnectRefusal: Equatable, Sendable {
  case version, clientID, unavailable, busy, credentials, notAuthorized, banned, retainedWill, qos
  case other(Int32)

  init(reason: Int32, version: MQTTVersion) {
    switch (reason, version) {
    case (1, .threeOneOne), (0x84, _): self = .version
    case (2, .threeOneOne), (0x85, _): self = .clientID
    case (3, .threeOneOne), (0x88, _): self = .unavailable
    case (4, .threeOneOne), (0x86, _): self = .credentials
    case (5, .threeOneOne), (0x87, _): self = .notAuthorized
    case (0x89, _): self = .busy
    case (0x8A, _): self = .banned
    case (0x9A, _): self = .retainedWill
    case (0x9B, _): self = .qos
    default: self = .other(reason)
    }
  }

  /// Whether the broker will probably accept us in seconds.
  var isPassing: Bool { self == .unavailable }

  /// One sentence for the user that says what to check.
  func text(_ address: BrokerAddress, clientID: String) -> String {
    let broker = "broker \(address)"
    switch self {
    case .version: return "\(broker) does not speak an MQTT version that is allowed here: check mqtt.protocol_version"
    case .clientID: return "\(broker) does not accept the client id \"\(clientID)\": set mqtt.client_id"
    case .unavailable: return "\(broker) is not ready yet"
    case .busy: return "\(broker) is too busy"
    case .credentials:
      return "\(broker): wrong user name or password: check mqtt.username and mqtt.password"
    case .notAuthorized:
      return "\(broker): not authorised: check mqtt.username and mqtt.password, and that this user may connect"
    case .banned: return "\(broker) has banned this client"
    case .retainedWill: return "\(broker) does not accept a retained will"
    case .qos: return "\(broker) does not support QoS 1, which is needed here"
    case .other(let reason): return "\(broker) refuses the connection with reason \(reason)"
    }
  }
}

/// The reason code with which a broker ends a connection (MQTT 5, section 3.14.2.1).
enum DisconnectReason {
  static let takenOver: UInt8 = 0x8E
  private static let busy: UInt8 = 0x89
  private static let shuttingDown: UInt8 = 0x8B
  private static let keepAlive: UInt8 = 0x8D

  /// Whether a try at once is reasonable.
  static func isPassing(_ cause: DisconnectCause) -> Bool {
    switch cause {
    case .reason(let code, _): code < 0x80 || code == shuttingDown || code == keepAlive
    // What the broker sent will probably come again.
    case .failed: false
    case .requested, .lost, .silent, .unanswered, .message: true
    }
  }

  /// One sentence for the user, and the broker's own words.
  static func text(_ cause: DisconnectCause) -> (text: String, words: String?) {
    switch cause {
    case .requested: ("disconnected", nil)
    case .reason(shuttingDown, let words): ("the broker is shutting down", words)
    case .reason(busy, let words): ("the broker is too busy and ended the connection", words)
    case .reason(let code, let words): ("the broker ended the connection with reason \(code)", words)
    case .silent: ("the broker was silent for too long: connection given up", nil)
    case .unanswered: ("the broker does not acknowledge a message: connection given up", nil)
    case .message(let topic): ("the broker ended the connection over a message for \(topic)", nil)
    case .failed(.malformed): ("the broker sent something that is not MQTT: connection given up", nil)
    case .failed(.library(let code)): ("libmosquitto ended the connection (\(libraryWords(code)))", nil)
    case .lost, .failed: ("the connection to the broker was lost", nil)
    }
  }
}
