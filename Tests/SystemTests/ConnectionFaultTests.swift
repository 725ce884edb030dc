import Foundation
import Glibc
import Testing
import TestSupport

@testable import Base
@testable import Platform

@Test("a connection that is cut inside a packet costs no reading", arguments: [FaultProxy.Plan.Kind.reset, .finish])
func aConnectionCutInTheMiddleOfAPacketCostsNoReading(kind: FaultProxy.Plan.Kind) throws {
  let seed = UInt64.random(in: 0...UInt64.max)
  var random = SplitMix64(seed: seed)
  // A third one in a row would pass for another client of our name.
  let offsets = (0..<2).map { _ in Int.random(in: 1...6_000, using: &random) }
  let harness = try FaultHarness(.init(plans: offsets.map { FaultProxy.Plan(kind: kind, offset: $0) }))
  try harness.run()
  let isDone = eventually {
    if harness.proxy.seen.carriedOut < 2 || harness.meter.sent.count < 20 { harness.meter.send() }
    usleep(100_000)
    return harness.proxy.seen.carriedOut == 2 && harness.meter.sent.count >= 20
      && withoutRepeats(harness.witness.numbers("grid")) == harness.meter.sent
  }
  #expect(isDone, "offsets \(offsets), seed \(seed): \(harness.witness.numbers("grid")) of \(harness.meter.sent)")
  #expect(harness.register == harness.meter.sent.last.map(ScriptedMeter.payload))
  #expect(!harness.bridge.deadLetters.contains("\"refused\""))
  harness.bridge.end()
}

@Test("a wrong password is reported once, and readings wait for the right one")
func aWrongPasswordIsSaidOnceAndReadingsWaitForTheRightOne() throws {
  let everything = "topic readwrite #\n"
  let broker = try Broker(
    "password_file $FOLDER/passwords", accessList: "\(everything)user bridge\n\(everything)", starts: false)
  try broker.setPassword(user: "bridge", password: "other")
  try broker.start()
  let harness = try FaultHarness(
    at: broker, mqtt: "username: bridge, password: fitting", more: "allow_readable_secrets: true")
  try harness.run()
  harness.meter.send()
  #expect(eventually { harness.proxy.seen.accepted >= 2 })
  #expect(harness.bridge.log.components(separatedBy: "check mqtt.username and mqtt.password").count == 2)
  #expect(!harness.bridge.log.contains("fitting"))
  try broker.setPassword(user: "bridge", password: "fitting")
  broker.signal(SIGHUP)
  #expect(harness.hasAll, "\(harness.bridge.log)")
  harness.bridge.end()
}

@Test("readings are kept while no name server knows the broker")
func whileNoNameServerKnowsTheBrokerReadingsAreKept() throws {
  let harness = try FaultHarness()
  try harness.bridge.configure(FaultHarness.meter("grid"), host: "nobody.invalid")
  try harness.run()
  harness.meter.send()
  #expect(eventually { harness.bridge.log.contains("\"nobody.invalid\" cannot be resolved") })
  #expect(eventually { harness.bridge.isInJournal("energy_import_t1") })
  harness.bridge.end()
  try harness.bridge.configure(FaultHarness.meter("grid"))
  try harness.run()
  #expect(harness.hasAll)
  harness.bridge.end()
}

