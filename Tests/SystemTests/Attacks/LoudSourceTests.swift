import Foundation
import Glibc
import Testing
import TestSupport

@testable import Base
@testable import Platform

/// What a source may cost, over a day.
private let dailyBytes = 20 << 20

/// What a peer sends without an end.
private enum Flood: String, Sendable, CaseIterable, CustomTestStringConvertible {
  case noise = "noise"
  case halves = "half telegrams"
  case broken = "telegrams with a wrong checksum"
  case oneByte = "one byte, then the connection is closed"

  var testDescription: String { rawValue }

  /// A piece of it; each piece is another one, so that equal letters cannot be counted in one.
  fileprivate func piece(_ number: Int) -> [UInt8] {
    switch self {
    case .noise:
      var random = SystemRandomNumberGenerator()
      return (0..<4096).map { _ in UInt8.random(in: 0...255, using: &random) }
    case .halves: return Array(ScriptedMeter.telegram(number).dropLast(20))
    case .broken:
      var telegram = ScriptedMeter.telegram(number)
      telegram[telegram.count - 20] ^= 1
      return telegram
    case .oneByte: return [UInt8(truncatingIfNeeded: number)]
    }
  }

  fileprivate func play(to client: Gateway.Client) {
    var number = 0
    repeat { number += 1 } while client.send(piece(number)) && self != .oneByte
  }
}

/// A loud source beside a good meter that now and then sends a broken telegram.
private struct Neighbours {
  let broker: Broker
  let bridge: RunningBridge
  let witness: Witness
  let loud: Gateway
  let meter: ScriptedMeter

  init(_ flood: Flood) throws {
    broker = try Broker()
    bridge = try RunningBridge(broker)
    witness = try Witness(broker)
    loud = try Gateway { flood.play(to: $0) }
    meter = try ScriptedMeter(in: bridge)
    try bridge.configure(
      """
        - {id: loud, protocol: p1, source: "tcp://127.0.0.1:\(loud.port)"}
        - {id: grid, protocol: p1, source: $/port, min_interval: 0s}
      """)
    try bridge.run()
    try #require(meter.awaitListener())
  }

  /// Sends a good telegram and a broken one, a pair a second.
  func speak(_ count: Int) {
    for number in 1...count {
      meter.send()
      var broken = ScriptedMeter.telegram(500_000 + number)
      broken[broken.count - 20] ^= 1
      meter.sendRaw(broken)
      usleep(1_000_000)
    }
  }

  /// Bytes that the loud source has cost in the state directory.
  var loudBytes: Int { letters("loud").reduce(0) { $0 + $1.utf8.count + 1 } }

  func letters(_ meter: String) -> [Substring] {
    let names = ["state/dead-letter.jsonl.3", "state/dead-letter.jsonl.2", "state/dead-letter.jsonl.1"]
    let older = names.compactMap { try? String(contentsOfFile: bridge.path($0), encoding: .utf8) }.joined()
    return (older + bridge.deadLetters).split(separator: "\n").filter { $0.contains("\"meter\":\"\(meter)\"") }
  }

  func events(_ meter: String) -> Int {
    witness.lines.count { $0.hasPrefix("meterbridge/bridge/dead_letter ") && $0.contains("\"meter\":\"\(meter)\"") }
  }

  /// Time on a processor of all threads, in ms.
  var cpu: Int {
    guard let id = bridge.daemon?.id, let text = try? String(contentsOfFile: "/proc/\(id)/stat", encoding: .utf8),
      let rest = text.split(separator: ")").last
    else { return 0 }
    // Time in the program and for it in the kernel.
    let ticks = rest.split(separator: " ").dropFirst(11).prefix(2).compactMap { Int($0) }
    return ticks.reduce(0, +) * 1000 / sysconf(Int32(_SC_CLK_TCK))
  }
}

@Suite struct LoudSourceTests {
  @Test("a loud source costs a bounded part of the disk, and no letter of another meter", arguments: Flood.allCases)
  fileprivate func loudSourceDisk(flood: Flood) throws {
    let neighbours = try Neighbours(flood)
    neighbours.speak(12)
    #expect(eventually { neighbours.letters("grid").count == 12 }, "\(neighbours.letters("grid").count) letters")
    let numbers = neighbours.meter.sent
    #expect(eventually { withoutRepeats(neighbours.witness.numbers("grid")) == numbers })
    // What comes at once comes only once; then at most one letter a minute of each of a few kinds.
    let letters = neighbours.letters("loud")
    #expect(!letters.isEmpty && letters.count <= 60, "\(letters.count) letters")
    #expect(neighbours.loudBytes < dailyBytes / 10, "\(neighbours.loudBytes) bytes")
    #expect(neighbours.events("loud") <= letters.count + 1)
    #expect(neighbours.bridge.log.split(separator: "\n").count < 60, "\(neighbours.bridge.log)")
    neighbours.bridge.end()
  }

  /// The first minute has what comes at once. The four after it show what a day takes.
  @Test(
    "a loud source costs 20 MB a day and 2 % of a core at most", .enabled(if: Soak.minutes != nil),
    arguments: Flood.allCases)
  fileprivate func loudSourceDay(flood: Flood) throws {
    let neighbours = try Neighbours(flood)
    neighbours.speak(60)
    let (first, begun, cpu) = (neighbours.loudBytes, Clock.now(), neighbours.cpu)
    neighbours.speak(240)
    let minutes = Double((Clock.now() - begun).count) / 60_000
    let daily = Double(first) + Double(neighbours.loudBytes - first) / minutes * 1440
    let share = Double(neighbours.cpu - cpu) / (minutes * 60_000)
    Soak.say("\(flood.rawValue): \(first) bytes at first, \(Int(daily)) a day, \(share * 100) % of a core")
    #expect(daily < Double(dailyBytes), "\(first) bytes at first, then \(neighbours.loudBytes - first)")
    // The neighbour takes its part, and so does a debug build.
    #expect(share < 0.02, "\(share)")
    #expect(neighbours.letters("grid").count == 300)
    neighbours.bridge.end()
  }
}
