/// The Wi-SUN network in which a scan found a meter, and the credentials of that meter.
package struct KnownNetwork: Equatable, Sendable {
  package var network: SKSTACKNetwork
  /// `SKSTACKCredentials.fingerprint`. Another id means another meter.
  package var fingerprint: String

  package init(network: SKSTACKNetwork, fingerprint: String) {
    self.network = network
    self.fingerprint = fingerprint
  }
}
