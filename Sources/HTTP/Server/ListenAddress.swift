internal import Glibc

/// An address and port of this machine to listen on, `127.0.0.1:8080` or `[::1]:8080`.
package struct ListenAddress: Hashable, Sendable, CustomStringConvertible {
  /// 4 or 16.
  private let address: [UInt8]
  package let port: UInt16
  /// As it is written.
  package let description: String

  /// Nil if the text is not an address with a port from 1 to 65535. Names are not looked up.
  package init?(_ text: String) {
    guard let colon = text.lastIndex(of: ":"), let port = Self.port(text[text.index(after: colon)...]) else {
      return nil
    }
    let host = text[..<colon]
    let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
    let family = isBracketed ? AF_INET6 : AF_INET
    var address = [UInt8](repeating: 0, count: isBracketed ? 16 : 4)
    guard unsafe inet_pton(family, String(isBracketed ? host.dropFirst().dropLast() : host), &address) == 1 else {
      return nil
    }
    self.init(address, port, text)
  }

  /// `127.0.0.1`.
  package static func loopback(port: UInt16) -> ListenAddress {
    ListenAddress([127, 0, 0, 1], port, "127.0.0.1:\(port)")
  }

  private init(_ address: [UInt8], _ port: UInt16, _ description: String) {
    self.address = address
    self.port = port
    self.description = description
  }

  private static func port(_ text: Substring) -> UInt16? {
    guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = UInt16(text), port > 0 else {
      return nil
    }
    return port
  }

  /// Whether only programs on this machine reach it.
  package var isLoopback: Bool {
    address.count == 4 ? address[0] == 127 : address.dropLast().allSatisfy { $0 == 0 } && address.last == 1
  }

  /// Whether two listeners cannot have both.
  package func collides(with other: ListenAddress) -> Bool {
    guard port == other.port else { return false }
    return address == other.address || isWildcard && other.isReached(through: self)
      || other.isWildcard && isReached(through: other)
  }

  private var isWildcard: Bool { address.allSatisfy { $0 == 0 } }

  /// `[::]` takes IPv4 too.
  private func isReached(through wildcard: ListenAddress) -> Bool {
    wildcard.address.count == 16 || address.count == 4 || isWildcard
  }

  /// Opens a socket that listens.
  package func listen() throws(ListenFailure) -> Int32 {
    let descriptor = try open(SOCK_STREAM)
    var yes: Int32 = 1
    unsafe setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
    guard bind(descriptor) == 0, Glibc.listen(descriptor, Self.backlog) == 0 else {
      let failure = ListenFailure(errno, at: self)
      close(descriptor)
      throw failure
    }
    return descriptor
  }

  /// Opens a socket that takes datagrams.
  package func bindDatagrams() throws(ListenFailure) -> Int32 {
    let descriptor = try open(SOCK_DGRAM)
    guard bind(descriptor) == 0 else {
      let failure = ListenFailure(errno, at: self)
      close(descriptor)
      throw failure
    }
    return descriptor
  }

  private func open(_ type: __socket_type) throws(ListenFailure) -> Int32 {
    let kind = Int32(type.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
    let descriptor = socket(address.count == 4 ? AF_INET : AF_INET6, kind, 0)
    guard descriptor >= 0 else { throw ListenFailure(errno, at: self) }
    var no: Int32 = 0
    if address.count == 16 {
      unsafe setsockopt(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &no, socklen_t(MemoryLayout<Int32>.size))
    }
    return descriptor
  }

  /// Connections that wait while all places are taken.
  private static let backlog: Int32 = 128

  private func bind(_ descriptor: Int32) -> Int32 {
    guard address.count == 16 else {
      var place = sockaddr_in()
      place.sin_family = sa_family_t(AF_INET)
      place.sin_port = port.bigEndian
      unsafe withUnsafeMutableBytes(of: &place.sin_addr) { unsafe $0.copyBytes(from: address) }
      return unsafe withUnsafeBytes(of: &place) { unsafe Self.bind(descriptor, $0) }
    }
    var place = sockaddr_in6()
    place.sin6_family = sa_family_t(AF_INET6)
    place.sin6_port = port.bigEndian
    unsafe withUnsafeMutableBytes(of: &place.sin6_addr) { unsafe $0.copyBytes(from: address) }
    return unsafe withUnsafeBytes(of: &place) { unsafe Self.bind(descriptor, $0) }
  }

  private static func bind(_ descriptor: Int32, _ place: UnsafeRawBufferPointer) -> Int32 {
    guard let base = place.baseAddress else { return -1 }
    return unsafe Glibc.bind(descriptor, base.assumingMemoryBound(to: sockaddr.self), socklen_t(place.count))
  }
}

extension PeerAddress {
  /// The other end of a connection.
  init(of descriptor: Int32) {
    var place = sockaddr_storage()
    var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
    let code = unsafe withUnsafeMutablePointer(to: &place) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe getpeername(descriptor, $0, &size) }
    }
    // Behind family and port; in IPv6 also behind the flow label.
    let range = place.ss_family == sa_family_t(AF_INET6) ? 8..<24 : 4..<8
    self.init(code == 0 ? unsafe withUnsafeBytes(of: &place) { unsafe Array($0[range]) } : [])
  }
}
