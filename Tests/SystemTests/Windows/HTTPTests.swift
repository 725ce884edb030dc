import Foundation
import Glibc
import Testing
import TestSupport

@testable import Base
@testable import Platform

private let token = "00112233445566778899aabbccddeeff"
private let basic = "Authorization: Basic bWV0ZXJicmlkZ2U6Z2VoZWlt\n"

/// A bridge with a P1 meter and a web server.
private struct Served {
  let bridge: RunningBridge
  let meter: ScriptedMeter
  var web: WebClient

  init(_ http: String = "", more meters: String = "", simulate bus: Bool = false) throws {
    bridge = try RunningBridge(try Broker())
    meter = try ScriptedMeter(in: bridge)
    web = WebClient(port: try freePort())
    if bus { try bridge.simulate("mbus-pro380=bus") }
    try bridge.configure(
      "  - {id: grid, protocol: p1, source: $/port, min_interval: 0s}\n" + meters,
      more: "http: {listen: '127.0.0.1:\(web.port)'\(http.isEmpty ? "" : ", \(http)")}")
    try bridge.run()
    try #require(web.awaitServer(), "\(bridge.log)")
    try #require(meter.awaitListener())
  }
}

@Test("the web server shows a reading, and asks a meter that can be asked")
func readingOverHTTP() throws {
  let served = try Served(
    more: "  - {id: heat, protocol: mbus, source: $/bus, interval: 1h, min_interval: 0s}", simulate: true)
  let web = served.web
  served.meter.send()
  let path = "/api/meters/grid"
  #expect(eventually { (try? web.get(path).contains("\"energy_import\":0.001")) == true })
  let response = try web.get(path)
  let tag = try #require(response.split(separator: "\r\n").first { $0.hasPrefix("ETag: ") }).dropFirst(6)
  #expect(try web.get(path, "If-None-Match: \(tag)\n").status == 304)
  served.meter.send()
  #expect(eventually { (try? web.get(path, "If-None-Match: \(tag)\n").status) == 200 })
  for document in ["/metrics", "/api/meters", "/api/health", "/api/dead-letters", "\(path)/telegram"] {
    let text = try web.get(document)
    #expect(text.status == 200, "\(document)")
    #expect(text.contains("grid") || document.hasSuffix("letters"), "\(document)")
  }
  #expect(try web.get("/api/meters/nobody").status == 404)
  #expect(try web.get("/nowhere").status == 404)
  #expect(try web.post("/metrics").status == 405)
  #expect(try web.get("\(path)/read").status == 405)
  #expect(try web.post("\(path)/read").status == 409)
  #expect(try web.post("/api/meters/nobody/read").status == 404)

  func readings() throws -> Substring { try web.get("/api/meters/heat").drop { $0 != "{" } }
  #expect(eventually { (try? readings().contains("\"number\":1,")) == true })
  #expect(try web.post("/api/meters/heat/read").status == 202)
  #expect(eventually { (try? readings().contains("\"number\":2,")) == true })
  served.bridge.end()
}

@Test("what the web server refuses")
func refusalsOverHTTP() throws {
  let served = try Served("password: geheim, token: \(token), hosts: [meter.example]")
  var web = served.web
  #expect(try web.get("/api/health").contains("WWW-Authenticate: Basic realm"))
  #expect(try web.get("/api/health").status == 401)
  #expect(try web.get("/api/health", basic).status == 200)
  web.headers = "Authorization: Bearer \(token)\n"
  #expect(try web.get("/api/health").status == 200)
  func ask(_ host: String, _ more: String = "") throws -> Int {
    try web.send("GET /api/health HTTP/1.1\n\(host)\(web.headers)\(more)\n").status
  }
  #expect(try ask("Host: meter.example\n") == 200)
  #expect(try ask("Host: evil.example\n") == 421)
  #expect(try ask("Host: evil.example\n", "X-Ingress-Path: /x\n") == 421)
  #expect(try ask("Host: localhost\nHost: localhost\n") == 400)
  #expect(try ask("") == 400)
  #expect(try web.send("BREW / HTTP/1.1\nHost: localhost\n\(web.headers)\n").status == 405)
  let json = "Content-Type: application/json\n"
  #expect(try web.post("/api/meters/grid/read", "{}", json + "Origin: http://evil.example\n").status == 403)
  #expect(try web.post("/api/meters/grid/read", "{}", json + "Origin: http://localhost:\(web.port)\n").status == 409)
  #expect(try web.post("/api/meters/grid/read", "{}", "Content-Type: text/plain\n").status == 415)
  #expect(try web.post("/api/meters/grid/read", String(repeating: " ", count: 200_000)).status == 413)
  #expect(try web.get("/" + String(repeating: "a", count: 20_000)).status == 414)
  #expect(try web.get("/", "X: " + String(repeating: "a", count: 20_000) + "\n").status == 431)
  // Last, since nobody of this address gets in after it.
  web.headers = "Authorization: Bearer \(token.reversed())\n"
  #expect(try (0..<11).map { _ in try web.get("/api/health").status } == Array(repeating: 401, count: 10) + [429])
  #expect(try served.web.get("/api/health", basic).status == 429)
  served.bridge.end()
  #expect(!served.bridge.log.contains("geheim") && !served.bridge.log.contains(token))
}

