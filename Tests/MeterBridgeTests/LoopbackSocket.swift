import Glibc

@testable import MeterBridge

/// A TCP socket that listens on a port of the loopback; 0 for one that is free.
func listeningSocket(port: UInt16 = 0, backlog: Int32 = 8) throws -> (descriptor: Int32, port: UInt16) {
  let listening = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
  var yes: Int32 = 1
  unsafe setsockopt(listening, SOL_SOCKET, SO_REUSEADDR, &yes, 4)
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_port = port.bigEndian
  address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
  var size = socklen_t(MemoryLayout<sockaddr_in>.size)
  let isListening = unsafe withUnsafeMutablePointer(to: &address) { pointer in
    unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { plain in
      unsafe bind(listening, plain, size) == 0 && listen(listening, backlog) == 0
        && getsockname(listening, plain, &size) == 0
    }
  }
  guard isListening else { throw Failure(what: "listen") }
  return (listening, UInt16(bigEndian: address.sin_port))
}
