internal import Base
internal import CLinux
internal import Glibc

/// A bounded queue in one direction between two threads, with a descriptor that the receiver's `poll` waits on.
///
/// It uses a pthread mutex, because ThreadSanitizer reports the standard library's as a race.
@safe package final class Mailbox<Message: Sendable>: @unchecked Sendable {
  /// Readable while messages wait.
  package let descriptor: Int32
  private let capacity: Int
  private let lock: UnsafeMutablePointer<pthread_mutex_t>
  private var messages: [Message] = []
  /// The receiver has been woken for messages that it has not taken yet.
  private var isWoken = false
  /// The receiver is about to look without being woken.
  private var isWatched = false

  /// Nil if the system has no descriptor left.
  package init?(capacity: Int = Limits.mailbox) {
    let made = eventfd(0, Int32(EFD_NONBLOCK) | Int32(EFD_CLOEXEC))
    guard made >= 0 else { return nil }
    descriptor = made
    self.capacity = capacity
    unsafe lock = .allocate(capacity: 1)
    unsafe pthread_mutex_init(lock, nil)
  }

  deinit {
    close(descriptor)
    unsafe pthread_mutex_destroy(lock)
    unsafe lock.deallocate()
  }

  /// Appends a message; false if the box is full. Then the sender keeps or counts the message.
  ///
  /// One that is not urgent does not wake a receiver that watches the box, unless the box begins to fill.
  package func post(_ message: Message, isUrgent: Bool = true) -> Bool {
    unsafe pthread_mutex_lock(lock)
    let fits = messages.count < capacity
    if fits { messages.append(message) }
    let wakes = fits && !isWoken && (isUrgent || !isWatched || messages.count > capacity / 4)
    if wakes { isWoken = true }
    unsafe pthread_mutex_unlock(lock)
    var one: UInt64 = 1
    if wakes { _ = unsafe write(descriptor, &one, 8) }
    return fits
  }

  /// Takes all messages, oldest first, and clears the descriptor.
  package func takeAll() -> [Message] {
    var count: UInt64 = 0
    _ = unsafe read(descriptor, &count, 8)
    unsafe pthread_mutex_lock(lock)
    let taken = messages
    messages = []
    (isWoken, isWatched) = (false, false)
    unsafe pthread_mutex_unlock(lock)
    return taken
  }

  /// The receiver will take all messages within a moment: until then only urgent ones wake it.
  package func watch() {
    unsafe pthread_mutex_lock(lock)
    isWatched = true
    unsafe pthread_mutex_unlock(lock)
  }
}
