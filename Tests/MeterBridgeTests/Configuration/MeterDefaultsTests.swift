import Decoders
import Foundation
import Testing
import TestSupport

@testable import Base
@testable import MeterBridge
@testable import Meters
@testable import Publishing

@Suite struct MeterDefaultsTests {
  @Test("defaults are for the meters that have not set it themselves, those of a group before those around it")
  func nearestFirst() throws {
    let read = try configuration(
      """
      meters:
        - {id: grid, protocol: p1, source: /dev/ttyUSB0}
        - defaults: {protocol: mbus, source: "tcp://gw:1", interval: 15m}
          meters:
            - {id: a, address: 1}
            - {id: b, address: 2, interval: 1h}
            - {defaults: {interval: 2h}, meters: [{id: c, address: 3}]}
      defaults: {heartbeat: 1h, interval: 20s}
      """
    ).meters
    #expect(read.map(\.id) == ["grid", "a", "b", "c"])
    #expect(read.map(\.meterProtocol) == [.p1, .mbus, .mbus, .mbus])
    #expect(read.map(\.interval) == [.seconds(20), .minutes(15), .minutes(60), .minutes(120)])
    #expect(read.allSatisfy { $0.heartbeat == .minutes(60) })
    #expect(read[1...].allSatisfy { $0.source == .tcp(host: "gw", port: 1) })
  }

  @Test("a group of fields is replaced as a whole")
  func wholeGroups() throws {
    let read = try configuration(
      """
      defaults: {min_interval: {power: 1s, default: 30s}}
      meters:
        - {id: a, protocol: p1, source: /dev/a}
        - {id: b, protocol: p1, source: /dev/b, min_interval: 5s}
      """
    ).meters
    #expect(read.map(\.minimumInterval) == [.seconds(30), .seconds(5)])
    #expect(read.map { $0.policies[.power]?.minimumInterval } == [.seconds(1), nil])
  }

  @Test("a default that another protocol or source does not have is left out there")
  func otherProtocols() throws {
    let read = try configuration(
      """
      defaults: {key: 00112233445566778899AABBCCDDEEFF, profile: kaifa, line: 9600 8N1, sub_meters: {gas: {name: G}}}
      meters:
        - {id: a, protocol: dlms, source: /dev/a}
        - {id: b, protocol: mbus, source: "tcp://b:1"}
        - {id: c, protocol: p1, source: /dev/c}
      """
    ).meters
    #expect(read.map { $0.key != nil } == [true, false, true])
    #expect(read.map(\.maker) == [DLMSMaker(name: "kaifa"), nil, nil])
    #expect(read.map { $0.line?.baud } == [9600, nil, 9600])
    #expect(read.map { $0.subMeterNames["gas"] } == [nil, nil, "G"])
  }

  @Test("a mistake in defaults is told once, and the other defaults hold")
  func mistakesOnce() {
    let text = """
      defaults: {hartbeat: 1h, interval: 5, id: x, line: 2400 8E1}
      meters:
        - {id: a, protocol: mbus, source: /dev/a}
        - {id: b, protocol: mbus, source: /dev/b}
        - {defaults: {source: /dev/c}}
        - {source: /dev/c, meters: [{id: c}], meters: []}
        - {meters: {id: d}}
      """
    #expect(
      mistakes(text) == [
        "m.yaml:1:12: unknown key `hartbeat`; did you mean `heartbeat`?",
        "m.yaml:1:36: `5` has no unit: `5s` are seconds, `5m` minutes",
        "m.yaml:1:39: unknown key `id`; it belongs under `meters`",
        "m.yaml:5:6: `meters` is missing: a list of meters",
        "m.yaml:6:6: unknown key `source`; a group of meters takes defaults, meters",
        "m.yaml:6:32: `protocol` is missing: `mbus`, `p1`, `dlms`, `sml`, `d0`, `echonet`, `wmbus`",
        "m.yaml:6:32: `source` is missing: a device such as `/dev/serial/by-id/…`, `tcp://HOST:PORT`, "
          + "`rfc2217://HOST:PORT`, `udp://HOST:PORT`, `tcp-listen://:PORT`, `udp-listen://:PORT`, `http://HOST/PATH`, `mqtt:TOPIC`, `file:PATH`, or `-` for standard input",
        "m.yaml:6:41: `meters` stands here a second time; the first is in line 6",
        "m.yaml:7:14: `meters` is a list: write `- ` before the first key of each meter",
      ])
    // What does not go together is told at the default, once.
    let fast = "defaults: {interval: 5ms, protocol: mbus}\nmeters: [{id: a, source: /dev/a}, {id: b, source: /dev/b}]\n"
    #expect(mistakes(fast) == ["m.yaml:1:22: an M-Bus meter is asked once a second at most: at least 1s"])
    #expect(mistakes("defaults: 5\n" + rightMeter).first?.hasPrefix("m.yaml:1:11: `defaults` is a group") == true)
    #expect(
      mistakes("defaults: {}\nmeters: [{meters: []}]\n") == ["m.yaml:2:9: `meters` is empty: name at least one meter"])
  }

  /// A pipe tells its text only once.
  @Test("a file that a default names is read once")
  func fileOnce() throws {
    let folder = try TemporaryFolder()
    let digits = "00112233445566778899AABBCCDDEEFF\n"
    let file = folder.path("file")
    try folder.write(digits, to: "file")
    var reader = SettingReader(environment: [:], path: folder.path("m.yaml"))
    let node = YAMLNode(content: .scalar("file", isPlain: true), tag: "!file", at: Mark(line: 1, column: 1))
    #expect(reader.text(node, of: "`key`", isSecret: true)?.text == String(digits.dropLast()))
    try FileManager.default.removeItem(atPath: file)
    #expect(reader.text(node, of: "`key`", isSecret: true)?.text == String(digits.dropLast()))
    #expect(reader.mistakes.isEmpty)
  }
}
