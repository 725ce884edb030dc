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

  /// When the thread last went round its loop.
  var lastStep: Instant
  var isConnected = false
  /// Accepted connections since the start; all but the first are reconnects.
  var connections = 0
  var backlog = Backlog()
  /// Reports to the meter loop that found its mailbox full.
  var reportsDropped = 0
}
