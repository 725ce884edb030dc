/// How the broker thread is, for the meter loop to read whenever it likes: for `bridge/health`, and for the watchdog, which
/// must know whether the thread still gets anywhere.
struct BrokerStatus: Equatable, Sendable {
  /// What waits for the broker.
  struct Backlog: Equatable, Sendable {
    /// Messages in line or not yet acknowledged.
    var messages = 0
    /// Readings among them, and behind them in the journal.
    var readings = 0
  }

  /// The connection that stands, as far as the broker tells.
  struct Link: Equatable, Sendable {
    /// `5` or `3.1.1`.
    var version: String
    var retains: Bool
    /// Bytes; nil where nobody says.
    var maximumPacketSize: Int?
    /// Messages under way at a time.
    var window: Int
  }

  /// When the thread last went round its loop.
  var lastStep: Instant
  var isConnected = false
  /// Of the newest connection.
  var link: Link?
  /// Accepted connections since the start; all but the first are reconnects.
  var connections = 0
  var backlog = Backlog()
  /// Messages that the broker, or for its sake we, did not take.
  var refused = 0
  /// Reports to the meter loop that found its mailbox full.
  var reportsDropped = 0
}
