import Foundation
import Glibc
import Testing
import TestSupport

@testable import Base

extension FaultHarness {
  /// libmosquitto 2.0 ends whatever program it is in over a property of MQTT 5 that it does not know.
  fileprivate var hasEndedInTheLibrary: Bool {
    guard let daemon = bridge.daemon, daemon.hasEnded else { return false }
    return daemon.exitStatus == 128 + SIGABRT && bridge.log.contains("log__printf: Assertion `mosq' failed")
  }
}

@Suite(.serialized, .enabled(if: Soak.minutes != nil)) struct CorruptionSoakTests {
  /// One bit in one byte, which TCP's checksum would have to miss: in packets to the broker and in the broker's answers.
  @Test("a byte that changes on the way stays one mistake", arguments: FaultProxy.Plan.Way.allCases)
  func aByteThatChangesOnTheWayStaysOneMistake(way: FaultProxy.Plan.Way) throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    var random = SplitMix64(seed: seed)
    let harness = try FaultHarness()
    try harness.run()
    // The greeting of a connection: some three thousand bytes, of which each message has four in answer.
    let length = way == .toTarget ? 3_000 : 120
    // A try that fails behind each cut: many cuts without one would look like another client of our name.
    let stumble = FaultProxy.Plan(kind: .reset, offset: 0)
    for round in 1...8 {
      let plan = FaultProxy.Plan(
        kind: .corrupt, way: way, offset: .random(in: 0..<length, using: &random),
        bits: 1 << UInt8.random(in: 0..<8, using: &random))
      harness.proxy.set { $0.plans = [stumble, plan] }
      harness.proxy.cutAll()
      let isDone = eventually {
        if harness.hasEndedInTheLibrary { try? harness.run() }
        harness.meter.send()
        usleep(50_000)
        return harness.proxy.seen.carriedOut == 2 * round
      }
      // Whatever it did to the connection, the next value is right again within two or three keep-alives.
      let isRight = eventually {
        if harness.hasEndedInTheLibrary { try? harness.run() }
        let number = harness.meter.send()
        usleep(300_000)
        return harness.register == ScriptedMeter.payload(number)
      }
      #expect(isDone && isRight, "seed \(seed), round \(round): \(plan) \(harness.bridge.log)")
    }
    // A new connection sets right what the broker keeps.
    harness.proxy.set { $0.plans = [stumble] }
    harness.proxy.cutAll()
    #expect(harness.shows(harness.meter.send()))
    let late = try Witness(harness.broker)
    let documents = ["homeassistant/device/meterbridge_bridge/config", "homeassistant/device/meterbridge_grid/config"]
    let isRight = eventually {
      late.last("meterbridge/grid/energy_import_t1") == harness.register
        && late.last("meterbridge/grid/availability") == "online" && late.last("meterbridge/bridge/state") == "online"
        && documents.allSatisfy { (try? JSONSerialization.jsonObject(with: Data((late.last($0) ?? "").utf8))) != nil }
    }
    #expect(isRight, "seed \(seed): \(late.lines)")
    harness.bridge.end()
  }
}
