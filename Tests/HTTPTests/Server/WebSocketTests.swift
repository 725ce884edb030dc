import Testing
import TestSupport

@testable import Base
@testable import HTTP

/// The example of RFC 6455, section 1.3: its key, the text behind it, the hash of both.
private let key = "dGhlIHNhbXBsZSBub25jZQ=="
private let hash: [UInt8] = [
  0xB3, 0x7A, 0x4F, 0x2C, 0xC0, 0x62, 0x4F, 0x16, 0x90, 0xF6, 0x46, 0x06, 0xCF, 0x38, 0x59, 0x45, 0xB2, 0xBE, 0xC4,
  0xEA,
]
private let asking = """
  GET /rpc HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
  Sec-WebSocket-Key: \(key)\r\n\r\n
  """

private func harness() throws -> ServerHarness {
  let harness = try ServerHarness()
  harness.answer = { request in
    guard HTTPResponse.isWanted(by: request) else { return .json([]) }
    return .webSocket(request) { $0 == Array("\(key)258EAFA5-E914-47DA-95CA-C5AB0DC85B11".utf8) ? hash : nil }
  }
  return harness
}

/// A masked text whose mask is 0.
private func text(_ text: String) -> [UInt8] { [0x81, 0x80 | UInt8(text.utf8.count), 0, 0, 0, 0] + Array(text.utf8) }

/// As many open WebSockets as may be.
private func allOpen(_ harness: ServerHarness) throws -> [RawClient] {
  let clients = try (0..<Limits.httpStreams).map { _ in try harness.connect() }
  for client in clients { client.send(asking) }
  #expect(
    harness.run {
      clients.forEach { $0.receive() }
      return clients.allSatisfy { $0.statuses == [101] }
    })
  return clients
}

@Test("a connection becomes a WebSocket, and its messages are answered") func webSocket() throws {
  let harness = try harness()
  let client = try harness.connect()
  // The first message comes with the request.
  client.send(Array(asking.utf8) + text("one"))
  func has(_ end: String) -> Bool {
    harness.run {
      client.receive()
      return client.text.hasSuffix(end)
    }
  }
  #expect(has("heard one"))
  #expect(client.statuses == [101])
  #expect(client.text.lowercased().contains("connection: upgrade"))
  #expect(client.text.contains("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"))
  // Far longer than a request may take.
  harness.wait(Limits.httpHeartbeat)
  client.send(text("two"))
  #expect(has("heard two"))
  #expect(!client.isClosed)
  client.send([0x88, 0x80, 0, 0, 0, 0])
  #expect(
    harness.run {
      client.receive()
      return client.isClosed
    })
  #expect(client.received.suffix(2) == [0x88, 0])
}

@Test("the server ends while WebSockets are open") func endWithOpenWebSockets() throws {
  let harness = try harness()
  let clients = try allOpen(harness)
  #expect(try harness.get("/rpc", "Connection: Upgrade\nUpgrade: websocket\n").hasPrefix("HTTP/1.1 426 "))
  let another = try harness.connect()
  another.send(asking)
  #expect(
    harness.run {
      another.receive()
      return another.statuses == [503]
    })
  harness.server.stop()
  #expect(
    eventually {
      clients.forEach { $0.receive() }
      return clients.allSatisfy(\.isClosed)
    })
}

@Test("clients that leave make room") func leavingWebSocket() throws {
  let harness = try harness()
  for _ in 0..<3 { _ = try allOpen(harness) }
}

@Test("what is no WebSocket's request is refused", arguments: [("13", "short", 400), ("8", key, 426), ("13", "", 400)])
func wrongHandshake(version: String, key: String, status: Int) throws {
  let answer = try harness().get(
    "/rpc",
    "Connection: Upgrade\nUpgrade: websocket\nSec-WebSocket-Version: \(version)\nSec-WebSocket-Key: \(key)\n")
  #expect(answer.hasPrefix("HTTP/1.1 \(status) "))
}
