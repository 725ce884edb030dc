internal import Base

/// The network of the meter, in memory and on disk. Tries learn from earlier ones, so this outlives the phases.
struct SKSTACKNetworkMemory: Sendable {
  /// Refused joins in a row after which a known network counts as wrong.
  private static let refusalsOfNetwork = 2
  /// Refused joins in a row after which the credentials count as wrong.
  private static let refusalsOfCredentials = 3

  private(set) var known: SKSTACKNetwork?
  /// The network as last saved to disk.
  private var saved: SKSTACKNetwork?
  private var refusals = 0

  init(saved: SKSTACKNetwork?) { (known, self.saved) = (saved, saved) }

  var contradictsCredentials: Bool { refusals >= Self.refusalsOfCredentials }

  mutating func found(_ network: SKSTACKNetwork) { known = network }

  /// The meter let us in. Returns the network to save, if it is a new one.
  mutating func joined() -> DialogueNews? {
    refusals = 0
    return save(known)
  }

  /// The meter refused us. After several refusals the saved network is forgotten.
  mutating func refused() -> DialogueNews? {
    refusals += 1
    guard refusals >= Self.refusalsOfNetwork else { return nil }
    known = nil
    return save(nil)
  }

  private mutating func save(_ network: SKSTACKNetwork?) -> DialogueNews? {
    guard network != saved else { return nil }
    saved = network
    return .network(meter: 0, network)
  }
}
