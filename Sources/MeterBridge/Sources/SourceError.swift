internal import Glibc

/// Why a source cannot be read, said so that the user knows what to do.
struct SourceError: Error, Equatable {
  let reason: String
  /// The source is just not there, as after it was unplugged; logged once an outage, in whatever words.
  let isAbsence: Bool

  init(_ reason: String, isAbsence: Bool = false) {
    self.reason = reason
    self.isAbsence = isAbsence
  }
}

/// Owns a file descriptor.
final class Descriptor {
  /// -1 once it is closed; system calls refuse that.
  private(set) var raw: Int32

  init(_ raw: Int32) { self.raw = raw }

  deinit { close() }

  /// Closes it now. Unlocked first: a child that is being started has a copy at first, which would keep the lock.
  func close() {
    if raw >= 0 {
      _ = flock(raw, LOCK_UN)
      Glibc.close(raw)
    }
    raw = -1
  }
}