@Test("event streams tell each reading, survive a reload, and do not hold up the end")
func eventStreams() throws {
  let served = try Served()
  let streams = try (0..<Limits.httpStreams).map { _ in try served.web.events() }
  func all(have text: String) -> Bool {
    eventually {
      streams.forEach { $0.receive() }
      return streams.allSatisfy { $0.text.contains(text) }
    }
  }
  #expect(all(have: "event: meters"))
  #expect(try served.web.get("/api/events").status == 503)
  served.meter.send()
  #expect(all(have: "\"energy_import\":0.001"))
  streams.forEach { $0.forget() }
  try served.bridge.configure(
    "  - {id: grid, protocol: p1, source: $/port, min_interval: 0s}\n"
      + "  - {id: other, protocol: p1, source: $/nowhere}",
    more: "http: {listen: '127.0.0.1:\(served.web.port)', hosts: [a.example]}")
  kill(try #require(served.bridge.daemon?.id), SIGHUP)
  #expect(all(have: "[\"grid\",\"other\"]"))
  #expect(eventually { served.bridge.log.contains("changes of http and udp need a restart") })
  served.meter.send()
  #expect(all(have: "\"energy_import\":0.002"))
  served.bridge.end()
}

/// What clients of ill will do at the same time.
private func flood(_ port: UInt16, _ number: Int) -> RawClient? {
  guard let client = try? RawClient(port: port) else { return nil }
  switch number % 5 {
  case 0: client.send(String(repeating: "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n", count: 20))
  case 1: client.send("GET /api/meters HTTP/1.1\r\nHos")
  case 2: client.send("POST /api/meters/grid/read HTTP/1.1\r\nHost: localhost\r\nContent-Length: 200000\r\n\r\n{")
  case 3: client.send("GET /api/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
  default: client.send((0..<4096).map { _ in UInt8.random(in: 0...255) })
  }
  return client
}

@Test("a hundred clients of ill will cost no telegram, and little memory", .disabled(if: isSanitized))
func webFlood() throws {
  let served = try Served()
  let witness = try Witness(served.bridge.broker)
  let daemon = try #require(served.bridge.daemon)
  served.meter.send()
  #expect(try served.web.get("/metrics").status == 200)
  let memory = daemon.kilobytes("RssAnon")
  var clients: [RawClient] = []
  let end = Clock.now() + (Soak.minutes == nil ? .seconds(6) : .minutes(1))
  var next = Clock.now()
  var number = 0
  while Clock.now() < end {
    // Whoever holds a connection writes a byte now and then; the others come again.
    for client in clients {
      client.receive()
      client.send("x")
    }
    clients.removeAll(where: \.isClosed)
    while clients.count < 100, let client = flood(served.web.port, number) {
      number += 1
      clients.append(client)
    }
    if Clock.now() >= next {
      next = next + .seconds(1)
      served.meter.send()
    }
    usleep(20_000)
  }
  #expect(eventually { withoutRepeats(witness.numbers("grid")) == served.meter.sent })
  #expect(served.bridge.deadLetters.isEmpty)
  let growth = daemon.kilobytes("RssAnon") - memory
  #expect(growth < 4096, "\(growth) kB")
  clients = []
  #expect(try served.web.get("/api/health").status == 200)
  served.bridge.end()
}

@Test("half a request is cut, and the meter is read meanwhile")
func halfRequest() throws {
  let served = try Served()
  let client = try RawClient(port: served.web.port)
  let start = Clock.now()
  client.send("GET /api/health HTTP/1.1\r\nHost: localhost\r\nX: ")
  #expect(
    eventually(every: 100) {
      client.send("T")
      client.receive()
      return client.isClosed
    })
  let time = Clock.now() - start
  #expect(time >= Milliseconds(7_900) && time < promised(.seconds(9)), "\(time)")
  served.bridge.end()
}

@Test("a taken port is named, the meters go on, and the server comes when it is free")
func takenListenPort() throws {
  let bridge = try RunningBridge(try Broker())
  let (taken, port) = try listeningSocket()
  try bridge.configure(
    "  - {id: grid, protocol: p1, source: $/port, min_interval: 0s}", more: "http: {listen: '127.0.0.1:\(port)'}")
  let meter = try ScriptedMeter(in: bridge)
  let subscriber = try Subscriber(to: bridge.broker)
  try bridge.run()
  #expect(
    eventually { bridge.log.contains("cannot listen on 127.0.0.1:\(port): another program listens there already") })
  try #require(meter.awaitListener())
  meter.send()
  #expect(subscriber.eventually { $0.last("meterbridge/grid/energy_import") == "0.001" })
  close(taken)
  #expect(eventually { bridge.log.contains("http: listens on 127.0.0.1:\(port)") })
  #expect(try WebClient(port: port).get("/api/health").status == 200)
  bridge.end()
}

