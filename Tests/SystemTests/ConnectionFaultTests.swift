import Decoders
import Foundation
import Glibc
import Testing

@testable import MQTT
@testable import MeterBridge

private let grid = "  - {id: grid, protocol: p1, source: $/port, min_interval: 0s}"

/// The program behind a fault proxy, with a meter whose telegrams are numbered.
private struct Rig {
  let broker: Broker
  let proxy: FaultProxy
  let house: House
  let meter: ScriptedMeter

  init(_ behaviour: FaultProxy.Behaviour = .init(), mqtt: String = "keepalive: 5s") throws {
    broker = try Broker()
    proxy = try FaultProxy(to: broker.port, behaviour)
    house = try House(broker)
    meter = try ScriptedMeter(in: house)
    try house.configure(grid, port: proxy.port, mqtt: mqtt)
  }
}

@Test(arguments: [FaultProxy.Plan.Kind.reset, .finish])
func aConnectionCutInTheMiddleOfAPacketCostsNoReading(kind: FaultProxy.Plan.Kind) throws {
  let seed = UInt64.random(in: 0...UInt64.max)
  var random = SplitMix64(seed: seed)
  let offsets = (0..<3).map { _ in Int.random(in: 1...6_000, using: &random) }
  let rig = try Rig(.init(plans: offsets.map { FaultProxy.Plan(kind: kind, offset: $0) }))
  let witness = try Witness(rig.broker)
  try rig.house.run()
  try #require(rig.meter.awaitListener())
  let isDone = eventually {
    if rig.proxy.seen.carriedOut < 3 || rig.meter.sent.count < 20 { rig.meter.send() }
    usleep(100_000)
    return rig.proxy.seen.carriedOut == 3 && rig.meter.sent.count >= 20
      && withoutRepeats(witness.numbers("grid")) == rig.meter.sent
  }
  #expect(isDone, "offsets \(offsets), seed \(seed): \(withoutRepeats(witness.numbers("grid"))) of \(rig.meter.sent)")
  #expect(witness.last("meterbridge/grid/energy_import_t1") == rig.meter.sent.last.map(ScriptedMeter.payload))
  #expect(!rig.house.deadLetters.contains("\"refused\""))
  #expect(rig.house.end() < 2.5)
}

@Test func aSlowBrokerGetsTheNewestValuesAndCostsNoMemory() throws {
  let rig = try Rig(mqtt: "keepalive: 60s")
  let witness = try Witness(rig.broker)
  try rig.house.run()
  try #require(rig.meter.awaitListener())
  rig.meter.send()
  try #require(eventually { witness.last("meterbridge/grid/energy_import_t1") == "0.001" })
  rig.proxy.set { $0.bytesPerSecond = 2_000 }
  let daemon = try #require(rig.house.daemon)
  let before = daemon.kilobytes("VmRSS")
  for _ in 0..<300 {
    rig.meter.send()
    usleep(10_000)
  }
  let after = daemon.kilobytes("VmRSS")
  #expect(after - before < 4_096, "\(before) kB, then \(after) kB")
  // Of each topic the newest, not all that have been.
  #expect(witness.lines.filter { $0.hasPrefix("meterbridge/grid/energy_import_t1 ") }.count < 200)
  rig.proxy.set { $0.bytesPerSecond = nil }
  #expect(eventually { witness.last("meterbridge/grid/energy_import_t1") == ScriptedMeter.payload(301) })
  let topic = witness.lines.filter { $0.hasPrefix("meterbridge/grid/energy_import_t1 ") }
  #expect(topic.count < 250)
  #expect(rig.house.end() < 2.5)
}

@Test func aConnectionInWhichNothingComesThroughIsGivenUpWithinTwoKeepAlives() throws {
  let rig = try Rig()
  let witness = try Witness(rig.broker)
  try rig.house.run()
  try #require(rig.meter.awaitListener())
  rig.meter.send()
  try #require(eventually { witness.last("meterbridge/grid/energy_import_t1") == "0.001" })
  rig.proxy.set { $0.isBlackHole = true }
  let start = Clock.now()
  rig.meter.send()
  #expect(eventually { rig.house.log.contains("the broker was silent for too long") })
  #expect(Clock.now() - start < .seconds(11))
  rig.meter.send()
  rig.proxy.set { $0.isBlackHole = false }
  #expect(eventually { withoutRepeats(witness.numbers("grid")) == [1, 2, 3] })
  #expect(rig.house.end() < 2.5)
}

@Test func whileAConnectionHangsTheMetersAreReadAndTheEndComesInTime() throws {
  let hole = try SYNDrop()
  let house = try House(try Broker())
  let meter = try ScriptedMeter(in: house)
  try house.configure(grid, port: hole.port)
  try house.run()
  try #require(meter.awaitListener())
  meter.sendRaw(Array("/garbage\r\n\r\n1-0:1.8.1(x)\r\n!0000\r\n".utf8))
  #expect(eventually { house.deadLetters.contains("\"checksum_mismatch\"") })
  #expect(eventually { house.log.contains("does not answer within 10 s") })
  let daemon = try #require(house.daemon)
  let start = Clock.now()
  kill(daemon.id, SIGTERM)
  #expect(daemon.wait() == 0)
  #expect(Clock.now() - start < .milliseconds(2_500))
}

@Test func aBrokerThatIsFarAwayIsKeptBusy() throws {
  let rig = try Rig(.init(delay: .milliseconds(100)))
  let witness = try Witness(rig.broker)
  try rig.house.run()
  try #require(rig.meter.awaitListener())
  for _ in 0..<20 { rig.meter.send() }
  #expect(eventually { withoutRepeats(witness.numbers("grid")) == rig.meter.sent })
  #expect(rig.house.end() < 2.5)
}

@Test func aBirthBringsEveryMeterAgain() throws {
  let broker = try Broker()
  let house = try House(broker)
  try house.simulate("mbus-pro380=bus", "mbus-multical303=bus", "p1-nl=port")
  try house.configure(
    """
      - {id: workshop, protocol: mbus, source: $/bus, address: 1, interval: 1h}
      - {id: heat, protocol: mbus, source: $/bus, address: 2, interval: 1h}
      - {id: grid, protocol: p1, source: $/port}
    """)
  try house.run()
  let ids = ["workshop", "heat", "grid", "grid_gas"]
  let everything = Set(
    ids.flatMap { ["meterbridge/\($0)/availability", "homeassistant/device/meterbridge_\($0)/config"] }
      + ["meterbridge/heat/energy", "meterbridge/workshop/energy_import", "meterbridge/grid_gas/volume"])
  let subscriber = try Subscriber(to: broker)
  #expect(
    subscriber.eventually { $0.topics.isSuperset(of: everything) && $0.last("meterbridge/heat/energy") == "1160" })
  #expect(subscriber.eventually { now in ids.allSatisfy { now.last("meterbridge/\($0)/availability") == "online" } })
  let before = subscriber.messages.count
  subscriber.publish("homeassistant/status", "online")
  #expect(
    subscriber.eventually(within: .seconds(8)) {
      Set($0.messages.dropFirst(before).map(\.topic)).isSuperset(of: everything)
    })
  #expect(house.end() < 2.5)
}

extension Milliseconds {
  fileprivate static func milliseconds(_ count: Int64) -> Milliseconds { Milliseconds(count) }
}
