package import Base
package import Meters
package import Publishing

/// The state of the program itself, as all documents see it.
package struct BridgeState: Sendable {
  package var started: WallTime
  /// Where the values go: `host:port`, without credentials.
  package var brokerName: String
  package var baseTopic: String
  package var broker: BrokerStatus
  /// Dead letters of this run, by code.
  package var deadLetterCount = 0
  /// The newest dead letters, the newest last; at most `Limits.storedDeadLetters`.
  package var deadLetters: [DeadLetter] = []
  /// The newest document of `bridge/health`, JSON.
  package var health: [UInt8] = []

  package init(started: WallTime, brokerName: String, baseTopic: String, broker: BrokerStatus) {
    self.started = started
    self.brokerName = brokerName
    self.baseTopic = baseTopic
    self.broker = broker
  }
}
