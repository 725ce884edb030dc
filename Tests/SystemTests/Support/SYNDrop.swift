import Glibc
import TestSupport

/// A loopback port that answers no SYN: its queue of connections is full, and nothing accepts one. A connection to it
/// neither comes about nor fails.
final class SYNDrop {
  let port: UInt16
  private let descriptors: [Int32]

  init() throws {
    let (listening, port) = try listeningSocket(backlog: 0)
    self.port = port
    let fillers = (0..<4).map { _ in
      let filler = loopbackSocket(flags: Int32(SOCK_NONBLOCK.rawValue))
      _ = unsafe withLoopback(port) { unsafe connect(filler, $0, $1) }
      return filler
    }
    descriptors = [listening] + fillers
  }

  deinit { descriptors.forEach { close($0) } }
}
