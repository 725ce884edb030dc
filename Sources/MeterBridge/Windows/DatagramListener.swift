internal import Base
internal import Glibc
internal import HTTP
internal import Platform

/// A UDP port that answers each datagram with one, or not at all.
struct DatagramListener {
  private let address: ListenAddress
  private var socket: Descriptor?
  private var attempts = ListenAttempts()

  init(_ address: ListenAddress) { self.address = address }

  var interest: PollInterest? { socket.map { PollInterest(descriptor: $0.raw, readiness: .readable) } }

  /// When it is opened again; nil while it is open.
  var deadline: Instant? { socket == nil ? attempts.due : nil }

  /// Opens it if it is due, and answers what has come: `answer` makes the answer, or none.
  mutating func service(now: Instant, _ answer: ([UInt8]) -> [UInt8]?) {
    if socket == nil {
      socket = attempts.open(now: now, "udp") { () throws(ListenFailure) in Descriptor(try address.bindDatagrams()) }
    }
    guard let socket else { return }
    for _ in 0..<Limits.datagramsOfRound {
      var datagram = [UInt8](repeating: 0, count: Limits.datagramBytes)
      var peer = sockaddr_storage()
      var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
      let count = unsafe withUnsafeMutableBytes(of: &peer) { bytes -> Int in
        guard let base = bytes.baseAddress else { return -1 }
        return unsafe recvfrom(
          socket.raw, &datagram, datagram.count, 0, base.assumingMemoryBound(to: sockaddr.self), &size)
      }
      guard count >= 0 else { return }
      guard let reply = answer(Array(datagram.prefix(count))) else { continue }
      _ = unsafe withUnsafeBytes(of: peer) { bytes -> Int in
        guard let base = bytes.baseAddress else { return -1 }
        return unsafe sendto(socket.raw, reply, reply.count, 0, base.assumingMemoryBound(to: sockaddr.self), size)
      }
    }
  }
}
