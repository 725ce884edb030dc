import Glibc

/// A client that writes bytes as it likes.
package final class RawClient {
  private let descriptor = loopbackSocket()
  /// What came back.
  package private(set) var received: [UInt8] = []
  /// Whether the server closed the connection.
  package private(set) var isClosed = false

  package init(port: UInt16) throws {
    guard unsafe withLoopback(port, { unsafe connect(descriptor, $0, $1) }) == 0 else { throw Failure(what: "connect") }
  }

  deinit { close(descriptor) }

  package var text: String { String(decoding: received, as: UTF8.self) }
  /// The numbers behind `HTTP/1.1`, in order.
  package var statuses: [Int] {
    text.split(separator: "HTTP/1.1 ").dropFirst(text.hasPrefix("HTTP/1.1 ") ? 0 : 1).compactMap { Int($0.prefix(3)) }
  }

  package func send(_ text: String) { send(Array(text.utf8)) }

  package func send(_ bytes: [UInt8]) {
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
  package func receive() {
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

  /// The bodies of all responses with a Content-Length that are whole; nil if the last one is not.
  package var bodies: [String]? {
    var bodies: [String] = []
    var rest = received[...]
    while !rest.isEmpty {
      guard let end = rest.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
      let head = String(decoding: rest[..<end.lowerBound], as: UTF8.self).lowercased()
      rest = rest[end.upperBound...]
      let digits = head.firstRange(of: "content-length: ").map { head[$0.upperBound...].prefix { $0.isNumber } }
      guard let count = digits.flatMap({ Int($0) }) ?? (head.contains(" 304 ") ? 0 : nil), count <= rest.count else {
        return nil
      }
      bodies.append(String(decoding: rest.prefix(count), as: UTF8.self))
      rest = rest.dropFirst(count)
    }
    return bodies
  }

  package func forget() { received = [] }
}
