import Foundation
import Glibc
import Testing
import TestSupport

@testable import Base
@testable import Simulator

/// What the interface of a Kaifa MA309M shows at its start values, digit for digit.
private let expected = [
  "power_import": "472", "power_export": "0", "power": "472", "energy_import": "1385.960", "energy_export": "0.000",
  "voltage_l1": "235.0", "voltage_l2": "234.3", "voltage_l3": "235.0", "current_l1": "1.72", "current_l2": "0.17",
  "current_l3": "0.99", "power_factor": "0.823", "meter_time": "2022-11-20T19:03:40+01:00", "availability": "online",
]

/// 2022-11-20T18:03:40Z
private let start = WallTime(milliseconds: 1_668_967_420_000)

private func kaifa(_ bridge: RunningBridge) throws -> RunningSimulator {
  let meter = SimulatedDLMSMeter(.mbus, key: SimulatedCipher.usualKey, seed: 1)
  return try RunningSimulator(
    [(simulation: DLMSSimulation(meter), place: .path(bridge.path("port")))], speed: 0, startedAt: start)
}

private let rightKey = "53494D554C415445444D455445524B59"

@Test("an encrypted telegram is on its topics digit for digit")
func encryptedTelegram() throws {
  let broker = try Broker()
  let bridge = try RunningBridge(broker)
  let simulator = try kaifa(bridge)
  defer { simulator.stop() }
  try bridge.configure("  - {id: netz, protocol: dlms, source: $/port, key: '\(rightKey)'}")
  try bridge.run()
  let subscriber = try Subscriber(to: broker)
  #expect(subscriber.eventually { now in expected.allSatisfy { now.last("meterbridge/netz/\($0.key)") == $0.value } })
  #expect(subscriber.eventually { $0.last("homeassistant/device/meterbridge_netz/config") != nil })
  bridge.end()
}

@Test("a wrong key publishes nothing, and the right one brings the lost telegrams back")
func wrongKey() throws {
  let broker = try Broker()
  let bridge = try RunningBridge(broker)
  let simulator = try kaifa(bridge)
  defer { simulator.stop() }
  try bridge.configure("  - {id: netz, protocol: dlms, source: $/port, key: '00112233445566778899AABBCCDDEEFF'}")
  try bridge.run()
  let subscriber = try Subscriber(to: broker)
  #expect(subscriber.eventually { $0.last("meterbridge/bridge/state") == "online" })
  #expect(eventually { bridge.deadLetters.contains("\"wrong_key\"") })
  bridge.end()
  let letters = bridge.deadLetters.split(separator: "\n").count { $0.contains("\"wrong_key\"") }
  #expect(bridge.deadLetters.contains("\"decipher\""))
  #expect(!bridge.deadLetters.uppercased().contains("00112233445566778899AABBCCDDEEFF"))
  #expect(subscriber.eventually { $0.last("meterbridge/netz/availability") == "offline" })
  #expect(subscriber.last("meterbridge/netz/power_import") == nil)
  try bridge.configure("  - {id: netz, protocol: dlms, source: $/port, key: '\(rightKey)'}")
  // A telegram that a busy machine has torn stays what it is.
  #expect([0, 65].contains(try bridge.command("dead-letter", "replay")))
  #expect(subscriber.eventually { $0.messages.count(where: { $0.topic == "meterbridge/netz/reading" }) == letters })
  #expect(subscriber.last("meterbridge/netz/power_import") == nil)
}

private let tagKey = "53494D554C4154454441555448204B59"

@Test("an encrypted P1 meter whose counter stays is read, and its counter and clock outlive the run")
func standingCounter() throws {
  let broker = try Broker()
  let bridge = try RunningBridge(broker)
  let meter = SimulatedKind.p1PolandEncrypted.meter(seed: 1)
  guard case .p1(let meter) = meter else { return }
  let simulator = try RunningSimulator(
    [(simulation: P1Simulation(meter), place: .path(bridge.path("port")))], speed: 30, startedAt: start)
  defer { simulator.stop() }
  try bridge.configure("  - {id: grid, protocol: p1, source: $/port, key: '\(rightKey)', auth_key: '\(tagKey)'}")
  try bridge.run()
  let subscriber = try Subscriber(to: broker)
  #expect(subscriber.eventually { $0.last("meterbridge/grid/energy_import")?.hasPrefix("2345.6") == true })
  #expect(subscriber.eventually { $0.messages.count { $0.topic == "meterbridge/grid/reading" } > 1 })
  bridge.end()
  // The log has a thread of its own; at the end it has everything.
  #expect(bridge.log.components(separatedBy: "the frame counter stays at 0").count == 2)
  #expect(bridge.deadLetters == "")
  let state = try String(contentsOfFile: bridge.path("state/state.json"), encoding: .utf8)
  #expect(state.contains(#""grid":{"0000000000000000":0,"clocks":{"0000000000000000":16689"#))
}

@Test("telegrams in plain are not believed with a key, and allow_plain brings them back")
func plainWithKey() throws {
  let broker = try Broker()
  let bridge = try RunningBridge(broker)
  let meter = SimulatedDLMSMeter(.mbus, key: nil, seed: 1)
  let simulator = try RunningSimulator(
    [(simulation: DLMSSimulation(meter), place: .path(bridge.path("port")))], speed: 0, startedAt: start)
  defer { simulator.stop() }
  try bridge.configure("  - {id: netz, protocol: dlms, source: $/port, key: '\(rightKey)'}")
  try bridge.run()
  let subscriber = try Subscriber(to: broker)
  #expect(subscriber.eventually { $0.last("meterbridge/bridge/state") == "online" })
  #expect(eventually { bridge.deadLetters.contains("\"not_encrypted\"") })
  bridge.end()
  #expect(subscriber.eventually { $0.last("meterbridge/netz/availability") == "offline" })
  #expect(subscriber.last("meterbridge/netz/power_import") == nil)
  try bridge.configure("  - {id: netz, protocol: dlms, source: $/port, key: '\(rightKey)', allow_plain: true}")
  #expect([0, 65].contains(try bridge.command("dead-letter", "replay")))
  #expect(subscriber.eventually { $0.messages.contains { $0.topic == "meterbridge/netz/reading" } })
}
