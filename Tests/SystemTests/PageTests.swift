import Foundation
import Glibc
import Testing
import TestSupport

@testable import Base
@testable import MeterBridge
@testable import Platform
@testable import Simulator

private func telegram(_ watts: String) -> String { "/XYZ5TEST\r\n\r\n1-0:1.7.0(\(watts)*kW)\r\n!\r\n" }

@Test("a telegram on a web server is on its topics")
func page() throws {
  let broker = try Broker()
  let bridge = try RunningBridge(broker)
  let page = try Page(telegram("00.472"))
  try bridge.configure(
    "  - {id: grid, protocol: p1, source: 'http://u:hunter2@127.0.0.1:\(page.port)/p1?key=hunter2', interval: 1s, "
      + "min_interval: 0}")
  let subscriber = try Subscriber(to: broker)
  try bridge.run()
  #expect(subscriber.eventually { $0.last("meterbridge/grid/power_import") == "472" })
  #expect(subscriber.eventually { $0.last("meterbridge/grid/availability") == "online" })
  page.text.change { $0 = telegram("00.473") }
  #expect(subscriber.eventually { $0.last("meterbridge/grid/power_import") == "473" })
  #expect(subscriber.eventually { $0.messages.count { $0.topic == "meterbridge/grid/reading" } == 2 })
  page.text.change { $0 = telegram("00.4x3") }
  #expect(eventually { !bridge.deadLetters.isEmpty })
  #expect(bridge.deadLetters.contains("127.0.0.1:\(page.port)/p1?…"))
  #expect(!bridge.deadLetters.contains("hunter2"))
  #expect(!subscriber.messages.contains { $0.text.contains("hunter2") })
  bridge.end()
}

@Test("the end does not wait for a page")
func endDuringFetch() throws {
  let broker = try Broker()
  let bridge = try RunningBridge(broker)
  // It takes the connection and says nothing.
  let silent = try LoopbackPort(port: 0)
  try bridge.configure("  - {id: grid, protocol: p1, source: 'http://127.0.0.1:\(silent.port)/'}")
  try bridge.run()
  var waiting = pollfd(fd: try #require(silent.descriptors.first), events: Int16(POLLIN), revents: 0)
  #expect(unsafe poll(&waiting, 1, 20_000) == 1)
  #expect(try Subscriber(to: broker).eventually { $0.last("meterbridge/bridge/state") == "online" })
  bridge.end()
}

private let opensslPath = "/usr/bin/openssl"

@Test("a self-signed certificate is refused", .enabled(if: FileManager.default.isExecutableFile(atPath: opensslPath)))
func selfSignedCertificate() throws {
  let bridge = try RunningBridge(try Broker())
  let made = try ChildProcess(
    opensslPath,
    ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
      + ["-subj", "/CN=localhost", "-keyout", bridge.path("key"), "-out", bridge.path("certificate")])
  try #require(made.wait() == 0)
  // Its port is taken as a free one by somebody who then goes.
  let port = try { () throws -> UInt16 in
    var free = try LoopbackPort(port: 0)
    defer { free.close() }
    return free.port
  }()
  let server = try ChildProcess(
    opensslPath,
    [
      "s_server", "-accept", "127.0.0.1:\(port)", "-www", "-cert", bridge.path("certificate"), "-key",
      bridge.path("key"),
    ])
  let fetcher = FetchThread()
  var answer: FetchThread.Answer?
  #expect(
    eventually {
      guard let answers = fetcher.fetch(Secret("https://localhost:\(port)/")) else { return false }
      _ = eventually {
        answer = answers.takeAll().last
        return answer != nil
      }
      return answer != .failed(.refused)
    })
  #expect(answer == .failed(.untrusted("SSL certificate problem: self-signed certificate")))
  server.end(SIGKILL)
}
