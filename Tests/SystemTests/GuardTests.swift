import Decoders
import Foundation
import Glibc
import Testing
import TestSupport

@testable import Base
@testable import Simulator

/// With an energy or without; its power tells it from others.
private func telegram(_ energy: String?, number: Int = 0) -> [UInt8] {
  p1Telegram(energy.map { "1-0:1.8.0(\($0)*kWh)" } ?? "", "1-0:1.7.0(00.\(900 + number)*kW)")
}

/// A meter fed by hand: a pty, the real program that reads it, and a subscriber.
private final class HandFedMeter {
  let bridge: RunningBridge
  let subscriber: Subscriber
  private var port: PseudoTerminal
  private var number = 0

  init() throws {
    bridge = try RunningBridge(try Broker())
    subscriber = try Subscriber(to: bridge.broker)
    port = try PseudoTerminal(link: bridge.path("port"))
    try bridge.configure("  - {id: grid, protocol: p1, source: $/port, min_interval: 0s}")
  }

  /// Starts the program and waits until it hears the line.
  func start() throws {
    try bridge.run()
    number += 1
    // What comes before the port is open is nobody's.
    try #require(
      eventually {
        port.write(telegram(nil, number: number))
        return subscriber.eventually(within: 200) { _ in isOut }
      })
  }

  /// Whether the last telegram has been published; a total in it would stand before its power.
  private var isOut: Bool { subscriber.last("meterbridge/grid/power_import") == "\(900 + number)" }

  /// Sends one telegram and waits until it is out; the total that stands on its topic then.
  func send(_ energy: String) throws -> String? {
    number += 1
    port.write(telegram(energy, number: number))
    try #require(subscriber.eventually { _ in isOut })
    return subscriber.last("meterbridge/grid/energy_import")
  }

  /// The guard's dead letters, as the log has them.
  var letters: [Substring] { bridge.deadLetters.split(separator: "\n").filter { $0.contains(#""held_back""#) } }

  /// Everything that stood on a topic, in order.
  func values(_ topic: String) -> [String] {
    subscriber.messages.filter { $0.topic == "meterbridge/\(topic)" }.map(\.text)
  }

  deinit { port.close() }
}

@Test("a zero on the line is a dead letter and never a total")
func aZeroOnTheLineIsADeadLetterAndNeverATotal() throws {
  let meter = try HandFedMeter()
  try meter.start()
  #expect(try meter.send("001000.000") == "1000.000")
  #expect(try meter.send("001000.500") == "1000.500")
  #expect(try meter.send("000000.000") == "1000.500")
  #expect(try meter.send("001001.000") == "1001.000")
  #expect(meter.values("grid/energy_import") == ["1000.000", "1000.500", "1001.000"])
  meter.bridge.end()
  let letter = try #require(meter.letters.first)
  for part in [
    #""stage":"guard""#, #""code":"implausible_total""#, #""field":"energy_import""#, #""value":"0.000""#,
    #""last":"1000.500""#, #"from 1000.500 to 0.000 kWh"#, Hexadecimal.text(telegram("000000.000", number: 4)),
  ] { #expect(letter.contains(part), "\(letter)") }
  #expect(meter.letters.count == 1)
}

@Test("a value that is held back survives a kill, and can be accepted")
func whatIsHeldBackSurvivesAKillAndIsAcceptedOnDemand() throws {
  let meter = try HandFedMeter()
  try meter.start()
  #expect(try meter.send("001000.000") == "1000.000")
  #expect(try meter.send("000005.000") == "1000.000")
  let state = { (try? String(contentsOfFile: meter.bridge.path("state/state.json"), encoding: .utf8)) ?? "" }
  #expect(eventually { state().contains(#""held":"5.000""#) })
  meter.bridge.end(SIGKILL)
  try meter.start()
  #expect(try meter.send("000000.000") == "1000.000")
  #expect(try meter.send("000005.100") == "1000.000")
  #expect(try meter.bridge.command("accept", "grd") == 64)
  #expect(try meter.bridge.command("accept", "grid") == 0)
  let answer = "grid: accepted energy_import 5.100"
  #expect(meter.subscriber.eventually { $0.last("meterbridge/grid/accepted")?.hasPrefix(answer) == true })
  #expect(meter.subscriber.eventually { $0.last("meterbridge/grid/energy_import") == "5.100" })
  // The one before may still be on its way, and is followed when the broker has answered it.
  _ = try meter.send("000005.200")
  #expect(meter.subscriber.eventually { $0.last("meterbridge/grid/energy_import") == "5.200" })
  meter.bridge.end()
  // What was believed is on disk after a clean end.
  #expect(state().contains(#""value":"5.200""#))
  #expect(meter.values("grid/energy_import") == ["1000.000", "5.100", "5.200"])
}

@Test("an accept without a running daemon says so")
func unheardAccept() throws {
  let bridge = try RunningBridge(try Broker())
  try bridge.configure("  - {id: grid, protocol: p1, source: $/port}")
  #expect(try bridge.command("accept", "grid_gas") == 69)
}

/// Plays a recorded line to the program. Returns one field of its readings, once there are so many of them, and the log.
private func play(
  _ telegrams: [[UInt8]], _ meterProtocol: String, field: String, count: Int
) throws -> (values: [String], log: String) {
  let bridge = try RunningBridge(try Broker())
  let witness = try Witness(bridge.broker)
  try Data(telegrams.flatMap(\.self)).write(to: bridge.folder.appending(path: "line"))
  try bridge.configure("  - {id: grid, protocol: \(meterProtocol), source: \"file:$/line\", min_interval: 0s}")
  try bridge.run()
  var values: [String] {
    let readings = witness.lines.filter { $0.hasPrefix("meterbridge/grid/reading ") }
    return readings.compactMap { $0.components(separatedBy: "\"name\":\"\(field)\",\"value\":").dropFirst().first }
      .map { String($0.prefix { $0 != "," }) }
  }
  #expect(eventually { values.count >= count }, "\(bridge.log)")
  bridge.end()
  return (values, bridge.log)
}

@Test("without a checksum neither a short first telegram nor a damaged number reaches a total")
func uncheckedLine() throws {
  func telegram(_ number: String, _ registers: String...) -> [UInt8] {
    let lines = ["0-0:96.1.1(\(number))"] + registers.enumerated().map { "1-0:1.8.\($0 + 1)(\($1)*kWh)" }
    return Array(("/XYZ5\\2M-1\r\n\r\n" + lines.map { $0 + "\r\n" }.joined() + "!\r\n").utf8)
  }
  let good = telegram("4530303433303036", "16000.500", "19000.250")
  let (values, log) = try play(
    [
      telegram("4530303433303036", "16000.500"), good, good, telegram("453030343330", "1600.500", "19000.250"), good,
      telegram("4530303433303036", "16000.600", "19000.250"),
    ], "p1", field: "energy_import", count: 3)
  #expect(values == ["35000.750", "35000.750", "35000.850"])
  #expect(log.contains("grid: the telegram is of number E00430, and grid is E0043006"))
  #expect(!log.contains("another meter now") && !log.contains("two meters"))
}

@Test("of two meters that answer in turn only the first is published")
func alternatingMeters() throws {
  func telegram(_ number: UInt8, _ energy: UInt8) -> [UInt8] {
    let header: [UInt8] = [number, 0x56, 0x34, 0x12, 0x74, 0x52, 1, 4, 5, 0, 0, 0]
    return MBusFrame.long(control: 8, address: 1, information: 0x72, data: header + [0x04, 0x06, energy, 0, 0, 0]).bytes
  }
  let (first, second) = (telegram(0x78, 11), telegram(0x79, 200))
  let (values, log) = try play(
    [[first, first], [second, second, second], [first, first, first], [second, second, second]].flatMap(\.self), "mbus",
    field: "energy", count: 5)
  #expect(values == ["11", "11", "11", "11", "11"])
  #expect(log.contains("grid: two meters answer on this line (numbers 12345678 and 12345679); only 12345678 is"))
}

@Test("a flood of commands that change nothing costs one line of the log and no write")
func idleCommands() throws {
  let meter = try HandFedMeter()
  try meter.start()
  #expect(try meter.send("001000.000") == "1000.000")
  for _ in 0..<300 {
    meter.subscriber.publish("meterbridge/grid/accept", "")
    meter.subscriber.publish("meterbridge/grid/read", "")
  }
  // The program takes what is published in order.
  #expect(try meter.send("001000.100") == "1000.100")
  #expect(eventually { meter.bridge.log.contains("nothing is held back") })
  let lines = meter.bridge.log.split(separator: "\n")
  #expect(lines.count { $0.contains("nothing is held back") } == 1)
  // A meter that pushes does not have this topic.
  #expect(!lines.contains { $0.contains("cannot be polled") })
  #expect(!FileManager.default.fileExists(atPath: meter.bridge.path("state/state.json")))
  meter.bridge.end()
}
