import Foundation
import Glibc
import TestSupport
import Testing

@testable import Base
@testable import Platform

@Test func anAdapterThatComesBackElsewhereIsFoundByItsLink() throws {
  let rig = try FaultHarness()
  try rig.run()
  rig.meter.send()
  #expect(rig.isOnline(true))
  rig.meter.unplug()
  #expect(rig.isOnline(false))
  // The name stays and the number changes, as /dev/serial/by-id does it.
  let moved = try ScriptedMeter(in: rig.house, after: 1)
  let start = Clock.now()
  try #require(moved.awaitListener())
  #expect(Clock.now() - start < promised(.seconds(4)))
  moved.send()
  #expect(rig.isOnline(true) && rig.has([1, 2]))
  rig.house.end()
}

@Test func garbageCostsNothingButItself() throws {
  let rig = try FaultHarness()
  try rig.run()
  rig.meter.send()
  #expect(rig.has([1]))
  let before = rig.house.daemon?.kilobytes("VmRSS") ?? 0
  // Half a telegram, two glued together, noise, and a megabyte that never ends.
  rig.meter.sendRaw(Array(ScriptedMeter.telegram(7).prefix(60)))
  rig.meter.sendRaw(ScriptedMeter.telegram(2) + ScriptedMeter.telegram(3))
  #expect(rig.has([1, 2, 3]))
  var random = SystemRandomNumberGenerator()
  rig.meter.sendRaw((0..<4_000).map { _ in UInt8.random(in: 0...255, using: &random) })
  rig.meter.sendRaw(Array("\r\n".utf8) + ScriptedMeter.telegram(4))
  #expect(rig.has([1, 2, 3, 4]))
  let endless = Array("/ENDLESS\r\n\r\n".utf8) + [UInt8](repeating: 0x41, count: 4_000)
  for _ in 0..<256 { rig.meter.sendRaw(endless) }
  rig.meter.sendRaw(Array("\r\n".utf8) + ScriptedMeter.telegram(5))
  #expect(rig.has([1, 2, 3, 4, 5]))
  #expect(
    eventually {
      rig.house.deadLetters.contains("\"checksum_mismatch\"") || rig.house.deadLetters.contains("\"noise\"")
    })
  let after = rig.house.daemon?.kilobytes("VmRSS") ?? .max
  #expect(isSanitized || after - before < 8_192, "\(before) kB, then \(after) kB")
  rig.house.end()
}

/// Seven bits and even parity where eight and none are expected: the parity stands in bit 8.
@Test func anotherParityIsSaidAndFound() throws {
  let rig = try FaultHarness()
  try rig.run()
  var number = 0
  let isFound = eventually {
    // Some at a time and a pause behind them: that is what makes bytes a piece of noise.
    for _ in 0..<6 {
      number += 1
      rig.meter.sendRaw(ScriptedMeter.telegram(number).map { $0.nonzeroBitCount % 2 == 1 ? $0 | 0x80 : $0 })
    }
    usleep(1_500_000)
    return !rig.witness.numbers("grid").isEmpty
  }
  #expect(isFound && rig.house.log.contains("trying the line settings 9600 7E1"))
  rig.house.end()
}

@Test func aSilentMeterIsOfflineAfterThreeIntervals() throws {
  let rig = try FaultHarness(meters: FaultHarness.meter("grid", "interval: 1s"))
  try rig.run()
  // Whoever looks late must not miss it.
  let isHeard = {
    eventually {
      rig.meter.send()
      usleep(200_000)
      return rig.witness.last("meterbridge/grid/availability") == "online"
    }
  }
  #expect(isHeard())
  let start = Clock.now()
  #expect(rig.isOnline(false))
  #expect(Clock.now() - start < promised(.seconds(4)))
  #expect(isHeard())
  rig.house.end()
}

/// The kernel's buffer of a port holds 4 KB: what comes while the program does not run is there when it does.
@Test func aProgramThatDoesNotRunForAMomentLosesNoTelegram() throws {
  let rig = try FaultHarness()
  try rig.run()
  rig.meter.send()
  #expect(rig.has([1]))
  let daemon = try #require(rig.house.daemon)
  for stop in [300_000, 2_000_000] as [UInt32] {
    kill(daemon.id, SIGSTOP)
    // As fast as a line of 115 200 baud brings them, up to what it brings in a third of a second.
    for _ in 0..<16 { rig.meter.send() }
    usleep(stop)
    kill(daemon.id, SIGCONT)
    #expect(rig.hasAll)
  }
  #expect(!rig.house.log.contains("silent"))
  rig.house.end()
}
