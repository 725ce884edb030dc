import Testing
import TestSupport

@testable import Base
@testable import HTTP

private let asking = "GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n"

@Test("streams get what is new, and a comment where nothing is")
func stream() throws {
  let harness = try ServerHarness()
  var newest = 1
  harness.answer = { _ in
    var seen = 0
    return .events {
      defer { seen = newest }
      return seen == newest ? [] : Array("data: \(newest)\n\n".utf8)
    }
  }
  let clients = try (0..<Limits.httpStreams).map { _ in try harness.connect() }
  for client in clients { client.send(asking) }
  func all(have text: String) -> Bool {
    harness.run {
      clients.forEach { $0.receive() }
      return clients.allSatisfy { $0.text.contains(text) }
    }
  }
  #expect(all(have: "data: 1\n\n"))
  #expect(clients[0].text.contains("X-Accel-Buffering: no"))
  // A slow reader gets the newest state only.
  newest = 2
  newest = 3
  #expect(all(have: "data: 3\n\n"))
  #expect(!clients[0].text.contains("data: 2"))
  // Far longer than a request may take.
  for client in clients { client.forget() }
  harness.wait(Limits.httpHeartbeat)
  #expect(all(have: ": \n\n"))
  #expect(clients.allSatisfy { !$0.isClosed })

  let another = try harness.get("/events")
  #expect(another.hasPrefix("HTTP/1.1 503 "))
  #expect(another.contains("Retry-After"))
}

@Test("a stream that its client left makes room for another")
func leaving() throws {
  let harness = try ServerHarness()
  harness.answer = { _ in .events { [] } }
  func streams() throws -> [RawClient] {
    let clients = try (0..<Limits.httpStreams).map { _ in try harness.connect() }
    for client in clients { client.send(asking) }
    #expect(
      harness.run {
        clients.forEach { $0.receive() }
        return clients.allSatisfy { $0.text.contains(" 200 ") }
      })
    return clients
  }
  _ = try streams()
  harness.wait(Limits.httpHeartbeat)
  harness.wait(Limits.httpHeartbeat)
  _ = try streams()
}

@Test("a server with silent streams can be stopped")
func stopping() throws {
  let harness = try ServerHarness()
  harness.answer = { _ in .events { [] } }
  let client = try harness.connect()
  client.send(asking)
  #expect(
    harness.run {
      client.receive()
      return client.text.contains(" 200 ")
    })
  harness.server.stop()
  #expect(
    eventually {
      client.receive()
      return client.isClosed
    })
}

@Test("a port is free again after its server, and taken during it")
func ports() throws {
  let harness = try ServerHarness()
  let address = ListenAddress.loopback(port: harness.port)
  #expect(throws: ListenFailure.self) { try HTTPServer(address, .open, now: harness.now) }
  harness.server.stop()
  #expect(throws: Never.self) { try HTTPServer(address, .open, now: harness.now).stop() }
}
