package import Base
package import Publishing

/// The state of the program itself, as all documents see it.
package struct BridgeState: Sendable {
  package var started: WallTime
  /// Where the values go: `host:port`, without credentials.
  package var brokerName: String
  package var baseTopic: String
  package var broker: BrokerStatus
  /// The newest state of all counters; nil before the first.
  package var health: Health?
  /// The newest dead letters, the newest last: at most `Limits.storedLetters`, and `Limits.storedLetterBytes` of lines.
  package internal(set) var letters: [StoredLetter] = []
  /// The number of letters that came in, so that those which a client has not seen can be told.
  package internal(set) var lettersTaken: Int64 = 0
  /// The number of the store's last change that `bridge/health` told.
  package internal(set) var healthChange: Int64 = 0

  package init(started: WallTime, brokerName: String, baseTopic: String, broker: BrokerStatus) {
    self.started = started
    self.brokerName = brokerName
    self.baseTopic = baseTopic
    self.broker = broker
  }

  mutating func take(_ letter: StoredLetter) {
    letters.append(letter)
    lettersTaken += 1
    var bytes = letters.reduce(0) { $0 + $1.line.count }
    while letters.count > Limits.storedLetters || (bytes > Limits.storedLetterBytes && letters.count > 1) {
      bytes -= letters.removeFirst().line.count
    }
  }
}
