internal import Glibc

/// The two versions of the protocol that are spoken.
package enum MQTTVersion: Sendable {
  /// MQTT 5, which tells why a message was refused.
  case five
  /// MQTT 3.1.1, which acknowledges what it refuses.
  case threeOneOne
}

/// Why there is no connection.
package enum ConnectFailure: Error, Equatable, Sendable {
  /// The name could not be resolved; the resolver's own words.
  case lookup(String)
  /// The operating system's error number.
  case system(Int32)
  /// The TLS library's own words.
  case tls(String)
  /// A file of the TLS settings cannot be read: its path and the error number.
  case unreadable(path: String, Int32)
  /// No answer to CONNECT in time.
  case noAnswer
  /// The broker closed the connection instead of answering.
  case unanswered
  /// The answer was not MQTT of the requested version.
  case malformed
  /// The library's error code.
  case library(Int32)

  /// One sentence for the user that says what to check.
  package func text(host: String, port: UInt16) -> String {
    let broker = "broker \(host):\(port)"
    switch self {
    case .lookup(let words):
      return "the broker's name \"\(host)\" cannot be resolved (\(words)): check mqtt.host and the name server"
    case .system(ECONNREFUSED):
      return "\(broker) refuses the connection: is it running, and are mqtt.host and mqtt.port right?"
    case .system(let code):
      return "\(broker) cannot be reached (\(ConnectFailure.words(code)))"
    case .tls(let words):
      return "\(broker): TLS failed (\(words)): check mqtt.tls and the broker's certificate"
    case .unreadable(let path, let code):
      return "the file \(path) of mqtt.tls cannot be read (\(ConnectFailure.words(code)))"
    case .noAnswer:
      return "\(broker) does not answer within \(BrokerSession.connectDeadline / 1000) s"
    case .unanswered:
      return "\(broker) closes the connection without an answer: does this port speak MQTT, with or without mqtt.tls?"
    case .malformed:
      return "\(broker) gives an answer that is no MQTT: is mqtt.port right?"
    case .library(let code):
      return "\(broker): libmosquitto reports error \(code)"
    }
  }

  private static func words(_ code: Int32) -> String {
    unsafe strerror(code).map { unsafe String(cString: $0) } ?? "error \(code)"
  }
}
