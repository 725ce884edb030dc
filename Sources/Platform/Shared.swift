internal import Glibc

/// A value that several threads use, one at a time.
///
/// It uses a pthread mutex, because ThreadSanitizer reports the standard library's as a race.
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

  /// Reads or changes the value; `body` must be short and must not wait.
  package func change<Result>(_ body: (inout Value) -> Result) -> Result {
    unsafe pthread_mutex_lock(lock)
    defer { unsafe pthread_mutex_unlock(lock) }
    return body(&value)
  }
}
