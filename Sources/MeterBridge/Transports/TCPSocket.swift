internal import Glibc
internal import Platform

/// An internet address in the system's layout.
struct SocketAddress: Equatable, Sendable {
  /// AF_INET or AF_INET6.
  var family: Int32
  /// The bytes of a `sockaddr_in` or `sockaddr_in6`.
  var bytes: [UInt8]
}

/// Non-blocking TCP and UDP to one address.
enum TCPSocket {
  /// Begins to connect. The socket turns writable when it is connected or has failed (`outcome`).
  static func connect(to address: SocketAddress) throws(Errno) -> Descriptor {
    let kind = SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue
    let raw = socket(address.family, Int32(kind), 0)
    guard raw >= 0 else { throw .last }
    let descriptor = Descriptor(raw)
    set(raw, Int32(IPPROTO_TCP), TCP_NODELAY, 1)
    noticeLoss(raw)
    if connect(raw, address) != 0, errno != EINPROGRESS { throw .last }
    return descriptor
  }

  /// The next client of a listening socket, without blocking; nil if none waits.
  static func accept(from listening: Descriptor) throws(Errno) -> Descriptor? {
    let raw = Glibc.accept(listening.raw, nil, nil)
    guard raw >= 0 else {
      // A client that is gone before it is accepted is an error of its own.
      if [EAGAIN, EINTR, ECONNABORTED].contains(errno) { return nil }
      throw .last
    }
    _ = fcntl(raw, F_SETFL, O_NONBLOCK)
    _ = fcntl(raw, F_SETFD, FD_CLOEXEC)
    noticeLoss(raw)
    return Descriptor(raw)
  }

  /// A gateway that lost its power says nothing: after half a minute of silence the system asks it.
  private static func noticeLoss(_ raw: Int32) {
    set(raw, SOL_SOCKET, SO_KEEPALIVE, 1)
    set(raw, Int32(IPPROTO_TCP), TCP_KEEPIDLE, 30)
    set(raw, Int32(IPPROTO_TCP), TCP_KEEPINTVL, 10)
    set(raw, Int32(IPPROTO_TCP), TCP_KEEPCNT, 3)
    set(raw, Int32(IPPROTO_TCP), TCP_USER_TIMEOUT, 60_000)
  }

  /// A datagram socket that sends to this address, and takes datagrams from nowhere else.
  static func datagrams(to address: SocketAddress) throws(Errno) -> Descriptor {
    let kind = SOCK_DGRAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue
    let raw = socket(address.family, Int32(kind), 0)
    guard raw >= 0 else { throw .last }
    let descriptor = Descriptor(raw)
    guard connect(raw, address) == 0 else {
      let failure = Errno.last
      descriptor.close()
      throw failure
    }
    return descriptor
  }

  private static func connect(_ raw: Int32, _ address: SocketAddress) -> Int32 {
    unsafe address.bytes.withUnsafeBytes { bytes -> Int32 in
      guard let base = bytes.baseAddress else { return -1 }
      return unsafe Glibc.connect(raw, base.assumingMemoryBound(to: sockaddr.self), socklen_t(bytes.count))
    }
  }

  /// Why the connection failed; nil if it is made.
  static func failure(of descriptor: Descriptor) -> Errno? {
    var code: Int32 = 0
    var size = socklen_t(MemoryLayout<Int32>.size)
    guard unsafe getsockopt(descriptor.raw, SOL_SOCKET, SO_ERROR, &code, &size) == 0 else { return .last }
    return code == 0 ? nil : Errno(code)
  }

  static func trouble(_ host: String, _ port: UInt16, _ error: Errno) -> String {
    switch error.number {
    case ECONNREFUSED:
      "\(host):\(port) refuses the connection: is the port right, and is the gateway free?"
    case ETIMEDOUT: "\(host):\(port) does not answer"
    default: "cannot connect to \(host):\(port): \(error)"
    }
  }

  private static func set(_ raw: Int32, _ level: Int32, _ option: Int32, _ value: Int32) {
    var value = value
    unsafe setsockopt(raw, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
  }
}
