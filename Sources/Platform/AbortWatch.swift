internal import Glibc

/// Notes that one thread ends the program by SIGABRT, as a failed assertion of a C library does.
///
/// The system's watchdog and other programs may send SIGABRT too. That reaches another thread, and is not noted.
package enum AbortWatch {
  /// Watches the calling thread. At its abort one byte goes to the end of the file, before the program ends.
  ///
  /// - Parameter file: a file that stays open, opened for appending.
  package static func watchThisThread(file: Int32) {
    unsafe watchedThread = pthread_self()
    unsafe markFile = file
    _ = signal(SIGABRT, noteAbort)
  }

  /// The byte that an abort leaves behind.
  package static let mark = UInt8(ascii: "!")
}

private nonisolated(unsafe) var watchedThread = pthread_t()
private nonisolated(unsafe) var markFile: Int32 = -1

/// Calls only what a signal handler may call. The signal comes again when this returns, and ends the program.
private func noteAbort(_: Int32) {
  if unsafe pthread_equal(pthread_self(), watchedThread) != 0 {
    var byte = UInt8(ascii: "!")
    _ = unsafe write(markFile, &byte, 1)
  }
  _ = signal(SIGABRT, SIG_DFL)
  raise(SIGABRT)
}
