import Foundation
import Glibc
import Testing
import TestSupport

@testable import Base
@testable import Platform

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

  /// Sends a good telegram a second, and a broken one with some of them.
  func speak(seconds: Int, brokenEach pace: Int) {
    for _ in 0..<seconds {
      let number = meter.send()
      if number % pace == 0 {
        var broken = ScriptedMeter.telegram(500_000 + number)
        broken[broken.count - 20] ^= 1
        meter.sendRaw(broken)
      }
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
    neighbours.speak(seconds: 12, brokenEach: 1)
    #expect(eventually { neighbours.letters("grid").count == 12 }, "\(neighbours.letters("grid").count) letters")
    let numbers = neighbours.meter.sent
    #expect(eventually { withoutRepeats(neighbours.witness.numbers("grid")) == numbers })
    // What comes at once comes only once; then at most one letter a minute of each of a few kinds.
    let letters = neighbours.letters("loud")
    #expect(!letters.isEmpty && letters.count <= 60, "\(letters.count) letters")
    #expect(neighbours.loudBytes < 2 << 20, "\(neighbours.loudBytes) bytes")
    #expect(neighbours.events("loud") <= letters.count + 1)
    #expect(neighbours.bridge.log.split(separator: "\n").count < 60, "\(neighbours.bridge.log)")
    neighbours.bridge.end()
  }

  /// `DeadLetterBudgetTests` hold the bytes of a whole day to a clock of their own.
  @Test(
    "a loud source costs 2 % of a core at most, and its letters stay within their budget",
    .enabled(if: Soak.minutes != nil), arguments: Flood.allCases)
  fileprivate func loudSourceLoad(flood: Flood) throws {
    let neighbours = try Neighbours(flood)
    neighbours.speak(seconds: 30, brokenEach: 20)
    let (begun, cpu) = (Clock.now(), neighbours.cpu)
    neighbours.speak(seconds: 270, brokenEach: 20)
    let share = Double(neighbours.cpu - cpu) / Double((Clock.now() - begun).count)
    let (bytes, count) = (neighbours.loudBytes, neighbours.letters("loud").count)
    Soak.say("\(flood.rawValue): \(count) letters with \(bytes) bytes in five minutes, \(share * 100) % of a core")
    // With the neighbour's part.
    #expect(share < 0.02, "\(share)")
    #expect(count <= 100 && bytes <= 2 * Limits.letterBytesOfMeter.atOnce, "\(count) letters, \(bytes) bytes")
    #expect(neighbours.letters("grid").count == 15)
    #expect(eventually { withoutRepeats(neighbours.witness.numbers("grid")) == neighbours.meter.sent })
    neighbours.bridge.end()
  }
}
