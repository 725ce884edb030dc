internal import Glibc

/// A value that several threads look at, one at a time.
///
/// A pthread mutex, because ThreadSanitizer reports the standard library's one as a race.
@safe package final class Shared<Value: Sendable>: @unchecked Sendable {
  private let lock: UnsafeMutablePointer<pthread_mutex_t>
  private var value: Value

  package init(_ value: Value) {
    self.value = value
    unsafe lock = .allocate(capacity: 1)
    unsafe pthread_mutex_init(lock, nil)
  }

  deinit {
    unsafe pthread_mutex_destroy(lock)
    unsafe lock.deallocate()
  }

  /// A copy of the value.
  package var current: Value { change { $0 } }

  /// Looks at the value or changes it, alone; `body` is short and calls nothing that waits.
  package func change<Result>(_ body: (inout Value) -> Result) -> Result {
    unsafe pthread_mutex_lock(lock)
    defer { unsafe pthread_mutex_unlock(lock) }
    return body(&value)
  }
}
