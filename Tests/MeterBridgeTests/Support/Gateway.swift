import Glibc
import TestSupport

/// A gateway on a free port of the loopback.
final class Gateway {
  private(set) var listening: Int32 = -1
  let port: UInt16
  private var accepted: [Int32] = []

  init(port: UInt16? = nil, backlog: Int32 = 8) throws {
    (listening, self.port) = try listeningSocket(port: port, backlog: backlog)
    _ = fcntl(listening, F_SETFL, O_NONBLOCK)
  }

  deinit { shut() }

  /// The next connection, nil if there is none yet.
  func accept() -> Int32? {
    let raw = Glibc.accept(listening, nil, nil)
    guard raw >= 0 else { return nil }
    _ = fcntl(raw, F_SETFL, O_NONBLOCK)
    accepted.append(raw)
    return raw
  }

  func hangUp() {
    for raw in accepted { close(raw) }
    accepted = []
  }

  func shut() {
    hangUp()
    if listening >= 0 {
      // For a program too that another test is about to start, which holds the socket for a moment.
      shutdown(listening, Int32(SHUT_RDWR))
      close(listening)
    }
    listening = -1
  }
}
