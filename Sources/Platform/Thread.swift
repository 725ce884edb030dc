internal import Glibc

/// Starts threads. The program never joins them: one may block in a name look-up for minutes.
package enum Thread {
  /// Runs `body` on a new thread; false if the system refuses one.
  ///
  /// `Signals` must exist before the first thread, or a thread may get a signal.
  package static func start(_ body: @escaping @Sendable () -> Void) -> Bool {
    let box = unsafe Unmanaged.passRetained(Body(body))
    var id = pthread_t()
    let code = unsafe pthread_create(&id, nil, runBody, box.toOpaque())
    guard code == 0 else {
      unsafe box.release()
      return false
    }
    pthread_detach(id)
    return true
  }

  fileprivate final class Body: Sendable {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }
}

// A function, not a closure: a closure could be inferred main-actor isolated and trap on the library's call.
private func runBody(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  if let context = unsafe context { unsafe Unmanaged<Thread.Body>.fromOpaque(context).takeRetainedValue().run() }
  return nil
}
