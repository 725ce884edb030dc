import Testing
import TestSupport

/// What a test asks the web server of a bridge.
struct WebClient {
  let port: UInt16
  /// Further headers, each with its line end.
  var headers = ""

  /// Sends a request as it stands, with `\n` for line ends, and returns all that comes back.
  func send(_ text: String) throws -> String {
    let client = try RawClient(port: port)
    client.send(text.replacing("\n", with: "\r\n"))
    let hasCome = eventually {
      client.receive()
      return client.isClosed || client.bodies?.isEmpty == false || client.text.hasSuffix("\r\n0\r\n\r\n")
    }
    #expect(hasCome, "\(text.prefix(100))")
    return client.text
  }

  func get(_ path: String, _ more: String = "") throws -> String {
    try send("GET \(path) HTTP/1.1\nHost: localhost:\(port)\n\(headers)\(more)\n")
  }

  func post(_ path: String, _ body: String = "{}", _ more: String = "Content-Type: application/json\n") throws -> String
  {
    try send(
      "POST \(path) HTTP/1.1\nHost: localhost:\(port)\n\(headers)\(more)Content-Length: \(body.utf8.count)\n\n\(body)")
  }

  /// Opens an event stream.
  func events() throws -> RawClient {
    let client = try RawClient(port: port)
    client.send("GET /api/events HTTP/1.1\r\nHost: localhost\r\n\(headers.replacing("\n", with: "\r\n"))\r\n")
    return client
  }

  /// Waits until the server listens.
  func awaitServer() -> Bool { eventually { (try? RawClient(port: port)) != nil } }
}

extension String {
  /// The status of a response; 0 without one.
  var status: Int { hasPrefix("HTTP/1.") ? Int(dropFirst(9).prefix(3)) ?? 0 : 0 }
}
