package import Base

/// The state of the broker thread. The meter loop can read it at any time.
///
/// It is for `bridge/health`, and for the watchdog, which must know whether the thread still makes progress.
package struct BrokerStatus: Equatable, Sendable {
  /// Messages and readings that wait for the broker.
  package struct Backlog: Equatable, Sendable {
    /// Messages that are queued or not yet acknowledged.
    package var messages = 0
    /// Readings among them, and those in the journal.
    package var readings = 0
  }

  /// The limits of the connection.
  package struct Link: Equatable, Sendable {
    /// `host:port`.
    package var broker: String
    /// `5` or `3.1.1`.
    package var version: String
    package var retains: Bool
    /// Bytes; nil if neither side sets a limit.
    package var maximumPacketSize: Int?
    /// Messages in flight at a time.
    package var window: Int

    package init(broker: String, version: String, retains: Bool, maximumPacketSize: Int? = nil, window: Int) {
      self.broker = broker
      self.version = version
      self.retains = retains
      self.maximumPacketSize = maximumPacketSize
      self.window = window
    }
  }

  /// When the thread last ran its loop.
  package var lastStep: Instant
  package var isConnected = false
  /// The newest connection.
  package var link: Link?
  /// The number of accepted connections since the start. All but the first are reconnects.
  package var connections = 0
  package var backlog = Backlog()
  /// The number of messages that the broker refused, or the bridge because of the broker's limits.
  package var refused = 0
  /// The number of values that did not find room among a device's topics.
  package var fieldsDropped = 0
  /// The number of reports that found the mailbox of the meter loop full.
  package var reportsDropped = 0

  package init(
    lastStep: Instant, isConnected: Bool = false, link: Link? = nil, connections: Int = 0, backlog: Backlog = Backlog(),
    refused: Int = 0, reportsDropped: Int = 0
  ) {
    self.lastStep = lastStep
    self.isConnected = isConnected
    self.link = link
    self.connections = connections
    self.backlog = backlog
    self.refused = refused
    self.reportsDropped = reportsDropped
  }
}
