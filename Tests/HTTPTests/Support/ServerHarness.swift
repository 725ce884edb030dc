import Glibc
import TestSupport

@testable import Base
@testable import HTTP

/// A server on a free port, with a clock that only tests move.
final class ServerHarness {
  let port: UInt16
  let server: HTTPServer
  private(set) var now = Instant(milliseconds: 1_000_000)
  /// The requests that were let through.
  private(set) var requests: [HTTPRequest] = []
  var answer: (HTTPRequest) -> HTTPResponse = { .json(Array("{\"path\":\"\($0.path)\"}".utf8)) }

  init(_ rules: AccessRules = AccessRules(hosts: ["meter.example"], credentials: nil)) throws {
    port = try freePort()
    let address = ListenAddress.loopback(port: port)
    server = try HTTPServer(address, rules, now: now)
  }

  deinit { server.stop() }

  func connect() throws -> RawClient { try RawClient(port: port) }

  func round() {
    server.service(
      now: now,
      { [self] request in
        requests.append(request)
        return answer(request)
      }, messages: { Array("heard ".utf8) + $0 })
  }

  /// Lets the server work until something is true, for some seconds of real time at most.
  func run(until isDone: () -> Bool) -> Bool {
    eventually {
      round()
      return isDone()
    }
  }

  /// Time passes, all at once.
  func wait(_ time: Milliseconds) {
    now = now + time
    for _ in 0..<3 { round() }
  }

  /// Sends a request on a connection of its own, and returns the response: until it closes, or the next is due.
  func ask(_ text: String) throws -> String {
    let client = try connect()
    client.send(text.replacing("\n", with: "\r\n"))
    _ = run {
      client.receive()
      return client.isClosed || client.bodies?.isEmpty == false
    }
    return client.text
  }

  func get(_ path: String, _ headers: String = "") throws -> String {
    try ask("GET \(path) HTTP/1.1\nHost: localhost\n\(headers)\n")
  }
}
