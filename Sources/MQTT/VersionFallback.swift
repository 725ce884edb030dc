/// The version of MQTT to ask for: 5, or 3.1.1 if the broker does not speak 5.
///
/// Old brokers answer in four ways: with a CONNACK, with an answer that is not MQTT 5, by closing the connection, or not at
/// all. The last two also happen when a broker goes down. So it takes two in a row, and more if 5 has worked before.
struct VersionFallback: Sendable {
  private(set) var version: MQTTVersion
  private let isFixed: Bool
  private var triesInVain = 0
  private var hasSpokenFive = false
  /// The broker closed the connection over 5, or was silent. Asking for 5 again would cost two more tries at every outage.
  private var wasShutOut = false

  init(only: MQTTVersion?) {
    version = only ?? .five
    isFixed = only != nil
  }

  /// Whether one try with 5 was in vain, and 3.1.1 has not been tried since.
  var isUndecided: Bool { triesInVain > 0 && !hasSpokenFive }

  /// CONNACK with success: the version that is spoken.
  mutating func accepted() -> MQTTVersion {
    triesInVain = 0
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
    // A broker that has spoken 5 and is silent stands still, and will speak 5 again.
    case .silent where version == .five && hasSpokenFive: return false
    case .unanswered where version == .five, .silent where version == .five:
      triesInVain += 1
      guard triesInVain >= (hasSpokenFive ? 5 : 2) else { return false }
      wasShutOut = true
      return turn()
    case .unanswered, .silent, .malformed:
      return turn()
    // The broker is not there, so it does not speak 5 nor 3.1.1.
    default:
      triesInVain = 0
      return false
    }
  }

  /// An accepted connection is gone: the broker behind the address may now be a newer one.
  mutating func beginOutage() {
    if !isFixed, !wasShutOut { version = .five }
    triesInVain = 0
  }

  /// Changes the version; true from 5 to 3.1.1. The way back waits its turn.
  private mutating func turn() -> Bool {
    triesInVain = 0
    version = version == .five ? .threeOneOne : .five
    return version == .threeOneOne
  }
}
