import Foundation
import Glibc
import TestSupport
import Testing

@testable import Base

extension FaultHarness {
  /// libmosquitto 2.0 ends whatever program it is in over a property of MQTT 5 that it does not know.
  fileprivate var hasEndedInTheLibrary: Bool {
    guard let daemon = house.daemon, daemon.hasEnded else { return false }
    return daemon.exitStatus == 128 + SIGABRT && house.log.contains("log__printf: Assertion `mosq' failed")
  }
}

@Suite(.serialized, .enabled(if: Soak.minutes != nil)) struct CorruptionSoakTests {
  /// One bit in one byte, which TCP's checksum would have to miss: in packets to the broker and in the broker's answers.
  @Test(arguments: FaultProxy.Plan.Way.allCases)
  func aByteThatChangesOnTheWayStaysOneMistake(way: FaultProxy.Plan.Way) throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    var random = SplitMix64(seed: seed)
    let rig = try FaultHarness()
    try rig.run()
    // The greeting of a connection: some three thousand bytes, of which each message has four in answer.
    let length = way == .toTarget ? 3_000 : 120
    // A try that fails behind each cut: many cuts without one would look like another client of our name.
    let stumble = FaultProxy.Plan(kind: .reset, offset: 0)
    for round in 1...8 {
      let plan = FaultProxy.Plan(
        kind: .corrupt, way: way, offset: .random(in: 0..<length, using: &random),
        bits: 1 << UInt8.random(in: 0..<8, using: &random))
      rig.proxy.set { $0.plans = [stumble, plan] }
      rig.proxy.cutAll()
      let isDone = eventually {
        if rig.hasEndedInTheLibrary { try? rig.run() }
        rig.meter.send()
        usleep(50_000)
        return rig.proxy.seen.carriedOut == 2 * round
      }
      // Whatever it did to the connection, the next value is right again within two or three keep-alives.
      let isRight = eventually {
        if rig.hasEndedInTheLibrary { try? rig.run() }
        let number = rig.meter.send()
        usleep(300_000)
        return rig.register == ScriptedMeter.payload(number)
      }
      #expect(isDone && isRight, "seed \(seed), round \(round): \(plan) \(rig.house.log)")
    }
    // A new connection sets right what the broker keeps.
    rig.proxy.set { $0.plans = [stumble] }
    rig.proxy.cutAll()
    #expect(rig.shows(rig.meter.send()))
    let late = try Witness(rig.broker)
    let documents = ["homeassistant/device/meterbridge_bridge/config", "homeassistant/device/meterbridge_grid/config"]
    let isRight = eventually {
      late.last("meterbridge/grid/energy_import_t1") == rig.register
        && late.last("meterbridge/grid/availability") == "online" && late.last("meterbridge/bridge/state") == "online"
        && documents.allSatisfy { (try? JSONSerialization.jsonObject(with: Data((late.last($0) ?? "").utf8))) != nil }
    }
    #expect(isRight, "seed \(seed): \(late.lines)")
    rig.house.end()
  }
}
