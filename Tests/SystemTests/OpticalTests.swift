import Glibc
import Testing
import TestSupport

@testable import Base
@testable import Meters
@testable import Platform
@testable import Simulator

private func simulation(_ kind: SimulatedD0Meter.Kind) -> D0Simulation {
  D0Simulation(SimulatedD0Meter(kind, ordinal: 0, seed: 1))
}

/// What the reader has sent to a simulated meter.
private func received(_ simulator: RunningSimulator) -> [UInt8] {
  let bytes = Shared<[UInt8]?>(nil)
  simulator.change { line in
    guard let meter = line as? D0Simulation else { return }
    bytes.change { $0 = meter.received }
  }
  _ = eventually { bytes.current != nil }
  return bytes.current ?? []
}

@Test("a heat meter is woken for each readout, as IEC 62056-21 says, and its values are on their topics")
func heatMeterIsWoken() throws {
  let broker = try Broker()
  let bridge = try RunningBridge(broker)
  let simulator = try RunningSimulator(
    [(simulation: simulation(.heat), place: .path(bridge.path("port")))], speed: 0)
  defer { simulator.stop() }
  try bridge.configure("  - {id: heat, protocol: d0, source: $/port, wake: nulls, interval: 15s}")
  try bridge.run()
  let subscriber = try Subscriber(to: broker)
  let expected = [
    "energy": "74900", "volume": "4142.48", "flow_temperature": "61.5", "return_temperature": "41.2",
    "on_time": "41000",
    "error_time": "2", "status": "ok", "availability": "online",
  ]
  #expect(subscriber.eventually { now in expected.allSatisfy { now.last("meterbridge/heat/\($0.key)") == $0.value } })
  // 66 NULs are 2.2 s at 300 Bd. No speed is chosen in mode B.
  let readout = [UInt8](repeating: 0, count: 66) + Array("/?!\r\n".utf8)
  #expect(received(simulator) == readout)
  #expect(subscriber.eventually { $0.messages.count(where: { $0.topic == "meterbridge/heat/reading" }) == 2 })
  #expect(received(simulator) == readout + readout)
  #expect(bridge.deadLetters.isEmpty)
  bridge.end()
}

@Test("a readout of half a minute at 300 Bd is read whole, and a meter that pushes beside it is not delayed")
func slowReadoutDelaysNobody() throws { try readSlowly(repeats: 4, seconds: 10) }

@Test("so is a readout of three minutes", .enabled(if: Soak.minutes != nil, "takes minutes: `make soak`"))
func readoutOfMinutesDelaysNobody() throws { try readSlowly(repeats: 48, seconds: 180) }

/// Reads a meter at 300 Bd that sends its lines so often, which takes so many seconds at least.
private func readSlowly(repeats: Int, seconds least: Int64) throws {
  let broker = try Broker()
  let bridge = try RunningBridge(broker)
  var slow = simulation(.electricity)
  slow.repeatsLines = repeats
  let simulator = try RunningSimulator(
    [
      (simulation: slow, place: .path(bridge.path("slow"))),
      (simulation: simulation(.push), place: .path(bridge.path("push"))),
    ], speed: 1)
  defer { simulator.stop() }
  try bridge.configure(
    """
      - {id: slow, protocol: d0, source: $/slow, max_baud: 300, interval: 10m}
      - {id: push, protocol: d0, source: $/push, mode: push, min_interval: 0s}
    """)
  try bridge.run()
  let subscriber = try Subscriber(to: broker)
  #expect(subscriber.eventually { $0.last("meterbridge/push/energy_import") != nil })
  let start = Clock.now()
  #expect(
    subscriber.eventually(within: .seconds(2 * least + 60)) { $0.last("meterbridge/slow/energy_import") != nil })
  let seconds = (Clock.now() - start).count / 1000
  #expect(seconds > least)
  // One each two seconds; a busy machine may lose a few.
  let pushed = subscriber.messages.count { $0.topic == "meterbridge/push/reading" }
  #expect(Int64(pushed) >= seconds / 2 - 3)
  bridge.end()
}

@Test("an electricity meter is asked at 300 Bd and read at 9600, through the port of a real program")
func speedChanges() throws {
  let broker = try Broker()
  let bridge = try RunningBridge(broker)
  let simulator = try RunningSimulator(
    [(simulation: simulation(.electricity), place: .path(bridge.path("port")))], speed: 0)
  defer { simulator.stop() }
  try bridge.configure("  - {id: house, protocol: d0, source: $/port}")
  try bridge.run()
  let subscriber = try Subscriber(to: broker)
  #expect(subscriber.eventually { $0.last("meterbridge/house/energy_import") == "11428.000" })
  #expect(received(simulator) == Array("/?!\r\n".utf8) + [0x06] + Array("050\r\n".utf8))
  bridge.end()
}
