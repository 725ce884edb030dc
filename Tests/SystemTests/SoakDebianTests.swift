import Foundation
import Glibc
import Testing
import TestSupport

@testable import Platform

/// The release program, as `make build` leaves it, on other Debians: their C library, libmosquitto, OpenSSL, libcurl,
/// libmicrohttpd and SQLite, and their broker.
@Suite(.serialized, .enabled(if: Soak.minutes != nil && geteuid() == 0)) struct SoakDebianTests {
  @Test("ports and a page are read, and an outage is made good", arguments: DebianRoot.all)
  func portsPageAndOutage(root: DebianRoot) throws {
    let harness = try FaultHarness(at: try Broker(within: root.entry))
    let page = try Page("/XYZ5TEST\r\n\r\n1-0:1.7.0(00.472*kW)\r\n!\r\n")
    // A rate that the C library has a constant for, and one that only the kernel knows.
    let other = try ScriptedMeter(in: harness.bridge, "other", after: 50)
    let meters = [
      FaultHarness.meter("grid", "min_interval: 0s, line: 115200 8N1"),
      "  - {id: other, protocol: p1, source: $/other, line: 14400 8N1, min_interval: 0s}",
      "  - {id: page, protocol: p1, source: 'http://127.0.0.1:\(page.port)/', interval: 1s, min_interval: 0s}",
    ]
    let web = WebClient(port: try freePort())
    try harness.bridge.configure(
      meters.joined(separator: "\n"), port: harness.proxy.port, more: "http: {listen: '127.0.0.1:\(web.port)'}")
    try harness.run(DebianRoot.program, within: root.entry)
    harness.meter.send()
    #expect(harness.has([1]))
    #expect(web.awaitServer())
    #expect(try web.get("/api/meters/grid").contains("\"energy_import\":0.001"))
    #expect(try web.get("/", "Host: localhost\n").status == 400)
    #expect(try web.post("/api/meters/grid/read", String(repeating: " ", count: 200_000)).status == 413)
    let stream = try web.events()
    #expect(other.awaitListener())
    other.send()
    #expect(eventually { harness.witness.numbers("other") == [51] })
    #expect(eventually { harness.witness.last("meterbridge/page/power_import") == "472" })

    harness.proxy.set {
      $0.refuses = true
      $0.cuts += 1
    }
    for _ in 0..<5 { harness.meter.send() }
    page.text.change { $0 = $0.replacing("472", with: "473") }
    #expect(eventually { harness.bridge.isInJournal(ScriptedMeter.payload(6)) })
    #expect(!harness.witness.numbers("grid").contains(2))
    harness.proxy.set { $0.refuses = false }
    #expect(harness.hasAll)
    #expect(eventually { harness.witness.last("meterbridge/page/power_import") == "473" })
    #expect(
      eventually {
        stream.receive()
        return stream.text.contains("\"energy_import\":0.006")
      })
    harness.bridge.end()
    #expect(harness.bridge.deadLetters.isEmpty, "\(harness.bridge.deadLetters)")
  }

  @Test("a root without /proc is enough for a command", arguments: DebianRoot.all)
  func withoutProc(root: DebianRoot) throws {
    let folder = try TemporaryFolder()
    try folder.write(ScriptedMeter.telegram(1234), to: "telegram")
    func output(_ words: String...) throws -> String {
      let command = "exec env WITHOUT_PROC=1 \(root.entry) \(DebianRoot.program) \"$@\" >\"$0\""
      let status = try ChildProcess("/bin/sh", ["-c", command, folder.path("output")] + words).wait()
      #expect(status == 0)
      return try folder.text("output")
    }
    #expect(try output("version").hasPrefix("meterbridge "))
    let decoded = try output("decode", "--format", "json", folder.path("telegram"))
    #expect(decoded.contains(#""name":"energy_import_t1","value":1.234,"#), "\(decoded)")
  }

  @Test("the sources compile with the headers of libmosquitto 2.1")
  func newLibmosquitto() throws {
    let testing = try #require(DebianRoot.all.last)
    #expect(FileManager.default.fileExists(atPath: testing.headers + "/mosquitto/mqtt_protocol.h"))
    let command = """
      cd '\(repository.path)' && exec swift build --scratch-path .build/mosquitto-2.1 --target MQTT \
      -Xcc '-I\(testing.headers)' >"$0" 2>&1
      """
    let folder = try TemporaryFolder()
    let status = try ChildProcess("/bin/sh", ["-c", command, folder.path("output")]).wait()
    let output = try folder.text("output")
    #expect(status == 0, "\(output)")
  }
}
