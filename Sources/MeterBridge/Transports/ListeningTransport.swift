internal import Base
internal import Glibc
internal import HTTP
internal import Meters
internal import Platform

/// A port that gateways connect to. Each client has a line of its own, may be silent for hours, and may end in the middle of
/// a telegram. The program sends nothing.
struct ListeningTransport: Transport {
  private struct Client {
    let descriptor: Descriptor
    var heard: Instant
    var pace = ReadingPace(isLimited: true, baud: nil)
  }

  /// The token of the listening socket; clients count from 1.
  private static let door = 0

  private let address: ListenAddress?
  /// For messages.
  private let name: String
  private var listening: Descriptor?
  private var polled: EventPoll?
  private var clients: [Int: Client] = [:]
  private var newest = 0
  /// Whose bytes were returned last.
  private var latest = 0
  /// When clients are accepted again after the system had no descriptor left.
  private var acceptsFrom: Instant?
  private var events = Queue<TransportEvent>()

  /// - Parameter address: As `ListenAddress` reads it.
  init(_ address: String) {
    self.address = ListenAddress(address)
    name = address
  }

  func backoff(seed: UInt64) -> SourceBackoff { SourceBackoff(slowest: Limits.reopening, seed: seed) }

  var interest: PollInterest? { polled?.interest }

  var deadline: Instant? {
    guard events.isEmpty else { return .past }
    return clients.values.compactMap(\.pace.restsUntil).min().map { min($0, acceptsFrom ?? $0) } ?? acceptsFrom
  }

  mutating func open(now: Instant) throws(SourceError) -> TransportEvent? {
    guard let address, let polled = EventPoll() else {
      throw SourceError("\(name) cannot be opened: no file descriptors left")
    }
    do throws(ListenFailure) { listening = Descriptor(try address.listen()) } catch {
      throw SourceError(error.description)
    }
    self.polled = polled
    watchDoor()
    return .opened
  }

  mutating func service(_ ready: Readiness, now: Instant) throws(SourceError) -> TransportEvent? {
    guard let polled else { return nil }
    goOn(now: now)
    if events.isEmpty {
      for event in polled.wait(atMost: 0) {
        if event.token == Self.door { accept(now: now) } else { read(event.token, now: now) }
      }
    }
    guard let event = events.popFirst() else { return nil }
    if case .bytes(let input) = event { latest = input.client }
    return event
  }

  mutating func decoded() {
    clients[latest]?.pace.end()
    watch(latest)
  }

  mutating func close() {
    polled = nil
    listening?.close()
    for client in clients.values { client.descriptor.close() }
    clients = [:]
    acceptsFrom = nil
    events.removeAll()
  }

  // MARK: Clients

  private func watchDoor() {
    let interest = listening.map { PollInterest(descriptor: $0.raw, readiness: .readable) }
    polled?.watch(acceptsFrom == nil ? interest : nil, as: Self.door)
  }

  private func watch(_ token: Int) {
    guard let client = clients[token] else { return }
    let interest = PollInterest(descriptor: client.descriptor.raw, readiness: .readable)
    polled?.watch(client.pace.restsUntil == nil ? interest : nil, as: token)
  }

  /// Reads those again whose rest is over.
  private mutating func goOn(now: Instant) {
    if let from = acceptsFrom, now >= from {
      acceptsFrom = nil
      watchDoor()
    }
    for (token, client) in clients where client.pace.restsUntil.map({ now >= $0 }) == true {
      _ = clients[token]?.pace.tick(now: now)
      watch(token)
    }
  }

  private mutating func accept(now: Instant) {
    guard let listening else { return }
    do throws(Errno) {
      for _ in 0..<Limits.clientsOfRound {
        guard let descriptor = try TCPSocket.accept(from: listening) else { return }
        guard DescriptorLimit.leavesRoom(behind: descriptor.raw) else {
          descriptor.close()
          throw Errno(EMFILE)
        }
        if clients.count >= Limits.clients { leaveMostSilent() }
        newest += 1
        clients[newest] = Client(descriptor: descriptor, heard: now)
        watch(newest)
      }
    } catch {
      events.append(.warning("\(name): a gateway cannot connect: \(error)"))
      acceptsFrom = now + Limits.reopening
      watchDoor()
    }
  }

  private mutating func read(_ token: Int, now: Instant) {
    guard let client = clients[token] else { return }
    var count = 0
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: Limits.readBytes) { buffer, filled in
      count = unsafe Glibc.read(client.descriptor.raw, buffer.baseAddress, buffer.count)
      filled = max(0, count)
    }
    guard count > 0 else {
      if count == 0 || errno != EAGAIN && errno != EINTR { leave(token) }
      return
    }
    clients[token]?.heard = now
    clients[token]?.pace.received(count, now: now)
    if clients[token]?.pace.restsUntil != nil { watch(token) }
    events.append(.bytes(LineInput(bytes: bytes, client: token)))
  }

  /// Some gateways leave connections behind: with too many, the one that was silent longest goes.
  private mutating func leaveMostSilent() {
    guard let longest = clients.min(by: { $0.value.heard < $1.value.heard }) else { return }
    leave(longest.key)
    let count = counted(Limits.clients, "gateway")
    events.append(.warning("\(name): \(count) at a time; the one that was silent longest makes room"))
  }

  private mutating func leave(_ token: Int) {
    polled?.watch(nil, as: token)
    clients.removeValue(forKey: token)?.descriptor.close()
    events.append(.left(client: token))
  }
}
