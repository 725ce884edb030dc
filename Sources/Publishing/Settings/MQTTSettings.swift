package import Base
package import MQTT

package struct MQTTSettings: Equatable, Sendable {
  package enum ProtocolVersion: Equatable, Sendable {
    /// 5 first, 3.1.1 if the broker refuses 5.
    case detect
    case five, threeOneOne
  }

  package var host = "localhost"
  /// Nil: 1883, with TLS 8883.
  package var port: UInt16?
  package var username: String?
  package var password: Secret?
  /// Nil: made from the machine id.
  package var clientID: String?
  package var tls: TLSSettings?
  package var keepAlive = Milliseconds.seconds(30)
  package var baseTopic = "meterbridge"
  package var protocolVersion = ProtocolVersion.detect
  /// Bytes of one packet, where the broker's own limit is unknown.
  package var maximumPacketSize: Int?

  package init() {}
}
