internal import Glibc

/// What the meter loop reads of the broker thread whenever it likes: for `bridge/health`, and for the watchdog, which must
/// know whether the thread still gets anywhere.
///
/// A pthread mutex, because ThreadSanitizer reports the standard library's one as a race.
@safe final class BrokerStatus: @unchecked Sendable {
  /// What waits for the broker.
  struct Backlog: Equatable, Sendable {
    /// Messages in line or not yet acknowledged.
    var messages = 0
    /// Readings among them and behind them.
    var readings = 0
    var readingBytes = 0
    /// Readings that the bound has cost since the start.
    var readingsDropped = 0
  }

  struct Snapshot: Equatable, Sendable {
    /// When the thread last went round its loop.
    var lastStep: Instant
    var isConnected = false
    /// Accepted connections since the start; all but the first are reconnects.
    var connections = 0
    var backlog = Backlog()
    /// Reports to the meter loop that found its mailbox full.
    var reportsDropped = 0
  }

  private let lock: UnsafeMutablePointer<pthread_mutex_t>
  private var snapshot: Snapshot

  init(at now: Instant) {
    snapshot = Snapshot(lastStep: now)
    unsafe lock = .allocate(capacity: 1)
    unsafe pthread_mutex_init(lock, nil)
  }

  deinit {
    unsafe pthread_mutex_destroy(lock)
    unsafe lock.deallocate()
  }

  /// A consistent copy.
  func read() -> Snapshot {
    unsafe pthread_mutex_lock(lock)
    defer { unsafe pthread_mutex_unlock(lock) }
    return snapshot
  }

  func update(_ change: (inout Snapshot) -> Void) {
    unsafe pthread_mutex_lock(lock)
    defer { unsafe pthread_mutex_unlock(lock) }
    change(&snapshot)
  }
}
