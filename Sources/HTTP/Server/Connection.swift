internal import Base
internal import Glibc

/// The connection of one client.
final class Connection {
  let descriptor: Int32
  let peer: PeerAddress
  /// When it is cut, unless it gets further; nil for an event stream.
  var deadline: Instant?

  init(_ descriptor: Int32, now: Instant) {
    self.descriptor = descriptor
    peer = PeerAddress(of: descriptor)
    deadline = now + Limits.httpRequest
    // A phone that has left the network says nothing. What it does not acknowledge ends the connection.
    var patience = Int32(clamping: Limits.httpSilence.count)
    unsafe setsockopt(
      descriptor, Int32(IPPROTO_TCP), TCP_USER_TIMEOUT, &patience, socklen_t(MemoryLayout<Int32>.size))
  }

  /// Ends it. The library notices.
  func cut() {
    deadline = nil
    shutdown(descriptor, Int32(SHUT_RDWR))
  }
}
