package import Base

/// Counts wrong passwords of each client, so that nobody can try many.
package struct FailureLimit: Sendable {
  private var buckets: [[UInt8]: TokenBucket] = [:]
  /// Of those that have no bucket of their own any more.
  private var others: TokenBucket

  package init(now: Instant) { others = TokenBucket(Limits.httpFailures, now: now) }

  /// Whether a client has failed too often of late.
  mutating func isReached(by peer: PeerAddress, now: Instant) -> Bool {
    if let bucket = buckets[peer.network] {
      var bucket = bucket
      return !bucket.has(1, now: now)
    }
    return hasRoom(now: now) ? false : !others.has(1, now: now)
  }

  /// Counts a failure.
  mutating func failed(_ peer: PeerAddress, now: Instant) {
    if buckets[peer.network] == nil {
      guard hasRoom(now: now) else { return others.take(1) }
      buckets[peer.network] = TokenBucket(Limits.httpFailures, now: now)
    }
    buckets[peer.network]?.take(1)
  }

  private mutating func hasRoom(now: Instant) -> Bool {
    if buckets.count < Limits.httpFailingClients { return true }
    buckets = buckets.filter { entry in
      var bucket = entry.value
      return !bucket.isFull(now: now)
    }
    return buckets.count < Limits.httpFailingClients
  }
}
