/// The version of MQTT to ask for: 5, or 3.1.1 if the broker does not speak 5.
///
/// Old brokers answer in three ways: with a CONNACK, with an answer that is not MQTT 5, or by closing the connection.
/// The last also happens when a broker goes down. So it takes two in a row, and more if 5 has worked before.
struct VersionFallback: Sendable {
  private(set) var version: MQTTVersion
  private let isFixed: Bool
  private var closesInARow = 0
  private var hasSpokenFive = false
  /// The broker closed the connection over 5. Asking for 5 again would cost two more closed connections at every outage.
  private var wasShutOut = false

  init(only: MQTTVersion?) {
    version = only ?? .five
    isFixed = only != nil
  }

  /// CONNACK with success: the version that is spoken.
  mutating func accepted() -> MQTTVersion {
    closesInARow = 0
    if version == .five { hasSpokenFive = true }
    return version
  }

  /// CONNACK that refuses the version. True if the other one is worth an immediate try.
  mutating func refused() -> Bool {
    guard !isFixed else { return false }
    wasShutOut = false
    return turn()
  }

  /// No CONNACK. True if the other version is worth an immediate try.
  mutating func failed(_ failure: ConnectFailure) -> Bool {
    guard !isFixed else { return false }
    switch failure {
    case .malformed where version == .five:
      wasShutOut = false
      return turn()
    case .unanswered where version == .five:
      closesInARow += 1
      guard closesInARow >= (hasSpokenFive ? 5 : 2) else { return false }
      wasShutOut = true
      return turn()
    case .unanswered, .malformed:
      return turn()
    default:
      return false
    }
  }

  /// An accepted connection is gone: the broker behind the address may now be a newer one.
  mutating func beginOutage() {
    if !isFixed, !wasShutOut { version = .five }
    closesInARow = 0
  }

  /// Changes the version; true from 5 to 3.1.1. The way back waits its turn.
  private mutating func turn() -> Bool {
    closesInARow = 0
    version = version == .five ? .threeOneOne : .five
    return version == .threeOneOne
  }
}
