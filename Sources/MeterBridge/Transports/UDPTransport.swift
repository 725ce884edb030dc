internal import Base
internal import Glibc
internal import Meters
internal import Platform

/// Datagrams to and from a gateway: a request goes out in one, and answers come in any number of them. A name is looked up
/// at each opening.
struct UDPTransport: Transport {
  private enum State {
    case closed
    case resolving
    case open(ByteStream)
  }

  private let host: String
  private let port: UInt16
  private var lookup: HostLookup
  private var state = State.closed

  /// - Parameters:
  ///   - host: A name, or an address in digits.
  ///   - port: The port.
  ///   - lookup: Looks names up; without it only addresses are understood.
  init(host: String, port: UInt16, lookup: LookupThread?) {
    self.host = host
    self.port = port
    self.lookup = HostLookup(host: host, port: port, thread: lookup)
  }

  func backoff(seed: UInt64) -> SourceBackoff { SourceBackoff(slowest: Limits.reconnecting, seed: seed) }

  var interest: PollInterest? {
    switch state {
    case .closed: nil
    case .resolving: lookup.interest
    case .open(let stream): stream.interest
    }
  }

  var hasSentAll: Bool {
    if case .open(let stream) = state { stream.hasSentAll } else { true }
  }

  mutating func open(now: Instant) throws(SourceError) -> TransportEvent? {
    state = .resolving
    guard let addresses = try lookup.begin() else { return nil }
    return try begin(addresses)
  }

  mutating func service(_ ready: Readiness, now: Instant) throws(SourceError) -> TransportEvent? {
    switch state {
    case .closed: return nil
    case .resolving:
      guard let addresses = try lookup.take() else { return nil }
      return try begin(addresses)
    case .open(let stream): return try stream.service(ready)
    }
  }

  mutating func send(_ bytes: [UInt8], now: Instant) throws(SourceError) {
    if case .open(let stream) = state { try stream.send(bytes) }
  }

  mutating func close() {
    if case .open(let stream) = state { stream.close() }
    state = .closed
  }

  /// Takes the first address to which the system knows a way: there is no connection that could tell more.
  private mutating func begin(_ addresses: [SocketAddress]) throws(SourceError) -> TransportEvent? {
    var failure = Errno(EADDRNOTAVAIL)
    for address in addresses {
      let descriptor: Descriptor
      do throws(Errno) { descriptor = try TCPSocket.datagrams(to: address) } catch {
        failure = error
        continue
      }
      state = .open(try ByteStream(descriptor, of: .udp(host: host, port: port)))
      return .opened
    }
    throw SourceError("cannot send to \(host):\(port): \(failure)")
  }
}
