/// Where a meter was found on the air, and for which credentials.
package struct KnownNetwork: Equatable, Sendable {
  package var network: SKSTACKNetwork
  /// Of the credentials (`SKSTACKCredentials.fingerprint`): another id is another meter.
  package var fingerprint: String

  package init(network: SKSTACKNetwork, fingerprint: String) {
    self.network = network
    self.fingerprint = fingerprint
  }
}
