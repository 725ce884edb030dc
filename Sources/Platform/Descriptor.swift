internal import Glibc

/// Owns a file descriptor.
package final class Descriptor {
  /// -1 after `close`; system calls refuse that.
  package private(set) var raw: Int32

  package init(_ raw: Int32) { self.raw = raw }

  deinit { close() }

  /// Unlocks first: a child process that is just starting has a copy, which would keep the lock.
  package func close() {
    if raw >= 0 {
      _ = flock(raw, LOCK_UN)
      Glibc.close(raw)
    }
    raw = -1
  }
}
