/// What a session has learnt of one broker: the version it speaks, and what it retains.
struct BrokerHabits: Sendable {
  /// The messages that the broker probably retains.
  enum Retention: Sendable { case everything, butNotTheWill, nothing }

  private static let shutOutsOfARetainedWill = 3

  let address: BrokerAddress
  var fallback: VersionFallback
  var takeOver = TakeOverDetector()
  private(set) var retention = Retention.everything
  /// Connections with 3.1.1 in a row that the broker closed instead of answering CONNECT.
  private var shutOuts = 0

  init(_ address: BrokerAddress, version: MQTTVersion?) {
    self.address = address
    fallback = VersionFallback(only: version)
  }

  /// With 3.1.1 a broker that does not retain cannot say so: it closes the connection over a retained will.
  ///
  /// So now and then the session tries a will that is not retained. If the first retained message then ends the
  /// connection, the broker does not retain.
  mutating func failed(_ failure: ConnectFailure) {
    if failure != .unanswered {
      shutOuts = 0
    } else if fallback.version == .threeOneOne {
      shutOuts = shutOuts < Self.shutOutsOfARetainedWill ? shutOuts + 1 : 0
    }
    retention = shutOuts == Self.shutOutsOfARetainedWill ? .butNotTheWill : .everything
  }

  /// The broker answered CONNECT with a refusal.
  mutating func refused() { shutOuts = 0 }

  /// The broker refused the will because it is retained. True if a will that is not may help.
  mutating func refusedRetainedWill() -> Bool {
    guard retention == .everything else { return false }
    retention = .butNotTheWill
    return true
  }

  /// An accepted connection ended. `isCut` if that was soon and without a reason.
  mutating func lost(isCut: Bool) {
    let wasOld = fallback.version == .threeOneOne
    fallback.beginOutage()
    shutOuts = 0
    retention = isCut && wasOld && retention != .everything ? .nothing : .everything
  }
}
