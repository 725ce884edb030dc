package import Glibc

/// A TCP socket that listens on a port of the loopback; nil picks a free one.
package func listeningSocket(port: UInt16? = nil, backlog: Int32 = 8) throws -> (descriptor: Int32, port: UInt16) {
  for candidate in port.map({ [$0] }) ?? candidates {
    let listening = loopbackSocket()
    var yes: Int32 = 1
    unsafe setsockopt(listening, SOL_SOCKET, SO_REUSEADDR, &yes, 4)
    if unsafe withLoopback(candidate, { unsafe bind(listening, $0, $1) }) == 0, listen(listening, backlog) == 0 {
      return (listening, candidate)
    }
    close(listening)
  }
  throw Failure(what: "listen")
}

/// A free port of the loopback.
package func freePort() throws -> UInt16 {
  for candidate in candidates {
    let probe = loopbackSocket()
    defer { close(probe) }
    if unsafe withLoopback(candidate, { unsafe bind(probe, $0, $1) }) == 0 { return candidate }
  }
  throw Failure(what: "a free port")
}

/// Calls a function with a port of the loopback as the address that `bind` and `connect` take.
package func withLoopback(_ port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
  address.sin_port = port.bigEndian
  return unsafe withUnsafePointer(to: &address) { pointer in
    unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      unsafe body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
    }
  }
}

/// A TCP socket that programs started by a test do not inherit.
package func loopbackSocket(flags: Int32 = 0) -> Int32 {
  socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | flags, 0)
}

/// Ports that the system does not lend to outgoing connections. A client that tries a port of the system's own range again
/// and again would at last be connected with itself.
private var candidates: [UInt16] { (0..<100).map { _ in UInt16.random(in: 10_000..<32_768) } }
