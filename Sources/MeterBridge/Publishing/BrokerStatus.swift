/// The state of the broker thread, for the meter loop to read at any time: for `bridge/health`, and for the watchdog, which
/// must know whether the thread still makes progress.
struct BrokerStatus: Equatable, Sendable {
  /// Messages and readings that wait for the broker.
  struct Backlog: Equatable, Sendable {
    /// Messages that are queued or not yet acknowledged.
    var messages = 0
    /// Readings among them, and those in the journal.
    var readings = 0
  }

  /// The limits of the connection.
  struct Link: Equatable, Sendable {
    /// `5` or `3.1.1`.
    var version: String
    var retains: Bool
    /// Bytes; nil if neither side sets a limit.
    var maximumPacketSize: Int?
    /// Messages in flight at a time.
    var window: Int
  }

  /// When the thread last ran its loop.
  var lastStep: Instant
  var isConnected = false
  /// The newest connection.
  var link: Link?
  /// Accepted connections since the start; all but the first are reconnects.
  var connections = 0
  var backlog = Backlog()
  /// Messages that the broker refused, or that were refused here because of its limits.
  var refused = 0
  /// Reports to the meter loop that found its mailbox full.
  var reportsDropped = 0
}
