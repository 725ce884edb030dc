internal import Base
internal import Glibc
internal import HTTP
internal import Meters
internal import Platform

/// A port that gateways send datagrams to. Each sender has a line of its own.
struct DatagramTransport: Transport {
  private let address: ListenAddress?
  private var socket: Descriptor?
  /// By the sender's address.
  private var senders: [[UInt8]: (number: Int, heard: Instant)] = [:]
  private var newest = 0
  private var events = Queue<TransportEvent>()

  /// - Parameter address: As `ListenAddress` reads it.
  init(_ address: String) { self.address = ListenAddress(address) }

  func backoff(seed: UInt64) -> SourceBackoff { SourceBackoff(slowest: Limits.reopening, seed: seed) }

  var interest: PollInterest? { socket.map { PollInterest(descriptor: $0.raw, readiness: .readable) } }

  var deadline: Instant? { events.isEmpty ? nil : .past }

  mutating func open(now: Instant) throws(SourceError) -> TransportEvent? {
    guard let address else { throw SourceError("no address") }
    do throws(ListenFailure) { socket = Descriptor(try address.bindDatagrams()) } catch {
      throw SourceError(error.description)
    }
    return .opened
  }

  mutating func service(_ ready: Readiness, now: Instant) throws(SourceError) -> TransportEvent? {
    if events.isEmpty { read(now: now) }
    return events.popFirst()
  }

  mutating func close() {
    socket?.close()
    socket = nil
    senders = [:]
    events.removeAll()
  }

  private mutating func read(now: Instant) {
    guard let socket else { return }
    for _ in 0..<Limits.clientsOfRound {
      var peer = sockaddr_storage()
      var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
      var count = 0
      let bytes = unsafe [UInt8](unsafeUninitializedCapacity: Limits.p1Bytes) { buffer, filled in
        count = unsafe withUnsafeMutableBytes(of: &peer) { place -> Int in
          guard let base = place.baseAddress else { return -1 }
          return unsafe recvfrom(
            socket.raw, buffer.baseAddress, buffer.count, 0, base.assumingMemoryBound(to: sockaddr.self), &size)
        }
        filled = max(0, count)
      }
      guard count >= 0 else { return }
      let sender = unsafe withUnsafeBytes(of: &peer) { place in unsafe Array(place.prefix(Int(size))) }
      events.append(.bytes(LineInput(bytes: bytes, client: number(of: sender, now: now), isDatagram: true)))
    }
  }

  private mutating func number(of sender: [UInt8], now: Instant) -> Int {
    if let known = senders[sender]?.number {
      senders[sender]?.heard = now
      return known
    }
    if senders.count >= Limits.clients, let longest = senders.min(by: { $0.value.heard < $1.value.heard }) {
      senders[longest.key] = nil
      events.append(.left(client: longest.value.number))
    }
    newest += 1
    senders[sender] = (newest, now)
    return newest
  }
}
