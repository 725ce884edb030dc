import Testing
import TestSupport

@testable import Base
@testable import HTTP

@Test("a request is answered, with the headers that keep pages in their places")
func answer() throws {
  let harness = try ServerHarness()
  let text = try harness.get("/api/meters?limit=5&name=a%20b")
  #expect(text.hasPrefix("HTTP/1.1 200 "))
  #expect(text.hasSuffix("{\"path\":\"/api/meters\"}"))
  for header in ["nosniff", "no-store", "default-src 'none'", "application/json; charset=utf-8"] {
    #expect(text.contains(header))
  }
  #expect(!text.contains("Access-Control"))
  #expect(harness.requests.map(\.query) == [["limit": "5", "name": "a b"]])
}

@Test("HEAD has the length and no body")
func head() throws {
  let harness = try ServerHarness()
  let client = try harness.connect()
  client.send("HEAD /x HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
  #expect(
    harness.run {
      client.receive()
      return client.isClosed
    })
  #expect(client.text.contains("Content-Length: 13\r\n"))
  #expect(client.text.hasSuffix("\r\n\r\n"))
}

@Test("a known document is not sent again", arguments: ["\"7\"", "W/\"7\"", "\"6\", \"7\"", "*"])
func known(tags: String) throws {
  let harness = try ServerHarness()
  harness.answer = { _ in .json([0x31]).with("ETag", "\"7\"") }
  let text = try harness.get("/x", "If-None-Match: \(tags)\nConnection: close\n")
  #expect(text.hasPrefix("HTTP/1.1 304 "))
  #expect(try harness.get("/x", "If-None-Match: \"8\"\n").hasPrefix("HTTP/1.1 200 "))
}

@Test("pipelined requests are all answered")
func pipelining() throws {
  let harness = try ServerHarness()
  let client = try harness.connect()
  client.send(String(repeating: "GET /x HTTP/1.1\r\nHost: localhost\r\n\r\n", count: 20))
  #expect(
    harness.run {
      client.receive()
      return client.statuses.count == 20
    })
  #expect(Set(client.statuses) == [200])
}

@Test("a small body comes with its request, a large one is refused when it is read")
func bodies() throws {
  let harness = try ServerHarness()
  func post(_ bytes: Int) throws -> String {
    try harness.ask(
      "POST /x HTTP/1.1\nHost: localhost\nContent-Type: application/json\nContent-Length: \(bytes)\n\n"
        + String(repeating: "1", count: bytes))
  }
  #expect(try post(2).hasPrefix("HTTP/1.1 200 "))
  #expect(harness.requests.last?.body == Array("11".utf8))
  #expect(try post(Limits.httpBodyBytes).hasPrefix("HTTP/1.1 200 "))
  #expect(try post(Limits.httpBodyBytes + 1).hasPrefix("HTTP/1.1 413 "))
  #expect(try post(200_000).hasPrefix("HTTP/1.1 413 "))
  #expect(harness.requests.count == 2)
}

@Test("a client that waits for leave to send too much gets none")
func expectation() throws {
  let harness = try ServerHarness()
  let text = try harness.ask(
    "POST /x HTTP/1.1\nHost: localhost\nContent-Type: application/json\nExpect: 100-continue\nContent-Length: 99999999\n\n"
  )
  #expect(text.hasPrefix("HTTP/1.1 413 "))
}

@Test("a chunked body counts too")
func chunkedBody() throws {
  let harness = try ServerHarness()
  let head = "POST /x HTTP/1.1\nHost: localhost\nContent-Type: application/json\nTransfer-Encoding: chunked\n\n"
  #expect(try harness.ask(head + "2\n{}\n0\n\n").hasPrefix("HTTP/1.1 200 "))
  let chunk = "1000\n" + String(repeating: "1", count: 4096) + "\n"
  #expect(try harness.ask(head + String(repeating: chunk, count: 5) + "0\n\n").hasPrefix("HTTP/1.1 413 "))
}

@Test(
  "a request that could be taken for two is refused and its connection closed",
  arguments: [
    "Host: localhost\nHost: localhost\n", "Host: localhost\nContent-Length: 1\nContent-Length: 1\n",
    "Host: localhost\nContent-Length: 5\nTransfer-Encoding: chunked\n",
    "Host: localhost\nTransfer-Encoding: gzip\n", "Host: localhost\nOrigin: http://a\nOrigin: http://b\n",
  ])
func ambiguity(headers: String) throws {
  let harness = try ServerHarness()
  let client = try harness.connect()
  client.send("POST /x HTTP/1.1\n\(headers)\n0\n\n".replacing("\n", with: "\r\n"))
  #expect(
    harness.run {
      client.receive()
      return client.isClosed
    })
  #expect(client.statuses == [400])
  #expect(harness.requests.isEmpty)
}

@Test("what is longer than its limit has its own status")
func longHeads() throws {
  let harness = try ServerHarness()
  #expect(try harness.get("/" + String(repeating: "a", count: 20_000)).contains(" 414 "))
  #expect(try harness.get("/x", "X: " + String(repeating: "a", count: 20_000) + "\n").contains(" 431 "))
  #expect(harness.requests.isEmpty)
}

@Test(
  "a path that is not text is refused",
  arguments: ["/%", "/%4", "/%zz", "/%00", "/a%0d%0ab", "/%ff", "/x?a=%ff", "http://evil.example/x"])
func strangePaths(path: String) throws {
  let harness = try ServerHarness()
  #expect(try harness.get(path).hasPrefix("HTTP/1.1 400 "))
  #expect(harness.requests.isEmpty)
}

@Test("half a request is cut after eight seconds, however slowly it grows")
func slowLoris() throws {
  let harness = try ServerHarness()
  let silent = try harness.connect()
  let slow = try harness.connect()
  let good = try harness.connect()
  good.send("GET /x HTTP/1.1\r\nHost: localhost\r\n\r\n")
  #expect(
    harness.run {
      good.receive()
      return good.statuses == [200]
    })
  for letter in "GET /xyz" {
    harness.wait(Milliseconds(990))
    slow.send(String(letter))
  }
  silent.receive()
  #expect(!silent.isClosed)
  harness.wait(Milliseconds(100))
  for client in [silent, slow] { client.receive() }
  #expect(silent.isClosed && slow.isClosed)
  good.receive()
  #expect(!good.isClosed)
  // The next request of a connection has its deadline too.
  good.send("GET /x")
  harness.wait(Limits.httpIdle)
  good.receive()
  #expect(good.isClosed)
}

@Test("a long document is made piece by piece")
func pieces() throws {
  let harness = try ServerHarness()
  var made = 0
  harness.answer = { _ in
    HTTPResponse(
      contentType: "text/plain",
      .pieces {
        made += 1
        // An empty piece is not the end.
        return made > 1000 ? nil : made.isMultiple(of: 7) ? [] : Array(repeating: 0x61, count: 1000)
      })
  }
  let client = try harness.connect()
  client.send("GET /x HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
  for _ in 0..<5 { harness.round() }
  #expect(made < 900)
  #expect(
    harness.run {
      client.receive()
      return client.isClosed
    })
  #expect(client.text.contains("Transfer-Encoding: chunked"))
  #expect(client.received.count { $0 == 0x61 } >= 858_000)
  #expect(client.text.hasSuffix("0\r\n\r\n"))
}
