package import Base
package import MQTT

/// A broker in the list `mqtt.hosts`.
package struct BrokerPlace: Equatable, Sendable {
  /// Name or address.
  package var host: String
  /// Nil for the port of the section.
  package var port: UInt16?

  package init(host: String, port: UInt16? = nil) {
    self.host = host
    self.port = port
  }
}

/// The section `mqtt` of the configuration.
package struct MQTTSettings: Equatable, Sendable {
  package enum ProtocolVersion: Equatable, Sendable {
    /// 5 first, and 3.1.1 if the broker refuses 5.
    case detect
    case five, threeOneOne
  }

  package var host = "localhost"
  /// The brokers of a cluster, in the order in which they are tried; empty for `host` alone.
  package var hosts: [BrokerPlace] = []
  /// Nil: 1883, or 8883 with TLS.
  package var port: UInt16?
  package var username: String?
  package var password: Secret?
  /// Nil: the program makes it from the machine id.
  package var clientID: String?
  package var tls: TLSSettings?
  package var keepAlive = Milliseconds.seconds(30)
  package var baseTopic = "meterbridge"
  package var protocolVersion = ProtocolVersion.detect
  /// The limit of one packet in bytes, if the broker does not tell its own.
  package var maximumPacketSize: Int?
  /// The time from a connect to the first reading of the outage before it. Subscribers need it to come back.
  package var replayAfter = Milliseconds.seconds(15)

  package init() {}

  /// Whether messages to the broker stay on this machine.
  package var isOnThisMachine: Bool {
    (hosts.isEmpty ? [host] : hosts.map(\.host)).allSatisfy { host in
      let name = host.lowercased()
      let isLoopback = ["localhost", "ip6-localhost", "::1"].contains(name) || name.hasPrefix("127.")
      return isLoopback || name.hasSuffix(".localhost")
    }
  }
}
