import Glibc
import Testing

@testable import Platform
@testable import Simulator

/// A page on a port of the loopback, on connections that stay open.
final class Page: Sendable {
  let port: UInt16
  let text: Shared<String>
  /// The line behind `HTTP/1.1`.
  let status = Shared("200 OK")
  private let isShut = Shared(false)

  init(_ text: String) throws {
    let listening = try LoopbackPort(port: 0)
    port = listening.port
    let (content, isShut, status) = (Shared(text), isShut, status)
    self.text = content
    try #require(
      Thread.start {
        var line = listening
        while !isShut.current {
          line.refresh()
          if !line.read().isEmpty {
            let body = content.current
            line.write(Array("HTTP/1.1 \(status.current)\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)".utf8))
          }
          usleep(2000)
        }
        line.close()
      })
  }

  deinit { isShut.change { $0 = true } }
}
