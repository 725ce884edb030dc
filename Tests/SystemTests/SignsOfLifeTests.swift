import Decoders
import Foundation
import Glibc
import Testing
import TestSupport

@testable import Base
@testable import Platform
@testable import Simulator

/// Time and level, as a file has them.
private var stamp: Regex<(Substring, Substring)> {
  /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} (error|warning|notice|info|debug) +/
}

extension RunningBridge {
  /// The lines of the log without time and level; those without either are whole.
  fileprivate var messages: [String] {
    log.split(separator: "\n").map { String($0.replacing(stamp, with: "")) }
  }
}

@Test("the log says what starts, what came first from each meter, and how long one was away")
func signsOfLife() throws {
  let harness = try FaultHarness()
  let bridge = harness.bridge
  try harness.run()
  harness.meter.send()
  let first = "grid: first telegram: XYZ TEST, "
  #expect(eventually { bridge.messages.contains { $0.hasPrefix(first) && $0.hasSuffix(" values") } }, "\(bridge.log)")
  #expect(
    bridge.messages.first
      == "meterbridge \(Version.text): 1 meter, broker 127.0.0.1:\(harness.proxy.port), state in \(bridge.path("state"))"
  )
  harness.meter.unplug()
  #expect(eventually { bridge.log.contains("was unplugged") })
  let moved = try ScriptedMeter(in: bridge, after: 1)
  try #require(moved.awaitListener())
  moved.send()
  #expect(eventually { bridge.messages.contains { $0.hasPrefix("grid: again after ") } }, "\(bridge.log)")
  kill(try #require(bridge.daemon).id, SIGHUP)
  #expect(eventually { bridge.messages.contains("configuration read again: 1 meter") }, "\(bridge.log)")
  bridge.end()
  #expect(bridge.log.split(separator: "\n").allSatisfy { $0.firstMatch(of: stamp) != nil }, "\(bridge.log)")
  #expect(bridge.messages.count { $0.hasPrefix(first) } == 1)
}

@Test("under journald a line has its priority, and neither time nor colour")
func journal() throws {
  let harness = try FaultHarness()
  let bridge = harness.bridge
  // The file that will be its standard error, as systemd names it.
  var file = stat()
  _ = FileManager.default.createFile(atPath: bridge.path("log"), contents: nil)
  try #require(unsafe stat(bridge.path("log"), &file) == 0)
  try bridge.run(environment: ["JOURNAL_STREAM": "\(file.st_dev):\(file.st_ino)"])
  #expect(eventually { bridge.log.contains("\n<5>\(bridge.path("port")): open\n") }, "\(bridge.log)")
  #expect(bridge.log.hasPrefix("<5>meterbridge "))
  bridge.end()
}

@Test("what a port brings instead of telegrams is named once, with what to do")
func strangeBytes() throws {
  let broker = try Broker()
  let bridge = try RunningBridge(broker)
  let names = ["asP1", "asBus", "asDLMS", "noisy", "inverted", "silent"]
  let meters = try names.map { try ScriptedMeter(in: bridge, $0) }
  var dlms = SimulatedDLMSMeter(.hdlc, key: SimulatedCipher.usualKey, seed: 1)
  let foreign = dlms.telegram(at: Clock.wall())
  try bridge.configure(
    """
      - {id: a, protocol: p1, source: $/asP1}
      - {id: b, protocol: mbus, source: $/asBus}
      - {id: c, protocol: dlms, source: $/asDLMS}
      - {id: d, protocol: p1, source: $/noisy}
      - {id: e, protocol: p1, source: $/inverted}
      - {id: f, protocol: p1, source: $/silent}
    """)
  try bridge.run()
  var random = SystemRandomNumberGenerator()
  let expected = [
    "\(bridge.path("asP1")): these bytes are DLMS: protocol: dlms",
    "\(bridge.path("asBus")): these bytes are P1: protocol: p1",
    "\(bridge.path("asDLMS")): these bytes are P1: protocol: p1",
    "\(bridge.path("noisy")): no telegram is recognised; trying the line settings 9600 7E1 and 115200 8N1 in turn. If it "
      + "stays so, check the cable",
    "\(bridge.path("inverted")): the bytes are inverted: ",
    "\(bridge.path("silent")): no telegram for 30 s: is the port of the meter switched on",
  ]
  let isTold = eventually {
    let telegram = ScriptedMeter.telegram(1)
    let noise = (0..<600).map { _ in UInt8.random(in: 0...255, using: &random) }
    for (meter, bytes) in zip(meters, [foreign, telegram, telegram, noise, telegram.map { ~$0 }]) where meter.isOpen {
      meter.sendRaw(bytes)
    }
    usleep(700_000)
    let messages = bridge.messages
    return expected.allSatisfy { line in messages.contains { $0.hasPrefix(line) } }
  }
  #expect(isTold, "\(bridge.log)")
  for line in expected { #expect(bridge.messages.count { $0.hasPrefix(line) } == 1, "\(line)") }
  #expect(bridge.messages.count { $0.contains("trying the line settings") } == 1, "\(bridge.log)")
  bridge.end()
}

@Test("info tells each telegram and each poll, debug the bytes in both directions")
func levels() throws {
  let broker = try Broker()
  let bridge = try RunningBridge(broker)
  try bridge.simulate("p1-nl=port", "mbus-multical303=bus")
  let key = "000102030405060708090A0B0C0D0E0F"
  let meters = """
      - {id: grid, protocol: p1, source: $/port, key: '\(key)', allow_plain: true}
      - {id: heat, protocol: mbus, source: $/bus, address: 1, interval: 1s}
      - {id: gone, protocol: mbus, source: $/bus, address: 77, interval: 1s}
    """
  try bridge.configure(meters, more: "log_level: info")
  try bridge.run()
  #expect(eventually { bridge.messages.count { $0.hasPrefix("grid: a telegram with ") } > 1 }, "\(bridge.log)")
  #expect(eventually { bridge.messages.contains { $0.hasPrefix("heat: a telegram with ") } }, "\(bridge.log)")
  #expect(eventually { bridge.messages.contains { $0.hasPrefix("gone: no answer") } }, "\(bridge.log)")
  #expect(!bridge.log.contains(" debug "))
  try bridge.configure(meters, more: "log_level: debug")
  kill(try #require(bridge.daemon).id, SIGHUP)
  #expect(eventually { bridge.log.contains("debug   \(bridge.path("bus")): sent 10") }, "\(bridge.log.suffix(4000))")
  #expect(eventually { bridge.log.contains("debug   \(bridge.path("bus")): received 68") })
  #expect(eventually { bridge.log.contains("debug   \(bridge.path("port")): received ") })
  bridge.end()
  #expect(!bridge.log.contains(key))
}
