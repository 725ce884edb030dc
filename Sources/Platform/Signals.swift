internal import CLinux
internal import Glibc

/// The signals of the program, as a descriptor.
///
/// `init` runs before any thread starts: threads inherit the blocked signals, so that only this descriptor gets one.
package final class Signals {
  package enum Event: Equatable {
    /// SIGTERM or SIGINT.
    case end
    /// SIGHUP.
    case reload
  }

  package let descriptor: Int32

  /// Nil if the system has no descriptor left.
  package init?() {
    var set = sigset_t()
    unsafe sigemptyset(&set)
    [SIGTERM, SIGINT, SIGHUP].forEach { unsafe sigaddset(&set, $0) }
    unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
    // A write to a closed connection is an error, not the end of the program.
    _ = signal(SIGPIPE, SIG_IGN)
    let made = unsafe signalfd(-1, &set, Int32(SFD_NONBLOCK) | Int32(SFD_CLOEXEC))
    guard made >= 0 else { return nil }
    descriptor = made
  }

  deinit { close(descriptor) }

  /// The signals since the last call.
  package func take() -> [Event] {
    var events: [Event] = []
    var information = signalfd_siginfo()
    let size = MemoryLayout<signalfd_siginfo>.size
    while unsafe read(descriptor, &information, size) == size {
      events.append(information.ssi_signo == UInt32(SIGHUP) ? .reload : .end)
    }
    return events
  }
}
