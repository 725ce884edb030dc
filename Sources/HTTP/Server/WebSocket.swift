internal import Base
internal import Glibc
internal import Platform

/// A connection that has become a WebSocket. The library has given its socket away and only closes it.
@safe final class WebSocket {
  let descriptor: Int32
  /// What the library closes it by.
  let handle: MicroHTTPD.Handle
  private var session: WebSocketSession
  /// Bytes that came with the request.
  private var early: [UInt8]
  private var isGone = false

  init(_ descriptor: Int32, _ handle: MicroHTTPD.Handle, early: [UInt8], now: Instant) {
    self.descriptor = descriptor
    unsafe self.handle = handle
    self.early = early
    session = WebSocketSession(now: now)
    var yes: Int32 = 1
    unsafe setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
  }

  var isClosed: Bool { isGone || session.isEnding && session.output.isEmpty }
  var deadline: Instant { session.deadline }
  var interest: PollInterest {
    PollInterest(descriptor: descriptor, readiness: session.output.isEmpty ? .readable : [.readable, .writable])
  }

  /// One round: reads, answers and writes what can be, at most one buffer, so that others get their turn.
  func service(now: Instant, _ answer: ([UInt8]) -> [UInt8]?) {
    if !early.isEmpty {
      session.take(early, now: now, answer)
      early = []
    }
    var buffer = [UInt8](repeating: 0, count: Limits.httpPieceBytes)
    let count = unsafe recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
    if count > 0 {
      session.take(buffer.prefix(count), now: now, answer)
    } else if count == 0 || errno != EAGAIN && errno != EINTR {
      isGone = true
    }
    session.pass(now: now)
    let sent = unsafe session.output.withUnsafeBytes {
      unsafe send(descriptor, $0.baseAddress, $0.count, Int32(MSG_DONTWAIT | MSG_NOSIGNAL))
    }
    if sent > 0 {
      session.sent(sent)
    } else if sent < 0, errno != EAGAIN, errno != EINTR {
      isGone = true
    }
  }
}
