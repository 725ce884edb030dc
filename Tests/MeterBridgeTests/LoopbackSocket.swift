import Glibc

/// A TCP socket that listens on a port of the loopback; nil for one that nobody has. That is none that the system lends to
/// outgoing connections: a client that tries again and again while nobody listens would at last be connected with itself.
func listeningSocket(port: UInt16? = nil, backlog: Int32 = 8) throws -> (descriptor: Int32, port: UInt16) {
  for candidate in port.map({ [$0] }) ?? (0..<100).map({ _ in UInt16.random(in: 10_000..<32_768) }) {
    let listening = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var yes: Int32 = 1
    unsafe setsockopt(listening, SOL_SOCKET, SO_REUSEADDR, &yes, 4)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = candidate.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let isListening = unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { plain in
        unsafe bind(listening, plain, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0 && listen(listening, backlog) == 0
      }
    }
    if isListening { return (listening, candidate) }
    close(listening)
  }
  throw Failure(what: "listen")
}
