internal import Base
internal import Documents
internal import Glibc
internal import Platform

/// Sends the document of one meter to one host.
///
/// A name is looked up on the thread for that, again every ten minutes and after a failure: the receiver may have moved.
struct UDPSender {
  private let settings: UDPSettings
  private var schedule: UDPSchedule
  private var addresses: [SocketAddress] = []
  private var question: Mailbox<LookupThread.Answer>?
  private var lookupDue = Instant.past
  /// One for each family, open as long as the program runs.
  private var sockets: [Int32: Descriptor] = [:]
  private var limiter = LogLimiter()

  init(_ settings: UDPSettings) {
    self.settings = settings
    schedule = UDPSchedule(interval: settings.interval)
  }

  /// What to wait for: the answer of the name server.
  var interest: PollInterest? { question.map { PollInterest(descriptor: $0.descriptor, readiness: .readable) } }

  var deadline: Instant? { addresses.isEmpty ? (question == nil ? lookupDue : nil) : schedule.deadline }

  /// Sends what is due.
  mutating func service(_ store: MeterStore, _ lookup: LookupThread, now: Instant) {
    resolve(lookup, now: now)
    guard !addresses.isEmpty, let meter = store[settings.meter], schedule.isDue(meter, now: now),
      let datagram = datagram(of: meter)
    else { return }
    send(datagram, now: now)
  }

  private func datagram(of meter: StoredMeter) -> [UInt8]? {
    switch settings.format {
    case .mbuspico: MBusPicoDocument.datagram(of: meter)
    }
  }

  // MARK: The name

  private mutating func resolve(_ lookup: LookupThread, now: Instant) {
    if let answer = question?.takeAll().first {
      question = nil
      switch answer {
      case .found(let found): addresses = found
      case .failed(let reason):
        lookupDue = now + Limits.udpRetry
        say(.warning, "udp: \(settings.destination.host) cannot be resolved: \(reason)", now: now)
      }
    }
    guard question == nil, now >= lookupDue else { return }
    lookupDue = now + Limits.udpLookup
    let (host, port) = (settings.destination.host, settings.destination.port)
    if case .found(let numeric) = LookupThread.lookUp(host, port, isNumeric: true) {
      addresses = numeric
    } else {
      question = lookup.ask(host, port)
    }
  }

  // MARK: The wire

  private mutating func send(_ datagram: [UInt8], now: Instant) {
    var failure = Errno(EHOSTUNREACH)
    for address in addresses {
      guard let socket = socket(of: address.family) else {
        failure = .last
        continue
      }
      let sent = unsafe address.bytes.withUnsafeBytes { bytes -> Int in
        guard let base = bytes.baseAddress else { return -1 }
        return unsafe sendto(
          socket.raw, datagram, datagram.count, 0,
          base.assumingMemoryBound(to: sockaddr.self), socklen_t(bytes.count))
      }
      if sent == datagram.count { return }
      failure = .last
    }
    lookupDue = min(lookupDue, now + Limits.udpRetry)
    say(.warning, "udp: cannot send to \(settings.destination.host): \(failure)", now: now)
  }

  private mutating func socket(of family: Int32) -> Descriptor? {
    if let open = sockets[family] { return open }
    let kind = SOCK_DGRAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue
    let raw = Glibc.socket(family, Int32(kind), 0)
    guard raw >= 0 else { return nil }
    var yes: Int32 = 1
    unsafe setsockopt(raw, SOL_SOCKET, SO_BROADCAST, &yes, socklen_t(MemoryLayout<Int32>.size))
    let socket = Descriptor(raw)
    sockets[family] = socket
    return socket
  }

  private mutating func say(_ level: LogLevel, _ text: String, now: Instant) {
    if limiter.isNew(text, now: now) { Log.write(level, text) }
  }
}
