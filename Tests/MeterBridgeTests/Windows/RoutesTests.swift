import Glibc
import Testing
import TestSupport

@testable import Base
@testable import Documents
@testable import HTTP
@testable import MeterBridge
@testable import Meters
@testable import Publishing

private let wall = WallTime(milliseconds: 1_800_000_000_000, offset: 60)
private let now = Instant(milliseconds: 1_000_000)

private func store() -> MeterStore {
  var store = MeterStore(
    bridge: BridgeState(
      started: wall, brokerName: "localhost:1883", baseTopic: "meterbridge", broker: BrokerStatus(lastStep: now)))
  store.configure([MeterSettings(id: "grid", meterProtocol: .p1, source: .standardInput, sourceText: "-")])
  return store
}

private func outcome(_ method: HTTPRequest.Method, _ path: String) -> RouteOutcome {
  Routes(HTTPSettings()).outcome(of: HTTPRequest(method, path), store(), now: now, wall: wall)
}

/// The status of a response; 0 for another outcome.
private func status(_ method: HTTPRequest.Method, _ path: String) -> Int {
  if case .response(let response) = outcome(method, path) { response.status } else { 0 }
}

@Test(
  "each document has its path",
  arguments: ["/metrics", "/api/meters", "/api/meters/grid", "/api/health", "/api/dead-letters"])
func documents(path: String) {
  #expect(status(.get, path) == 200)
  #expect(status(.head, path) == 200)
  #expect(status(.post, path) == 405)
}

@Test(
  "what is not in the table is not found",
  arguments: [
    "", "/api", "/api/", "/api/meters/", "/api/meters/grid/", "//metrics", "/metrics/", "/api/meters/heat",
    "/api/meters/grid/telegram/x", "/Metrics", "/api/../metrics",
  ])
func unknownPaths(path: String) {
  #expect(status(.get, path) == 404)
}

@Test("a meter without a telegram has none to show")
func noTelegram() {
  #expect(status(.get, "/api/meters/grid/telegram") == 404)
}

@Test("the hours of a meter come as JSON or as CSV")
func hours() {
  func form(_ query: [String: String] = [:], accept: String? = nil) -> Bool? {
    var request = HTTPRequest(.get, "/api/meters/grid/hours")
    request.query = query
    request.headers["accept"] = accept
    let found = Routes(HTTPSettings()).outcome(of: request, store(), now: now, wall: wall)
    if case .hours(meter: "grid", let isCSV) = found { return isCSV }
    return nil
  }
  #expect(form() == false)
  #expect(form(accept: "text/csv") == true)
  #expect(form(["format": "csv"]) == true)
  #expect(form(["format": "json"], accept: "text/csv") == false)
  #expect(form(["format": "xml"]) == nil)
  #expect(status(.get, "/api/meters/heat/hours") == 404)
}

@Test("only a POST asks a meter")
func reading() {
  guard case .read(meter: "grid") = outcome(.post, "/api/meters/grid/read") else {
    Issue.record("not read")
    return
  }
  guard case .response(let refusal) = outcome(.get, "/api/meters/grid/read") else {
    Issue.record("a GET acts")
    return
  }
  #expect(refusal.status == 405 && refusal["Allow"] == "POST")
}

@Test("a server whose port is taken is tried again, and says so once")
func retries() throws {
  let (taken, port) = try listeningSocket()
  var listener = HTTPListener(.loopback(port: port), .open)
  listener.open(now: now)
  #expect(listener.server == nil)
  #expect(listener.deadline(at: now) == now + Limits.httpRetry)
  close(taken)
  listener.open(now: now + Milliseconds(Limits.httpRetry.count - 1))
  #expect(listener.server == nil)
  listener.open(now: now + Limits.httpRetry)
  #expect(listener.server != nil)
  listener.server?.stop()
}
