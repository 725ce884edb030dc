internal import Glibc

/// Connections whose meters are no longer read, until they have said goodbye or their time is over.
struct Farewells {
  private var leaving: [(connection: SourceConnection, until: Instant)] = []

  /// Sources that cannot be opened anew yet: a port that is ours alone cannot be opened twice.
  var sources: [SourceAddress] { leaving.map(\.connection.address) }
  var isEmpty: Bool { leaving.isEmpty }
  /// What `poll` waits on, in the order that `service` takes the answers.
  var polled: [pollfd] {
    leaving.map { pollfd(fd: $0.connection.pollDescriptor, events: $0.connection.pollEvents, revents: 0) }
  }
  var deadline: Instant? { leaving.map { min($0.connection.deadline ?? $0.until, $0.until) }.min() }

  /// Waits for a connection to be done; one that is done already is left alone.
  mutating func add(_ connection: SourceConnection, now: Instant) {
    if !connection.hasLeft { leaving.append((connection, now + Limits.leaving)) }
  }

  /// Does what `poll` has reported, and closes what is done.
  ///
  /// - Returns: whether a source has become free.
  mutating func service(_ reported: some Sequence<Int16>, now: Instant) -> Bool {
    let count = leaving.count
    for (connection, events) in zip(leaving.map(\.connection), reported) {
      connection.service(events, now: now)
      // Nobody asked for what comes now.
      _ = connection.takeEvents()
    }
    leaving.removeAll { connection, until in
      guard connection.hasLeft || now >= until else { return false }
      connection.close(now: now)
      return true
    }
    return leaving.count < count
  }
}