@Test("a broker that keeps nothing and takes one message at a time is served", arguments: ["5", "3.1.1"])
func aBrokerThatKeepsNothingAndTakesOneMessageAtATimeIsServed(version: String) throws {
  let broker = try Broker("max_inflight_messages 1\nretain_available false")
  let harness = try FaultHarness(at: broker, mqtt: "protocol_version: \(version)")
  try harness.run()
  for _ in 0..<5 { harness.meter.send() }
  #expect(harness.hasAll && harness.shows(5))
  #expect(harness.bridge.log.contains("the broker does not keep retained messages"))
  #expect(eventually { harness.witness.last("meterbridge/bridge/health")?.contains("\"retains\":false") == true })
  if version == "5" { #expect(harness.witness.last("meterbridge/bridge/health")?.contains("\"window\":1") == true) }
  #expect(harness.bridge.deadLetters.isEmpty)
  // 3.1.1 says it by a cut, and not more than one.
  let cuts = harness.bridge.log.components(separatedBy: "was lost").count - 1
  #expect(cuts == (version == "5" ? 0 : 1), "\(harness.bridge.log)")
  harness.bridge.end()
}

@Test("a slow broker gets the newest values and costs no memory")
func aSlowBrokerGetsTheNewestValuesAndCostsNoMemory() throws {
  let harness = try FaultHarness(mqtt: "keepalive: 60s")
  try harness.run()
  try #require(harness.shows(harness.meter.send()))
  harness.proxy.set { $0.bytesPerSecond = 2_000 }
  let daemon = try #require(harness.bridge.daemon)
  let before = daemon.kilobytes("VmRSS")
  for _ in 0..<300 {
    harness.meter.send()
    usleep(10_000)
  }
  let after = daemon.kilobytes("VmRSS")
  #expect(isSanitized || after - before < 4_096, "\(before) kB, then \(after) kB")
  // Of each topic the newest, not all that have been.
  func count() -> Int { harness.witness.lines.count { $0.hasPrefix("meterbridge/grid/energy_import_t1 ") } }
  #expect(count() < 200)
  harness.proxy.set { $0.bytesPerSecond = nil }
  #expect(harness.shows(301))
  #expect(count() < 250)
  harness.bridge.end()
}

@Test("a dead connection is given up within two keep-alives")
func aConnectionInWhichNothingComesThroughIsGivenUpWithinTwoKeepAlives() throws {
  let harness = try FaultHarness()
  try harness.run()
  try #require(harness.shows(harness.meter.send()))
  harness.proxy.set { $0.isBlackHole = true }
  let start = Clock.now()
  harness.meter.send()
  #expect(eventually { harness.bridge.log.contains("the broker was silent for too long") })
  #expect(Clock.now() - start < promised(.seconds(10)))
  harness.meter.send()
  harness.proxy.set { $0.isBlackHole = false }
  #expect(harness.has([1, 2, 3]))
  harness.bridge.end()
}

@Test("while a connection hangs the meters are read, and the end comes in time")
func whileAConnectionHangsTheMetersAreReadAndTheEndComesInTime() throws {
  let hole = try SYNDrop()
  let bridge = try RunningBridge(try Broker())
  let meter = try ScriptedMeter(in: bridge)
  try bridge.configure(FaultHarness.meter("grid"), port: hole.port)
  try bridge.run()
  try #require(meter.awaitListener())
  meter.sendRaw(Array("/garbage\r\n\r\n1-0:1.8.1(x)\r\n!0000\r\n".utf8))
  #expect(eventually { bridge.deadLetters.contains("\"checksum_mismatch\"") })
  #expect(eventually { bridge.log.contains("does not answer within 10 s") })
  bridge.end()
}

@Test("a broker that is far away is kept busy")
func aBrokerThatIsFarAwayIsKeptBusy() throws {
  let harness = try FaultHarness(.init(delay: 100))
  try harness.run()
  for _ in 0..<20 { harness.meter.send() }
  #expect(harness.hasAll)
  harness.bridge.end()
}

@Test("a birth sends every meter again")
func aBirthBringsEveryMeterAgain() throws {
  let broker = try Broker()
  let bridge = try RunningBridge(broker)
  try bridge.simulate("mbus-pro380=bus", "mbus-multical303=bus", "p1-nl=port")
  try bridge.configure(
    """
      - {id: workshop, protocol: mbus, source: $/bus, address: 1, interval: 1h}
      - {id: heat, protocol: mbus, source: $/bus, address: 2, interval: 1h}
      - {id: grid, protocol: p1, source: $/port}
    """)
  try bridge.run()
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
  bridge.end()
}
