/// Where a meter was found on the air, and for which credentials.
struct KnownNetwork: Equatable, Sendable {
  var network: SKSTACKNetwork
  /// Of the credentials (`SKSTACKCredentials.fingerprint`): another id is another meter.
  var fingerprint: String
}
