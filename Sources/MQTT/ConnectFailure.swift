internal import Base
internal import CMosquitto
internal import Glibc

/// The versions of the protocol that this client speaks.
package enum MQTTVersion: Sendable {
  /// MQTT 5, which tells why a message was refused.
  case five
  /// MQTT 3.1.1, which acknowledges what it refuses.
  case threeOneOne
}

/// Why the connection failed.
package enum ConnectFailure: Error, Equatable, Sendable {
  /// The resolver does not know the name; its own words.
  case lookup(String)
  /// The error number of the operating system.
  case system(Int32)
  case tls(TLSFailure)
  /// A file of the TLS settings cannot be read: its path and the error number.
  case unreadable(path: String, Int32)
  /// The connection does not come about in time.
  case noAnswer
  /// The connection stands, but the broker does not answer CONNECT in time.
  case silent
  /// The broker closes the connection instead of answering.
  case unanswered
  /// The answer is not MQTT of the requested version.
  case malformed
  /// The error code of libmosquitto.
  case library(Int32)

  /// One sentence for the user that says what to check.
  package func text(_ address: BrokerAddress) -> String {
    let broker = "broker \(address)"
    switch self {
    case .lookup(let words):
      return "the broker's name \"\(address.host)\" cannot be resolved (\(words)): check mqtt.host and the name server"
    case .system(ECONNREFUSED):
      return "\(broker) refuses the connection: is it running, and are mqtt.host and mqtt.port right?"
    case .system(let code):
      return "\(broker) cannot be reached (\(ConnectFailure.words(code)))"
    case .tls(let failure): return "\(broker): \(failure.text)"
    case .unreadable(let path, let code):
      return "the file \(path) of mqtt.tls cannot be read (\(ConnectFailure.words(code)))"
    case .noAnswer:
      return "\(broker) does not answer within \(BrokerSession.connectDeadline.count / 1000) s"
    case .silent:
      let seconds = BrokerSession.connectDeadline.count / 1000
      return "\(broker) takes the connection but does not answer within \(seconds) s: "
        + "does this port speak MQTT, with or without mqtt.tls?"
    case .unanswered:
      return "\(broker) closes the connection without an answer: does this port speak MQTT, with or without mqtt.tls?"
    case .malformed:
      return "\(broker) answers with something other than MQTT: is mqtt.port right?"
    case .library(let code):
      return "\(broker): libmosquitto reports: \(libraryWords(code))"
    }
  }

  private static func words(_ code: Int32) -> String {
    unsafe strerror(code).map { unsafe String(cString: $0) } ?? "error \(code)"
  }
}

/// The library's words for an error code of its own or a reason code of MQTT.
func libraryWords(_ code: Int32) -> String {
  let words = code >= 0x80 ? unsafe mosquitto_reason_string(code) : unsafe mosquitto_strerror(code)
  return unsafe words.map { unsafe String(cString: $0) } ?? "error \(code)"
}