@Test("without a section `http` nothing of it is loaded, and with it little", .disabled(if: isSanitized))
func costOfServer() throws {
  let served = try Served()
  served.meter.send()
  for path in ["/metrics", "/api/meters", "/api/health"] { #expect(try served.web.get(path).status == 200) }
  let plain = try RunningBridge(try Broker())
  let meter = try ScriptedMeter(in: plain)
  try plain.configure("  - {id: grid, protocol: p1, source: $/port, min_interval: 0s}")
  try plain.run()
  try #require(meter.awaitListener())
  meter.send()
  func maps(_ bridge: RunningBridge) throws -> String {
    // Foundation reads only the first part of a file that claims to be empty.
    let id = try #require(bridge.daemon).id
    let file = try #require(FileHandle(forReadingAtPath: "/proc/\(id)/maps"))
    return String(decoding: try file.readToEnd() ?? Data(), as: UTF8.self)
  }
  #expect(try maps(served.bridge).contains("libmicrohttpd"))
  #expect(try !maps(plain).contains("libmicrohttpd"))
  for (figure, most) in [("RssAnon", 1024), ("VmRSS", 5120)] {
    let (with, without) = (served.bridge.daemon?.kilobytes(figure) ?? 0, plain.daemon?.kilobytes(figure) ?? 0)
    #expect(with > 0 && with - without <= most, "\(figure): \(with) and \(without) kB")
  }
  served.bridge.end()
  plain.end()
}

@Test(
  "behind nginx everything is there under a prefix, and events come at once",
  .enabled(if: FileManager.default.isExecutableFile(atPath: Nginx.path)))
func behindNginx() throws {
  let served = try Served()
  let proxy = try Nginx(to: served.web.port)
  let web = WebClient(port: proxy.port)
  #expect(try web.get("/meters/api/health").status == 200)
  #expect(try web.get("/meters/metrics").contains("meterbridge_build_info"))
  let origin = "Content-Type: application/json\nOrigin: http://localhost:\(proxy.port)\n"
  #expect(try web.post("/meters/api/meters/grid/read", "{}", origin).status == 409)
  let stream = try RawClient(port: proxy.port)
  stream.send("GET /meters/api/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
  func has(_ text: String, within limit: Milliseconds) -> Bool {
    let start = Clock.now()
    let hasCome = eventually {
      stream.receive()
      return stream.text.contains(text)
    }
    return hasCome && Clock.now() - start < limit
  }
  #expect(has("event: meters", within: .seconds(4)))
  served.meter.send()
  #expect(has("\"energy_import\":0.001", within: .seconds(4)))
  served.bridge.end()
}
