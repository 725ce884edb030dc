internal import Base
internal import Glibc
internal import Meters
internal import Platform

/// A TCP connection to a gateway. A name is looked up at each opening.
struct TCPTransport: Transport {
  private enum State {
    case closed
    case resolving(Mailbox<LookupThread.Answer>)
    case connecting(Descriptor, others: ArraySlice<SocketAddress>, until: Instant)
    case open(ByteStream)
  }

  private let host: String
  private let port: UInt16
  private let lookup: LookupThread?
  private var state = State.closed

  /// - Parameters:
  ///   - host: A name, or an address in digits.
  ///   - port: The port.
  ///   - lookup: Looks names up; without it only addresses are understood.
  init(host: String, port: UInt16, lookup: LookupThread?) {
    self.host = host
    self.port = port
    self.lookup = lookup
  }

  var backoff: SourceBackoff { SourceBackoff(slowest: Limits.reconnecting) }

  var interest: PollInterest? {
    switch state {
    case .closed: nil
    case .resolving(let answers): PollInterest(descriptor: answers.descriptor, readiness: .readable)
    case .connecting(let descriptor, _, _): PollInterest(descriptor: descriptor.raw, readiness: .writable)
    case .open(let stream): stream.interest
    }
  }

  var deadline: Instant? {
    if case .connecting(_, _, let until) = state { until } else { nil }
  }

  var hasSentAll: Bool {
    if case .open(let stream) = state { stream.hasSentAll } else { true }
  }

  mutating func open(now: Instant) throws(SourceError) -> TransportEvent? {
    if case .found(let addresses) = LookupThread.lookUp(host, port, isNumeric: true) {
      try connect(addresses[...], now: now)
      return nil
    }
    guard let answers = lookup?.ask(host, port) else {
      throw SourceError("cannot look up \(host): too many look-ups are waiting")
    }
    state = .resolving(answers)
    return nil
  }

  mutating func service(_ ready: Readiness, now: Instant) throws(SourceError) -> TransportEvent? {
    switch state {
    case .closed: return nil
    case .resolving(let answers):
      switch answers.takeAll().last {
      case nil: break
      case .found(let addresses): try connect(addresses[...], now: now)
      case .failed(let reason): throw SourceError("cannot look up \(host): \(reason)")
      }
      return nil
    case .connecting(let descriptor, let others, let until):
      let isDone = !ready.isDisjoint(with: [.writable, .failed])
      guard isDone || now >= until else { return nil }
      if let failure = isDone ? TCPSocket.failure(of: descriptor) : Errno(ETIMEDOUT) {
        try connect(others, after: failure, now: now)
        return nil
      }
      state = .open(try ByteStream(descriptor, of: .tcp(host: host, port: port)))
      return .opened
    case .open(let stream): return try stream.service(ready)
    }
  }

  mutating func send(_ bytes: [UInt8]) throws(SourceError) {
    if case .open(let stream) = state { try stream.send(bytes) }
  }

  mutating func close() {
    switch state {
    case .closed, .resolving: break
    case .connecting(let descriptor, _, _): descriptor.close()
    case .open(let stream): stream.close()
    }
    state = .closed
  }

  /// Tries the addresses of a name one after the other.
  private mutating func connect(
    _ addresses: ArraySlice<SocketAddress>, after failure: Errno = Errno(EADDRNOTAVAIL), now: Instant
  ) throws(SourceError) {
    var failure = failure
    var others = addresses
    while let next = others.popFirst() {
      do throws(Errno) {
        state = .connecting(try TCPSocket.connect(to: next), others: others, until: now + Limits.connecting)
        return
      } catch {
        failure = error
      }
    }
    throw SourceError(TCPSocket.trouble(host, port, failure))
  }
}
