import Testing
import TestSupport

@testable import Base
@testable import HTTP

private let start = Instant(milliseconds: 1_000_000)
private let neighbour = PeerAddress([192, 168, 1, 5])
private let supervisor = PeerAddress([172, 30, 32, 2])

/// Not a real digest: it only has to be 32 bytes that depend on all others.
private func digest(_ bytes: [UInt8]) -> [UInt8] {
  var digest = [UInt8](repeating: UInt8(truncatingIfNeeded: bytes.count), count: 32)
  for (index, byte) in bytes.enumerated() { digest[index % 32] = digest[index % 32] &* 31 &+ byte }
  return digest
}

private let credentials = Credentials(
  username: "meterbridge", password: Secret("geheim"), token: Secret("0123456789abcdef0123456789abcdef"), digest: digest
)
private let right = "Basic bWV0ZXJicmlkZ2U6Z2VoZWlt"
private let wrong = "Basic bWV0ZXJicmlkZ2U6Z2VoZWl0"

private func head(_ method: String = "GET", _ headers: [String: String] = ["host": "localhost:8080"]) -> RequestHead {
  RequestHead(method: method, target: "/", headers: headers.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
}

/// The status of the refusal; nil if there is none.
private func status(
  _ rules: AccessRules, _ head: RequestHead, from peer: PeerAddress = neighbour
) -> Int? {
  var failures = FailureLimit(now: start)
  return rules.refusal(of: head, from: peer, &failures, now: start)?.status
}

struct HostCase: Sendable, CustomTestStringConvertible {
  var host: String
  var isAnswered: Bool
  var testDescription: String { host }
}

@Test(
  "a browser must call the server by a name of this network",
  arguments: [
    HostCase(host: "localhost", isAnswered: true), HostCase(host: "LOCALHOST:8080", isAnswered: true),
    HostCase(host: "127.0.0.1:8080", isAnswered: true), HostCase(host: "192.168.1.7", isAnswered: true),
    HostCase(host: "[::1]:8080", isAnswered: true), HostCase(host: "[fe80::1]", isAnswered: true),
    HostCase(host: "pi.local", isAnswered: true), HostCase(host: "Pi.Local.", isAnswered: true),
    HostCase(host: "pi.fritz.lan:80", isAnswered: true), HostCase(host: "meter.example", isAnswered: true),
    HostCase(host: "meter.example:443", isAnswered: true),
    HostCase(host: "evil.example", isAnswered: false), HostCase(host: "meter.example.evil", isAnswered: false),
    HostCase(host: "local", isAnswered: false), HostCase(host: "xlocal", isAnswered: false),
    HostCase(host: "127.0.0.1.evil.example", isAnswered: false), HostCase(host: "1.2.3.256", isAnswered: false),
    HostCase(host: "", isAnswered: false), HostCase(host: "localhost:x", isAnswered: false),
    HostCase(host: "localhost:80:80", isAnswered: false), HostCase(host: "[::1", isAnswered: false),
    HostCase(host: "[evil.example]", isAnswered: false), HostCase(host: "user@localhost", isAnswered: false),
    HostCase(host: "localhost/x", isAnswered: false), HostCase(host: "localhost..", isAnswered: false),
    HostCase(host: ".local", isAnswered: false), HostCase(host: ".", isAnswered: false),
  ])
func hosts(_ testCase: HostCase) {
  let rules = AccessRules(hosts: ["meter.example"], credentials: nil)
  #expect(status(rules, head("GET", ["host": testCase.host])) == (testCase.isAnswered ? nil : 421))
  #expect(status(.open, head("GET", ["host": testCase.host])) == nil)
}

@Test("password and token let in, nothing else does")
func secrets() {
  let rules = AccessRules(hosts: [], credentials: credentials)
  func status(_ authorization: String?) -> Int? {
    var headers = ["host": "localhost"]
    headers["authorization"] = authorization
    return HTTPTests.status(rules, head("GET", headers))
  }
  #expect(status(right) == nil)
  #expect(status("basic  bWV0ZXJicmlkZ2U6Z2VoZWlt") == nil)
  #expect(status("Bearer 0123456789abcdef0123456789abcdef") == nil)
  let others = [
    nil, wrong, "", "Basic", "Basic ", "Basic !!!!", "Bearer geheim", "Bearer", "Digest x", "geheim",
    "Basic MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
  ]
  for other in others { #expect(status(other) == 401, "\(other ?? "nothing")") }
}

@Test("a digest that fails lets no one in")
func failedDigest() {
  let rules = AccessRules(
    hosts: [], credentials: Credentials(username: "u", password: Secret("p"), token: nil, digest: { _ in [] }))
  #expect(status(rules, head("GET", ["host": "localhost", "authorization": "Basic dTpw"])) == 401)
}

@Test("ten wrong passwords a minute, then even the right one waits; other clients do not")
func failures() {
  let rules = AccessRules(hosts: [], credentials: credentials)
  var failures = FailureLimit(now: start)
  func status(_ authorization: String?, from peer: PeerAddress = neighbour, at now: Instant = start) -> Int? {
    var headers = ["host": "localhost"]
    headers["authorization"] = authorization
    return rules.refusal(of: head("GET", headers), from: peer, &failures, now: now)?.status
  }
  // A browser that has not yet asked for the password does not fail.
  for _ in 0..<20 { #expect(status(nil) == 401) }
  for _ in 0..<10 { #expect(status(wrong) == 401) }
  #expect(status(wrong) == 429)
  #expect(status(right) == 429)
  #expect(status(right, from: PeerAddress([192, 168, 1, 6])) == nil)
  #expect(status(right, at: start + .seconds(7)) == nil)
}

@Test("clients of one IPv6 network share their failures, and many networks do not take memory without end")
func manyClients() {
  var failures = FailureLimit(now: start)
  func peer(_ network: Int, _ host: UInt8 = 1) -> PeerAddress {
    PeerAddress(
      [0x20, 1, 0, 0, 0, UInt8(network >> 16), UInt8(network >> 8 & 255), UInt8(network & 255)]
        + [UInt8](repeating: host, count: 8))
  }
  func isReached(_ peer: PeerAddress, at now: Instant = start) -> Bool { failures.isReached(by: peer, now: now) }
  for host in 0..<10 { failures.failed(peer(1, UInt8(host)), now: start) }
  #expect(isReached(peer(1, 99)))
  #expect(!isReached(peer(2)))
  for network in 1000..<5000 { failures.failed(peer(network), now: start) }
  // Those beyond the table share a bucket, which is empty now.
  #expect(isReached(peer(70_000)))
  #expect(isReached(peer(1)))
  #expect(!isReached(peer(70_000), at: start + .minutes(2)))
}

@Test("a POST is one of the server's own page")
func posts() {
  let rules = AccessRules(hosts: ["meter.example"], credentials: nil)
  func status(_ headers: [String: String]) -> Int? {
    HTTPTests.status(rules, head("POST", headers.merging(["host": "meter.example:8443"]) { old, _ in old }))
  }
  let json = ["content-type": "application/json; charset=utf-8"]
  #expect(status(json) == nil)
  #expect(status(json.merging(["origin": "https://METER.example:8443"]) { $1 }) == nil)
  #expect(status(json.merging(["origin": "http://meter.example:8443"]) { $1 }) == nil)
  for origin in [
    "null", "", "http://evil.example", "http://meter.example", "meter.example:8443", "ftp://meter.example:8443",
  ] {
    #expect(status(json.merging(["origin": origin]) { $1 }) == 403, "\(origin)")
  }
  for type in ["text/plain", "application/x-www-form-urlencoded", "application/jsonx", ""] {
    #expect(status(["content-type": type]) == 415)
  }
  #expect(status([:]) == 415)
  #expect(HTTPTests.status(.open, head("POST", [:])) == nil)
}

@Test("other methods are refused", arguments: ["PUT", "DELETE", "OPTIONS", "TRACE", "CONNECT", "get", "BREW"])
func methods(method: String) {
  #expect(status(AccessRules(hosts: [], credentials: nil), head(method)) == 405)
}

@Test("Home Assistant's ingress has signed its users in; others cannot say so")
func ingress() {
  let rules = AccessRules(hosts: [], credentials: credentials)
  let passed = ["host": "home.example.org", "x-ingress-path": "/api/hassio_ingress/abc"]
  #expect(status(rules, head("GET", passed), from: supervisor) == nil)
  #expect(
    status(
      rules, head("GET", passed), from: PeerAddress([UInt8](repeating: 0, count: 10) + [255, 255, 172, 30, 32, 2]))
      == nil)
  #expect(status(rules, head("GET", passed), from: neighbour) == 421)
  #expect(status(rules, head("GET", ["host": "localhost", "x-ingress-path": "/"]), from: neighbour) == 401)
  #expect(status(rules, head("GET", ["host": "localhost"]), from: supervisor) == 401)
  let post = passed.merging(["content-type": "application/json", "origin": "https://home.example.org"]) { $1 }
  #expect(status(rules, head("POST", post), from: supervisor) == nil)
  #expect(status(rules, head("POST", post.merging(["origin": "https://evil.example"]) { $1 }), from: supervisor) == 403)
}

@Test("a page for ingress only answers nobody else, not even with the password")
func onlyIngress() {
  var rules = AccessRules(hosts: [], credentials: credentials)
  rules.isOnlyForIngress = true
  let passed = ["host": "home.example.org", "x-ingress-path": "/api/hassio_ingress/abc"]
  #expect(status(rules, head("GET", passed), from: supervisor) == nil)
  #expect(status(rules, head("GET", passed), from: neighbour) == 403)
  #expect(status(rules, head("GET", ["host": "localhost"]), from: supervisor) == 403)
  let loopback = PeerAddress([127, 0, 0, 1])
  #expect(status(rules, head("GET", ["host": "localhost", "authorization": right]), from: loopback) == 403)
}
