import Decoders
import Glibc
import Testing
import TestSupport

@testable import Base
@testable import MeterBridge
@testable import Meters
@testable import Platform

private func telegram(_ watts: Int) -> String { "/XYZ5TEST\r\n\r\n1-0:1.7.0(00.\(watts)*kW)\r\n!\r\n" }

private func meter(_ url: String, _ meterProtocol: ProtocolDescription = .p1) throws -> MeterSettings {
  let page = try #require(try HTTPSource(url))
  return MeterSettings(id: "grid", meterProtocol: meterProtocol, source: .http(page), sourceText: page.shown)
}

private func driver(
  _ url: String, _ meterProtocol: ProtocolDescription = .p1, fetcher: FetchThread = FetchThread()
) throws -> SourceDriver {
  SourceDriver(
    try #require(SourceConnection(for: [try meter(url, meterProtocol)], lookup: nil, fetcher: fetcher)))
}

extension SourceDriver {
  fileprivate var texts: [String] { frames.map { String(decoding: $0, as: UTF8.self) } }
  fileprivate var unchanged: Int { events.count { $0 == .unchanged } }
}

/// A page, and the reason that its source is lost for.
private struct Trouble: Sendable, CustomTestStringConvertible {
  var status = "200 OK"
  var headers: [String] = []
  var body: [UInt8] = []
  /// Behind the address of the page.
  var words: String
  var user = ""
  var testDescription: String { words }
}

private let troubles = [
  Trouble(status: "404 Not Found", words: " is not there (404); look at the path"),
  Trouble(
    status: "401 Unauthorized", words: " wants a user name and password (401): write http://USER:PASSWORD@HOST/PATH"),
  Trouble(
    status: "401 Unauthorized", words: " refuses the user name and password of its source (401)",
    user: "u:hunter2@"),
  Trouble(
    status: "403 Forbidden",
    words: " forbids it (403); a HomeWizard does until its local API is switched on in the app"),
  Trouble(
    status: "301 Moved", headers: ["Location: https://u:hunter2@other.lan/p1?key=hunter2"],
    words: " redirects to https://other.lan/p1?…: write that address into source (301)"),
  Trouble(
    status: "302 Found", headers: ["Location: gopher://other.lan/"],
    words: " redirects to another page: write its address into source (302)"),
  Trouble(status: "503 Busy", words: " is busy (503); a longer interval may help"),
  Trouble(status: "500 Internal", words: " answers with error 500"),
  Trouble(words: " is empty: has the meter sent a telegram yet?"),
  Trouble(
    body: Array("\r\n<!DOCTYPE html><p>Log in".utf8),
    words: " is a page for people, not a telegram; look at the path (HomeWizard: /api/v1/telegram, ESPHome: "
      + "/text_sensor/ID)"),
  Trouble(
    body: Array(#"{"wifi_ssid": "Home", "active_power_w": 472}"#.utf8),
    words: " is JSON without a telegram in it; look at the path (HomeWizard: /api/v1/telegram, ESPHome: "
      + "/text_sensor/ID)"),
  Trouble(
    body: Array(#"{"id":"text_sensor-telegram","value":"","state":"NA"}"#.utf8),
    words: " has no telegram: has the meter sent one yet?"),
  Trouble(
    body: [UInt8](repeating: 0x31, count: Limits.pageBytes + 1),
    words: " is larger than 65536 bytes; a telegram is shorter, so look at the path"),
]

@Suite struct HTTPTransportTests {
  @Test("a telegram is read once, and the next one when it comes") func newTelegrams() throws {
    let server = try WebServer()
    server.serve([UInt8](telegram(472).utf8))
    let driver = try driver(server.url())
    #expect(driver.run { driver.unchanged >= 3 })
    #expect(driver.texts == [telegram(472)])
    server.serve([UInt8](telegram(473).utf8))
    #expect(driver.run { driver.frames.count == 2 })
    #expect(driver.texts.last == telegram(473))
    #expect(driver.opened == 1 && driver.lost.isEmpty && driver.rejected.isEmpty)
  }

  @Test("the request has the path, query and user as written") func requestAsWritten() throws {
    let server = try WebServer()
    server.serve([UInt8](telegram(472).utf8))
    let driver = try driver(server.url("/a%20b?key=hunter2", user: "u:p%40ss@"))
    #expect(driver.run { !driver.frames.isEmpty })
    let head = try #require(server.requests.current.first)
    #expect(head.hasPrefix("GET /a%20b?key=hunter2 HTTP/1.1\r\n"))
    #expect(head.contains("\r\nAuthorization: Basic dTpwQHNz\r\n"))
    #expect(head.contains("\r\nUser-Agent: meterbridge/"))
  }

  @Test("a response without a telegram tells the user what to do", arguments: troubles) private func unusableResponses(
    trouble: Trouble
  ) throws {
    let server = try WebServer()
    server.serve(trouble.body, status: trouble.status, headers: trouble.headers)
    let driver = try driver(server.url("/x?key=hunter2", user: trouble.user))
    #expect(driver.run { !driver.lost.isEmpty })
    for _ in 0..<20 { driver.step() }
    #expect(driver.lost == ["http://127.0.0.1:\(server.port)/x?…" + trouble.words])
    #expect(driver.opened == 0 && driver.frames.isEmpty && driver.rejected.isEmpty)
    // And nothing of it is for ever.
    server.serve([UInt8](telegram(472).utf8))
    #expect(driver.run { driver.texts == [telegram(472)] })
    #expect(driver.opened == 1)
  }

  @Test("the telegram is found in a JSON object", arguments: ["telegram", "raw", "value", "state"]) func jsonMember(
    member: String
  ) throws {
    let server = try WebServer()
    let text = telegram(472).replacing("\r\n", with: #"\r\n"#).replacing("/", with: #"\/"#)
    server.serve(Array("{\n\t\"id\": \"text_sensor-telegram\", \"\(member)\": \"\(text)\", \"uptime\": 1}".utf8))
    let driver = try driver(server.url())
    #expect(driver.run { driver.texts == [telegram(472)] })
    // The rest of the object is nobody's business.
    server.serve(Array("{\"uptime\": 2, \"\(member)\": \"\(text)\"}".utf8))
    #expect(driver.run { driver.unchanged >= 2 })
    #expect(driver.frames.count == 1)
  }

  @Test("raw telegrams come as bytes or as digits", arguments: [false, true]) func rawTelegrams(asDigits: Bool) throws {
    let server = try WebServer()
    let bytes = shortTelegram(7)
    server.serve(asDigits ? Array("\(Hexadecimal.text(bytes))\n".utf8) : bytes)
    var settings = try meter(server.url(), .mbus)
    settings.address = .primary(7)
    let driver = SourceDriver(try #require(SourceConnection(for: [settings], lookup: nil, fetcher: FetchThread())))
    #expect(driver.run { driver.frames == [bytes] })
  }

  @Test("a broken telegram is rejected once") func brokenTelegram() throws {
    let server = try WebServer()
    let text = telegram(472).replacing("!", with: "!0000")
    server.serve([UInt8](text.utf8))
    let driver = try driver(server.url())
    #expect(driver.run { driver.unchanged >= 2 })
    #expect(driver.rejected.map { String(decoding: $0, as: UTF8.self) } == [text])
    // What is half there is not waited for: nothing more of it will come.
    server.serve(Array(telegram(473).utf8.prefix(20)))
    #expect(driver.run { driver.rejected.count == 2 })
  }

  @Test("a server that goes away is lost and comes back") func serverGone() throws {
    let server = try WebServer()
    server.serve([UInt8](telegram(472).utf8))
    let driver = try driver(server.url())
    #expect(driver.run { driver.opened == 1 })
    server.shut()
    #expect(driver.run { driver.lost.count == 1 })
    for _ in 0..<20 { driver.step() }
    #expect(
      driver.lost == [
        "http://127.0.0.1:\(server.port)/telegram: the connection is refused; is its web server on, and the port right?"
      ])
    let again = try WebServer(port: server.port)
    again.serve([UInt8](telegram(472).utf8))
    #expect(driver.run { driver.opened == 2 })
    #expect(driver.texts == [telegram(472)])
    again.serve([UInt8](telegram(473).utf8))
    #expect(driver.run { driver.frames.count == 2 })
  }

  @Test("a single failure is not an outage") func singleFailure() throws {
    let server = try WebServer()
    server.serve([UInt8](telegram(472).utf8))
    let driver = try driver(server.url())
    #expect(driver.run { driver.opened == 1 })
    server.serve([], status: "500 Internal")
    let before = server.requests.current.count
    #expect(driver.run { server.requests.current.count > before })
    server.serve([UInt8](telegram(473).utf8))
    #expect(driver.run { driver.frames.count == 2 })
    #expect(driver.opened == 1 && driver.lost.isEmpty)
  }

  @Test("a server that does not answer is given up and does not hold up others") func slowServer() throws {
    let (slow, good) = (try WebServer(), try WebServer())
    good.serve([UInt8](telegram(472).utf8))
    let patient = FetchThread(limit: .minutes(1))
    let waiting = try #require(patient.fetch(Secret(slow.url())))
    let other = try driver(good.url(), fetcher: patient)
    #expect(other.run { !slow.requests.current.isEmpty && other.unchanged >= 2 })
    #expect(waiting.takeAll().isEmpty)

    let driver = try driver(slow.url(), fetcher: FetchThread(limit: 200))
    #expect(driver.run { !driver.lost.isEmpty })
    #expect(
      driver.lost == ["http://127.0.0.1:\(slow.port)/telegram does not answer in time; is it switched on?"])
  }

  @Test("the loop does not wait, and gives up by itself") func fetchDoesNotBlock() throws {
    let server = try WebServer()
    let driver = try driver(server.url(), fetcher: FetchThread(limit: .minutes(1)))
    let began = Clock.now()
    driver.step(waiting: 0)
    driver.step(waiting: 0)
    #expect(Clock.now() - began < .seconds(30))
    #expect(driver.connection.pollDescriptor >= 0 && driver.events.isEmpty)
    driver.skip(Limits.fetching)
    driver.skip(Limits.connecting)
    driver.step(waiting: 0)
    #expect(driver.lost.count == 1)
  }

  @Test("a read on request fetches at once") func readOnRequest() throws {
    let server = try WebServer()
    server.serve([UInt8](telegram(472).utf8))
    var meter = try meter(server.url())
    meter.interval = .minutes(15)
    let driver = SourceDriver(try #require(SourceConnection(for: [meter], lookup: nil, fetcher: FetchThread())))
    #expect(driver.run { driver.opened == 1 })
    let due = try #require(driver.connection.deadline)
    #expect(due > driver.now)
    #expect(driver.connection.poll(meter: 0, now: driver.now))
    #expect(driver.connection.deadline.map { $0 <= driver.now } == true)
  }

  @Test("a flood of requests does not become a flood of fetches") func requestFlood() throws {
    let server = try WebServer()
    server.serve([UInt8](telegram(472).utf8))
    var meter = try meter(server.url())
    meter.interval = .minutes(15)
    let driver = SourceDriver(try #require(SourceConnection(for: [meter], lookup: nil, fetcher: FetchThread())))
    #expect(driver.run { driver.opened == 1 })
    var fetches = 0
    for _ in 0..<20 {
      _ = driver.connection.poll(meter: 0, now: driver.now)
      guard driver.connection.deadline.map({ $0 <= driver.now }) == true else { continue }
      fetches += 1
      #expect(driver.run { driver.connection.deadline.map { $0 > driver.now + .minutes(1) } == true })
    }
    #expect(fetches == Limits.readoutsAtOnce)
  }

  @Test("the error says that the server does not speak HTTP") func notHTTP() throws {
    let server = try WebServer()
    server.answer.change { $0 = Array(telegram(472).utf8) }
    let driver = try driver(server.url())
    #expect(driver.run { !driver.lost.isEmpty })
    #expect(driver.lost.first?.contains("does not speak HTTP") == true, "\(driver.lost)")
    let encrypted = try MeterBridgeTests.driver(server.url().replacing("http:", with: "https:"))
    #expect(encrypted.run { !encrypted.lost.isEmpty })
    #expect(encrypted.lost.first?.contains("is it http://?") == true, "\(encrypted.lost)")
  }
}

/// A page that does not change: only a telegram with a time of its own tells that the meter is gone.
@Test("an unchanged response is a sign of life unless its time stands still", arguments: [false, true])
func unchangedResponse(hasTime: Bool) throws {
  var pipeline = MeterPipeline(try meter("http://a.lan/"), zone: .system, devices: [])
  let time = hasTime ? "0-0:1.0.0(261120120001W)\r\n" : ""
  let frame = Array("/XYZ5TEST\r\n\r\n\(time)1-0:1.7.0(00.472*kW)\r\n!\r\n".utf8)
  func instant(_ second: Int64) -> Instant { Instant(milliseconds: second * 1000) }
  let wall = WallTime(milliseconds: 1_795_172_401_250)
  // The telegram, the availability and the values.
  #expect(pipeline.received([frame], now: instant(0), wall: wall).count == 3)
  for second in stride(from: Int64(5), through: 60, by: 5) {
    #expect(pipeline.unchanged(now: instant(second)).isEmpty)
    _ = pipeline.tick(now: instant(second))
  }
  #expect(pipeline.isOnline == !hasTime)
  // A server that is back with the same page brings the meter back on the same terms.
  _ = pipeline.lost()
  #expect(pipeline.unchanged(now: instant(70)).count == (hasTime ? 0 : 1))
  #expect(pipeline.isOnline == !hasTime)
}

@Test("a source that is fetched rarely is not stale sooner") func staleAfterThreeIntervals() throws {
  var settings = try meter("http://a.lan/")
  settings.interval = .minutes(15)
  var pipeline = MeterPipeline(settings, zone: .system, devices: [])
  let frame = Array(telegram(472).utf8)
  _ = pipeline.received([frame], now: Instant(milliseconds: 0), wall: WallTime(milliseconds: 0))
  #expect(pipeline.deadline == Instant(milliseconds: 45 * 60_000))
}
