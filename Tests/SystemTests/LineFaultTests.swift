import Foundation
import Glibc
import Testing
import TestSupport

@testable import Base
@testable import Platform

@Test("an adapter that comes back elsewhere is found by its link")
func anAdapterThatComesBackElsewhereIsFoundByItsLink() throws {
  let harness = try FaultHarness()
  try harness.run()
  harness.meter.send()
  #expect(harness.isOnline(true))
  harness.meter.unplug()
  #expect(harness.isOnline(false))
  // The name stays and the number changes, as /dev/serial/by-id does it.
  let moved = try ScriptedMeter(in: harness.bridge, after: 1)
  let start = Clock.now()
  try #require(moved.awaitListener())
  #expect(Clock.now() - start < promised(.seconds(4)))
  moved.send()
  #expect(harness.isOnline(true) && harness.has([1, 2]))
  harness.bridge.end()
}

@Test("garbage on the line does not affect the telegrams around it")
func garbageCostsNothingButItself() throws {
  let harness = try FaultHarness()
  try harness.run()
  harness.meter.send()
  #expect(harness.has([1]))
  let before = harness.bridge.daemon?.kilobytes("VmRSS") ?? 0
  // Half a telegram, two glued together, noise, and a megabyte that never ends.
  harness.meter.sendRaw(Array(ScriptedMeter.telegram(7).prefix(60)))
  harness.meter.sendRaw(ScriptedMeter.telegram(2) + ScriptedMeter.telegram(3))
  #expect(harness.has([1, 2, 3]))
  var random = SystemRandomNumberGenerator()
  harness.meter.sendRaw((0..<4_000).map { _ in UInt8.random(in: 0...255, using: &random) })
  harness.meter.sendRaw(Array("\r\n".utf8) + ScriptedMeter.telegram(4))
  #expect(harness.has([1, 2, 3, 4]))
  let endless = Array("/ENDLESS\r\n\r\n".utf8) + [UInt8](repeating: 0x41, count: 4_000)
  for _ in 0..<256 { harness.meter.sendRaw(endless) }
  harness.meter.sendRaw(Array("\r\n".utf8) + ScriptedMeter.telegram(5))
  #expect(harness.has([1, 2, 3, 4, 5]))
  #expect(
    eventually {
      harness.bridge.deadLetters.contains("\"checksum_mismatch\"") || harness.bridge.deadLetters.contains("\"noise\"")
    })
  let after = harness.bridge.daemon?.kilobytes("VmRSS") ?? .max
  #expect(isSanitized || after - before < 8_192, "\(before) kB, then \(after) kB")
  harness.bridge.end()
}

/// Seven bits and even parity where eight and none are expected: the parity stands in bit 8.
@Test("a wrong parity is reported, and the right one is found")
func anotherParityIsSaidAndFound() throws {
  let harness = try FaultHarness()
  try harness.run()
  var number = 0
  let isFound = eventually {
    // Some at a time and a pause behind them: that is what makes bytes a piece of noise.
    for _ in 0..<6 {
      number += 1
      harness.meter.sendRaw(ScriptedMeter.telegram(number).map { $0.nonzeroBitCount % 2 == 1 ? $0 | 0x80 : $0 })
    }
    usleep(1_500_000)
    return !harness.witness.numbers("grid").isEmpty
  }
  #expect(isFound && harness.bridge.log.contains("trying the line settings 9600 7E1"))
  harness.bridge.end()
}

@Test("a silent meter is offline after three intervals")
func aSilentMeterIsOfflineAfterThreeIntervals() throws {
  let harness = try FaultHarness(meters: FaultHarness.meter("grid", "interval: 1s"))
  try harness.run()
  // Whoever looks late must not miss it.
  let isHeard = {
    eventually {
      harness.meter.send()
      usleep(200_000)
      return harness.witness.last("meterbridge/grid/availability") == "online"
    }
  }
  #expect(isHeard())
  let start = Clock.now()
  #expect(harness.isOnline(false))
  #expect(Clock.now() - start < promised(.seconds(4)))
  #expect(isHeard())
  harness.bridge.end()
}

/// The kernel's buffer of a port holds 4 KB: what comes while the program does not run is there when it does.
@Test("a program that pauses for a moment loses no telegram")
func aProgramThatDoesNotRunForAMomentLosesNoTelegram() throws {
  let harness = try FaultHarness()
  try harness.run()
  harness.meter.send()
  #expect(harness.has([1]))
  let daemon = try #require(harness.bridge.daemon)
  for stop in [300_000, 2_000_000] as [UInt32] {
    kill(daemon.id, SIGSTOP)
    // As fast as a line of 115 200 baud brings them, up to what it brings in a third of a second.
    for _ in 0..<16 { harness.meter.send() }
    usleep(stop)
    kill(daemon.id, SIGCONT)
    #expect(harness.hasAll)
  }
  #expect(!harness.bridge.log.contains("silent"))
  harness.bridge.end()
}
