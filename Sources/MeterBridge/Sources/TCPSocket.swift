internal import Glibc

/// An address of the internet, as the system writes it down.
struct SocketAddress: Equatable, Sendable {
  /// AF_INET or AF_INET6.
  var family: Int32
  /// The bytes of a `sockaddr_in` or `sockaddr_in6`.
  var bytes: [UInt8]
}

/// TCP connections that nobody waits for.
enum TCPSocket {
  /// Begins to connect. The socket turns writable when it is connected or has failed (`outcome`).
  static func connect(to address: SocketAddress) throws(Errno) -> Descriptor {
    let kind = SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue
    let raw = socket(address.family, Int32(kind), 0)
    guard raw >= 0 else { throw Errno(code: errno) }
    let descriptor = Descriptor(raw)
    set(raw, Int32(IPPROTO_TCP), TCP_NODELAY, 1)
    // A gateway that lost its power says nothing: after a minute of silence the system asks it.
    set(raw, SOL_SOCKET, SO_KEEPALIVE, 1)
    set(raw, Int32(IPPROTO_TCP), TCP_KEEPIDLE, 30)
    set(raw, Int32(IPPROTO_TCP), TCP_KEEPINTVL, 10)
    set(raw, Int32(IPPROTO_TCP), TCP_KEEPCNT, 3)
    set(raw, Int32(IPPROTO_TCP), TCP_USER_TIMEOUT, 60_000)
    let code = unsafe address.bytes.withUnsafeBytes { bytes -> Int32 in
      guard let base = bytes.baseAddress else { return -1 }
      return unsafe Glibc.connect(raw, base.assumingMemoryBound(to: sockaddr.self), socklen_t(bytes.count))
    }
    if code != 0, errno != EINPROGRESS { throw Errno(code: errno) }
    return descriptor
  }

  /// How the connection came about: 0, or the error number.
  static func outcome(of descriptor: Descriptor) -> Int32 {
    var code: Int32 = 0
    var size = socklen_t(MemoryLayout<Int32>.size)
    return unsafe getsockopt(descriptor.raw, SOL_SOCKET, SO_ERROR, &code, &size) == 0 ? code : errno
  }

  struct Errno: Error, Equatable {
    let code: Int32
  }

  static func trouble(_ host: String, _ port: UInt16, _ code: Int32) -> String {
    switch code {
    case ECONNREFUSED:
      "\(host):\(port) refuses the connection: is the port right, and does nobody else use the gateway?"
    case ETIMEDOUT: "\(host):\(port) does not answer"
    default: "cannot connect to \(host):\(port): \(SourceError.text(code))"
    }
  }

  private static func set(_ raw: Int32, _ level: Int32, _ option: Int32, _ value: Int32) {
    var value = value
    unsafe setsockopt(raw, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
  }
}
