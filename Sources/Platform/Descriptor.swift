internal import Glibc

/// Owns a file descriptor.
package final class Descriptor {
  /// -1 once it is closed; system calls refuse that.
  package private(set) var raw: Int32

  package init(_ raw: Int32) { self.raw = raw }

  deinit { close() }

  /// Closes it now. Unlocked first: a child that is being started has a copy at first, which would keep the lock.
  package func close() {
    if raw >= 0 {
      _ = flock(raw, LOCK_UN)
      Glibc.close(raw)
    }
    raw = -1
  }
}
