internal import Base
internal import Meters
internal import Platform

/// Connections whose meters are no longer read, until their dialogue has ended or its time is over.
struct ClosingConnections {
  private var closing: [(connection: SourceConnection, until: Instant)] = []

  /// Sources that cannot be opened again yet: a port that is ours alone cannot be opened twice.
  var sources: [SourceAddress] { closing.map(\.connection.address) }
  var isEmpty: Bool { closing.isEmpty }
  /// What each connection waits for, in the order that `service` takes the answers.
  var interests: [PollInterest?] { closing.map(\.connection.interest) }
  var deadline: Instant? { closing.map { min($0.connection.deadline ?? $0.until, $0.until) }.min() }

  /// Waits until a connection has ended, at most until then; one that has ended already is left alone.
  mutating func add(_ connection: SourceConnection, until limit: Instant) {
    if !connection.hasLeft { closing.append((connection, limit)) }
  }

  /// Serves each connection, and closes those that have ended.
  ///
  /// - Returns: whether a source has become free.
  mutating func service(_ ready: [Readiness], now: Instant) -> Bool {
    let count = closing.count
    for (connection, readiness) in zip(closing.map(\.connection), ready) {
      connection.service(readiness, now: now)
      // Its meters are no longer configured: events have no receiver.
      _ = connection.takeEvents()
    }
    closing.removeAll { connection, until in
      guard connection.hasLeft || now >= until else { return false }
      connection.close(now: now)
      return true
    }
    return closing.count < count
  }
}
