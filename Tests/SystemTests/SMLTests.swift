import Foundation
import Testing
import TestSupport

@testable import Base
@testable import Simulator

/// 2022-11-20T18:03:40Z
private let start = WallTime(milliseconds: 1_668_967_420_000)

private func meter(
  _ model: SimulatedSMLMeter.Model, _ bridge: RunningBridge, isLocked: Bool = true
) throws -> RunningSimulator {
  var meter = SimulatedSMLMeter(model, seed: 1)
  if !isLocked { meter.lockedSeconds = 0 }
  return try RunningSimulator(
    [(simulation: SMLSimulation(meter), place: .path(bridge.path("port")))], speed: 0, startedAt: start)
}

@Test("power and totals of an SML meter are on their topics digit for digit")
func smlTelegram() throws {
  let broker = try Broker()
  let bridge = try RunningBridge(broker)
  let simulator = try meter(.dzg, bridge)
  defer { simulator.stop() }
  try bridge.configure("  - {id: house, protocol: sml, source: $/port}")
  try bridge.run()
  let subscriber = try Subscriber(to: broker)
  let expected = [
    "power": "356.00", "energy_import": "2043.1040", "energy_export": "512.7000", "status": "ok",
    "error_flags": "1C0104", "availability": "online",
  ]
  #expect(subscriber.eventually { now in expected.allSatisfy { now.last("meterbridge/house/\($0.key)") == $0.value } })
  #expect(subscriber.eventually { $0.last("homeassistant/device/meterbridge_house/config") != nil })
  bridge.end()
  #expect(bridge.log.components(separatedBy: "a known fault of DZG; they are corrected").count == 2)
}

@Test("a meter that its PIN opens goes on from its whole kWh, and stays at the last digits when it falls back")
func pinOfAnSMLMeter() throws {
  let broker = try Broker()
  let bridge = try RunningBridge(broker)
  let locked = try meter(.iskra, bridge)
  try bridge.configure("  - {id: house, protocol: sml, source: $/port, min_interval: 0}")
  try bridge.run()
  let subscriber = try Subscriber(to: broker)
  #expect(subscriber.eventually { $0.last("meterbridge/house/energy_import") == "2043" })
  #expect(subscriber.last("meterbridge/house/power") == nil)
  locked.stop()
  let open = try meter(.iskra, bridge, isLocked: false)
  #expect(subscriber.eventually { $0.last("meterbridge/house/energy_import") == "2043.1040" })
  #expect(subscriber.eventually { $0.last("meterbridge/house/power") == "356" })
  open.stop()
  // A power cut, and the meter has forgotten its PIN.
  let again = try meter(.iskra, bridge)
  defer { again.stop() }
  #expect(eventually { bridge.log.components(separatedBy: "enter its PIN").count == 3 })
  #expect(subscriber.last("meterbridge/house/energy_import") == "2043.1040")
  bridge.end()
  #expect(!bridge.deadLetters.contains("implausible_total"))
}
