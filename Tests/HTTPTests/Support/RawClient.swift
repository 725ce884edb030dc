import Glibc
import TestSupport

/// A client that writes bytes as it likes.
final class RawClient {
  private let descriptor = loopbackSocket()
  /// What came back.
  private(set) var received: [UInt8] = []
  /// Whether the server closed the connection.
  private(set) var isClosed = false

  init(port: UInt16) throws {
    guard unsafe withLoopback(port, { unsafe connect(descriptor, $0, $1) }) == 0 else { throw Failure(what: "connect") }
  }

  deinit { close(descriptor) }

  var text: String { String(decoding: received, as: UTF8.self) }
  /// The numbers behind `HTTP/1.1`, in order.
  var statuses: [Int] {
    text.split(separator: "HTTP/1.1 ").dropFirst(text.hasPrefix("HTTP/1.1 ") ? 0 : 1).compactMap { Int($0.prefix(3)) }
  }

  func send(_ text: String) { send(Array(text.utf8)) }

  func send(_ bytes: [UInt8]) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes { bytes in
        unsafe Glibc.send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL | MSG_DONTWAIT))
      }
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
    }
  }

  /// Takes what has come.
  func receive() {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while !isClosed {
      let count = unsafe recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
      if count > 0 {
        received += buffer.prefix(count)
      } else if count == 0 || (errno != EAGAIN && errno != EINTR) {
        isClosed = true
      } else {
        return
      }
    }
  }

  func forget() { received = [] }
}
