internal import Base
internal import Glibc
internal import Meters
internal import Platform

/// A TCP connection to a gateway, with or without Telnet. A name is looked up at each opening.
struct TCPTransport: Transport {
  private enum State {
    case closed
    case resolving
    case connecting(Descriptor, others: ArraySlice<SocketAddress>, until: Instant)
    case open(ByteStream)
  }

  private let host: String
  private let port: UInt16
  /// For the gateway's serial port (RFC 2217); nil leaves it to the gateway.
  private var line: LineSettings?
  private var lookup: HostLookup
  private var state = State.closed
  /// The Telnet layer of this connection.
  private var telnet = TelnetSession(line: nil, now: .past)
  /// Of the gateway's serial port.
  private var change: LineChange?
  /// What came with the last bytes, oldest first.
  /// A few at most. No `Queue`: every reading comes through here, and arrays of a known type are faster.
  private var events: [TransportEvent] = []

  /// - Parameters:
  ///   - host: A name, or an address in digits.
  ///   - port: The port.
  ///   - line: For a gateway that sets its serial port by RFC 2217.
  ///   - lookup: Looks names up; without it only addresses are understood.
  init(host: String, port: UInt16, line: LineSettings? = nil, lookup: LookupThread?) {
    self.host = host
    self.port = port
    self.line = line
    self.lookup = HostLookup(host: host, port: port, thread: lookup)
  }

  func backoff(seed: UInt64) -> SourceBackoff { SourceBackoff(slowest: Limits.reconnecting, seed: seed) }

  var interest: PollInterest? {
    switch state {
    case .closed: nil
    case .resolving: lookup.interest
    case .connecting(let descriptor, _, _): PollInterest(descriptor: descriptor.raw, readiness: .writable)
    case .open(let stream): stream.interest
    }
  }

  var deadline: Instant? {
    switch state {
    case .closed, .resolving: nil
    case .connecting(_, _, let until): until
    case .open: events.isEmpty ? [telnet.deadline, change?.deadline].compactMap(\.self).min() : .past
    }
  }

  var hasSentAll: Bool {
    if case .open(let stream) = state { stream.hasSentAll } else { true }
  }

  mutating func open(now: Instant) throws(SourceError) -> TransportEvent? {
    state = .resolving
    if let addresses = try lookup.begin() { try connect(addresses[...], now: now) }
    return nil
  }

  mutating func service(_ ready: Readiness, now: Instant) throws(SourceError) -> TransportEvent? {
    switch state {
    case .closed: return nil
    case .resolving:
      if let addresses = try lookup.take() { try connect(addresses[...], now: now) }
      return nil
    case .connecting(let descriptor, let others, let until):
      let isDone = !ready.isDisjoint(with: [.writable, .failed])
      guard isDone || now >= until else { return nil }
      if let failure = isDone ? TCPSocket.failure(of: descriptor) : Errno(ETIMEDOUT) {
        try connect(others, after: failure, now: now)
        return nil
      }
      return try begin(ByteStream(descriptor, of: .tcp(host: host, port: port)), now: now)
    case .open(let stream):
      try tune(stream, now: now)
      if events.isEmpty { try read(stream, ready, now: now) }
      return events.isEmpty ? nil : events.removeFirst()
    }
  }

  mutating func send(_ bytes: [UInt8], now: Instant) throws(SourceError) {
    guard case .open(let stream) = state else { return }
    change?.sent(bytes.count, now: now)
    try stream.send(telnet.encoded(bytes))
  }

  mutating func tune(_ line: LineSettings, now: Instant) -> Bool {
    guard case .open = state, telnet.line != nil else { return false }
    change?.order(line)
    return true
  }

  mutating func use(_ line: LineSettings) { if self.line != nil { self.line = line } }

  mutating func close() {
    switch state {
    case .closed, .resolving: break
    case .connecting(let descriptor, _, _): descriptor.close()
    case .open(let stream): stream.close()
    }
    state = .closed
    events.removeAll()
  }

  // MARK: Steps

  private mutating func begin(_ stream: ByteStream, now: Instant) throws(SourceError) -> TransportEvent? {
    state = .open(stream)
    telnet = TelnetSession(line: line, now: now)
    change = line.map(LineChange.init)
    try stream.send(telnet.takeOutgoing())
    return line == nil ? .opened : nil
  }

  private mutating func read(_ stream: ByteStream, _ ready: Readiness, now: Instant) throws(SourceError) {
    do throws(SourceError) {
      if case .bytes(let input) = try stream.service(ready) { take(telnet.received(input.bytes)) }
    } catch {
      // Bytes that waited for others first: the next call finds the loss again.
      let rest = telnet.finish()
      if rest.isEmpty { throw error }
      take([.data(rest)])
    }
    let due = telnet.tick(now: now)
    guard due.speaksTelnet else {
      throw SourceError(
        "\(host):\(port) does not speak RFC 2217: write tcp://\(host):\(port), and set the line in the gateway")
    }
    take(due.events)
    try stream.send(telnet.takeOutgoing())
  }

  /// A gateway need not wait until its port has sent everything, before it changes the settings.
  private mutating func tune(_ stream: ByteStream, now: Instant) throws(SourceError) {
    let address = SourceAddress.rfc2217(host: host, port: port)
    guard let next = try change?.due(isEmpty: stream.hasSentAll, now: now, of: address) else { return }
    change?.settled(isDone: true)
    telnet.tune(next, now: now)
    try stream.send(telnet.takeOutgoing())
  }

  private mutating func take(_ new: [TelnetSession.Event]) {
    for event in new {
      switch event {
      case .data(let bytes): events.append(.bytes(LineInput(bytes: bytes)))
      case .ready: events.append(.opened)
      case .warning(let text): events.append(.warning("\(host):\(port) \(text)"))
      case .tuned(let refusal):
        change = telnet.line.map(LineChange.init)
        events.append(.tuned(refusal: refusal.map { "\(host):\(port) \($0)" }))
      }
    }
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
