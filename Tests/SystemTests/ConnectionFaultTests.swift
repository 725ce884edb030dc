import Foundation
import Glibc
import TestSupport
import Testing

@testable import Base
@testable import Platform

@Test(arguments: [FaultProxy.Plan.Kind.reset, .finish])
func aConnectionCutInTheMiddleOfAPacketCostsNoReading(kind: FaultProxy.Plan.Kind) throws {
  let seed = UInt64.random(in: 0...UInt64.max)
  var random = SplitMix64(seed: seed)
  // A third one in a row would pass for another client of our name.
  let offsets = (0..<2).map { _ in Int.random(in: 1...6_000, using: &random) }
  let rig = try FaultHarness(.init(plans: offsets.map { FaultProxy.Plan(kind: kind, offset: $0) }))
  try rig.run()
  let isDone = eventually {
    if rig.proxy.seen.carriedOut < 2 || rig.meter.sent.count < 20 { rig.meter.send() }
    usleep(100_000)
    return rig.proxy.seen.carriedOut == 2 && rig.meter.sent.count >= 20
      && withoutRepeats(rig.witness.numbers("grid")) == rig.meter.sent
  }
  #expect(isDone, "offsets \(offsets), seed \(seed): \(rig.witness.numbers("grid")) of \(rig.meter.sent)")
  #expect(rig.register == rig.meter.sent.last.map(ScriptedMeter.payload))
  #expect(!rig.house.deadLetters.contains("\"refused\""))
  rig.house.end()
}

@Test func aWrongPasswordIsSaidOnceAndReadingsWaitForTheRightOne() throws {
  let everything = "topic readwrite #\n"
  let broker = try Broker(
    "password_file $FOLDER/passwords", accessList: "\(everything)user bridge\n\(everything)", starts: false)
  try broker.setPassword(user: "bridge", password: "other")
  try broker.start()
  let rig = try FaultHarness(
    at: broker, mqtt: "username: bridge, password: fitting", more: "allow_readable_secrets: true")
  try rig.run()
  rig.meter.send()
  #expect(eventually { rig.proxy.seen.accepted >= 2 })
  #expect(rig.house.log.components(separatedBy: "check mqtt.username and mqtt.password").count == 2)
  #expect(!rig.house.log.contains("fitting"))
  try broker.setPassword(user: "bridge", password: "fitting")
  broker.signal(SIGHUP)
  #expect(rig.hasAll, "\(rig.house.log)")
  rig.house.end()
}

@Test func whileNoNameServerKnowsTheBrokerReadingsAreKept() throws {
  let rig = try FaultHarness()
  try rig.house.configure(FaultHarness.meter("grid"), host: "nobody.invalid")
  try rig.run()
  rig.meter.send()
  #expect(eventually { rig.house.log.contains("\"nobody.invalid\" cannot be resolved") })
  #expect(eventually { rig.house.isInJournal("energy_import_t1") })
  rig.house.end()
  try rig.house.configure(FaultHarness.meter("grid"))
  try rig.run()
  #expect(rig.hasAll)
  rig.house.end()
}

@Test(arguments: ["5", "3.1.1"]) func aBrokerThatKeepsNothingAndTakesOneMessageAtATimeIsServed(version: String) throws {
  let broker = try Broker("max_inflight_messages 1\nretain_available false")
  let rig = try FaultHarness(at: broker, mqtt: "protocol_version: \(version)")
  try rig.run()
  for _ in 0..<5 { rig.meter.send() }
  #expect(rig.hasAll && rig.shows(5))
  #expect(rig.house.log.contains("the broker keeps no retained messages"))
  #expect(eventually { rig.witness.last("meterbridge/bridge/health")?.contains("\"retains\":false") == true })
  if version == "5" { #expect(rig.witness.last("meterbridge/bridge/health")?.contains("\"window\":1") == true) }
  #expect(rig.house.deadLetters.isEmpty)
  // 3.1.1 says it by a cut, and not more than one.
  let cuts = rig.house.log.components(separatedBy: "was lost").count - 1
  #expect(cuts == (version == "5" ? 0 : 1), "\(rig.house.log)")
  rig.house.end()
}

@Test func aSlowBrokerGetsTheNewestValuesAndCostsNoMemory() throws {
  let rig = try FaultHarness(mqtt: "keepalive: 60s")
  try rig.run()
  try #require(rig.shows(rig.meter.send()))
  rig.proxy.set { $0.bytesPerSecond = 2_000 }
  let daemon = try #require(rig.house.daemon)
  let before = daemon.kilobytes("VmRSS")
  for _ in 0..<300 {
    rig.meter.send()
    usleep(10_000)
  }
  let after = daemon.kilobytes("VmRSS")
  #expect(isSanitized || after - before < 4_096, "\(before) kB, then \(after) kB")
  // Of each topic the newest, not all that have been.
  func count() -> Int { rig.witness.lines.count { $0.hasPrefix("meterbridge/grid/energy_import_t1 ") } }
  #expect(count() < 200)
  rig.proxy.set { $0.bytesPerSecond = nil }
  #expect(rig.shows(301))
  #expect(count() < 250)
  rig.house.end()
}

@Test func aConnectionInWhichNothingComesThroughIsGivenUpWithinTwoKeepAlives() throws {
  let rig = try FaultHarness()
  try rig.run()
  try #require(rig.shows(rig.meter.send()))
  rig.proxy.set { $0.isBlackHole = true }
  let start = Clock.now()
  rig.meter.send()
  #expect(eventually { rig.house.log.contains("the broker was silent for too long") })
  #expect(Clock.now() - start < promised(.seconds(10)))
  rig.meter.send()
  rig.proxy.set { $0.isBlackHole = false }
  #expect(rig.has([1, 2, 3]))
  rig.house.end()
}

@Test func whileAConnectionHangsTheMetersAreReadAndTheEndComesInTime() throws {
  let hole = try SYNDrop()
  let house = try RunningBridge(try Broker())
  let meter = try ScriptedMeter(in: house)
  try house.configure(FaultHarness.meter("grid"), port: hole.port)
  try house.run()
  try #require(meter.awaitListener())
  meter.sendRaw(Array("/garbage\r\n\r\n1-0:1.8.1(x)\r\n!0000\r\n".utf8))
  #expect(eventually { house.deadLetters.contains("\"checksum_mismatch\"") })
  #expect(eventually { house.log.contains("does not answer within 10 s") })
  house.end()
}

@Test func aBrokerThatIsFarAwayIsKeptBusy() throws {
  let rig = try FaultHarness(.init(delay: 100))
  try rig.run()
  for _ in 0..<20 { rig.meter.send() }
  #expect(rig.hasAll)
  rig.house.end()
}

@Test func aBirthBringsEveryMeterAgain() throws {
  let broker = try Broker()
  let house = try RunningBridge(broker)
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
  // A readout that fails is tried again a minute later.
  #expect(
    subscriber.eventually(within: .minutes(3)) {
      $0.topics.isSuperset(of: everything) && $0.last("meterbridge/heat/energy") == "1160"
    })
  #expect(subscriber.eventually { now in ids.allSatisfy { now.last("meterbridge/\($0)/availability") == "online" } })
  let before = subscriber.messages.count
  subscriber.publish("homeassistant/status", "online")
  #expect(
    subscriber.eventually(within: promised(.seconds(8))) {
      Set($0.messages.dropFirst(before).map(\.topic)).isSuperset(of: everything)
    })
  house.end()
}
