import Decoders
import Glibc
import Testing
import TestSupport

@testable import Base
@testable import Meters
@testable import MQTT
@testable import Platform
@testable import Publishing

/// The retained topics of the bridge and of a meter with three fields, of which one is the time of the last telegram.
private let retainedTopics: Set<String> = [
  "meterbridge/bridge/state", "meterbridge/bridge/info", "meterbridge/grid/availability", "meterbridge/grid/power",
  "meterbridge/grid/energy_import", "meterbridge/grid/last_telegram",
  "homeassistant/device/meterbridge_bridge/config", "homeassistant/device/meterbridge_grid/config",
]

private let values: [(FieldName, String)] = [(.power, "472"), (.energyImport, "1785.72")]

private func everythingStands(_ subscriber: Subscriber) -> Bool {
  subscriber.topics.isSuperset(of: retainedTopics) && subscriber.last("meterbridge/grid/availability") == "online"
}

@Test("every retained topic is back within three seconds of an empty restart", arguments: [SIGTERM, SIGKILL])
func everyRetainedTopicIsBackWithinThreeSecondsOfAnEmptyRestart(
  signal: Int32
) throws {
  let broker = try Broker()
  let harness = try BrokerThreadHarness(to: broker)
  #expect(harness.eventually { harness.isConnected })
  harness.publish(values, reading: "1")
  #expect(try Subscriber(to: broker).eventually(everythingStands))
  for round in 2...4 {
    broker.end(signal)
    #expect(harness.eventually { !harness.isConnected })
    harness.publish(values, reading: "\(round)")
    try broker.start()
    let subscriber = try Subscriber(to: broker)
    #expect(subscriber.eventually(within: promised(.seconds(3)), everythingStands))
    #expect(subscriber.last("meterbridge/grid/energy_import") == "1785.72")
    #expect(harness.eventually { harness.hasDeliveredAll })
  }
  #expect(harness.status.current.connections == 4)
  harness.stop()
}

@Test("a broker that stands still is noticed, and found again")
func aBrokerThatStandsStillIsNoticedAndFoundAgain() throws {
  let broker = try Broker()
  let harness = try BrokerThreadHarness(to: broker) { $0.keepAlive = .seconds(5) }
  #expect(harness.eventually { harness.isConnected })
  harness.publish(values)
  broker.signal(SIGSTOP)
  harness.publish([(.power, "473")])
  // Twice the keep-alive of 5 s.
  #expect(harness.eventually { harness.lost.last?.contains("silent") == true })
  broker.signal(SIGCONT)
  #expect(try Subscriber(to: broker).eventually { $0.last("meterbridge/grid/power") == "473" })
  harness.stop()
}

@Test("the thread ends in time, whatever the broker does")
func theThreadEndsInTimeWhateverTheBrokerDoes() throws {
  let broker = try Broker()
  let harness = try BrokerThreadHarness(to: broker)
  #expect(harness.eventually { harness.isConnected })
  broker.signal(SIGSTOP)
  harness.publish(values)
  harness.stop()
  broker.signal(SIGCONT)
  // Nobody said DISCONNECT, so the will speaks.
  #expect(try Subscriber(to: broker).eventually { $0.last("meterbridge/bridge/state") == "offline" })
}

@Test("a clean end leaves offline behind")
func cleanEnd() throws {
  let broker = try Broker()
  let harness = try BrokerThreadHarness(to: broker)
  let subscriber = try Subscriber(to: broker)
  #expect(subscriber.eventually { $0.last("meterbridge/bridge/state") == "online" })
  harness.publish(values, reading: "first")
  // The journal, which gives every reading its number, is open now.
  #expect(subscriber.eventually { $0.last("meterbridge/grid/reading") == "first" })
  harness.publish([(.power, "473")], reading: "last")
  harness.stop()
  #expect(subscriber.eventually { $0.last("meterbridge/bridge/state") == "offline" })
  // Once: the will was not needed.
  #expect(subscriber.messages.filter { $0.topic == "meterbridge/bridge/state" && $0.text == "offline" }.count == 1)
  #expect(subscriber.last("meterbridge/grid/reading") == "last")
}

@Test("a wrong password is tried again until the broker accepts it")
func aWrongPasswordIsRetriedUntilItIsRight() throws {
  let broker = try Broker("allow_anonymous false\npassword_file $FOLDER/passwords", starts: false)
  try broker.setPassword(user: "bridge", password: "other")
  try broker.start()
  let harness = try BrokerThreadHarness(to: broker) {
    $0.username = "bridge"
    $0.password = Secret("right")
  }
  #expect(!harness.eventuallyWithin(.seconds(2)) { harness.isConnected })
  try broker.setPassword(user: "bridge", password: "right")
  broker.signal(SIGHUP)
  #expect(harness.eventually { harness.isConnected })
  harness.stop()
}

@Test("a name that does not resolve is tried again, and the thread still ends")
func aNameThatDoesNotResolveIsRetriedAndTheThreadStillEnds() throws {
  let broker = try Broker()
  let harness = try BrokerThreadHarness(to: broker) { $0.host = "nobody.invalid" }
  let before = harness.status.current.lastStep
  #expect(harness.eventually { harness.status.current.lastStep > before + .seconds(1) })
  #expect(!harness.isConnected)
  harness.stop()
}

@Test("a refused topic becomes one dead letter")
func refusedTopic() throws {
  let broker = try Broker(
    accessList: "topic readwrite meterbridge/bridge/#\ntopic readwrite meterbridge/+/power\ntopic read #\n")
  let harness = try BrokerThreadHarness(to: broker)
  harness.publish(values)
  harness.publish([(.power, "473"), (.energyImport, "1785.73")])
  #expect(try Subscriber(to: broker).eventually { $0.last("meterbridge/grid/power") == "473" })
  #expect(harness.eventually { harness.refused.contains { $0.subject?.topic == "meterbridge/grid/energy_import" } })
  let letters = harness.refused.filter { $0.subject?.topic == "meterbridge/grid/energy_import" }
  #expect(letters.count == 1)
  #expect(letters.first.map { $0.code == "not_authorized" && $0.meter == "grid" && $0.stage == .publish } == true)
  harness.stop()
}

@Test("a broker with a small window and without retained messages is served")
func aBrokerWithSmallWindowAndWithoutRetainedMessagesIsServed() throws {
  let broker = try Broker("max_inflight_messages 1\nretain_available false")
  let harness = try BrokerThreadHarness(to: broker)
  let subscriber = try Subscriber(to: broker)
  #expect(harness.eventually { harness.isConnected })
  harness.publish(values, reading: "1")
  #expect(
    subscriber.eventually {
      $0.last("meterbridge/grid/reading") == "1" && $0.last("meterbridge/grid/power") == "472"
    })
  #expect(subscriber.messages.allSatisfy { !$0.isRetained })
  harness.stop()
}

@Test("a birth sends everything again, and a read request is reported")
func birthAndRead() throws {
  let broker = try Broker()
  let harness = try BrokerThreadHarness(to: broker)
  harness.publish(values)
  #expect(try Subscriber(to: broker).eventually(everythingStands))
  let subscriber = try Subscriber(to: broker, filter: "+/#")
  #expect(subscriber.eventually(everythingStands))
  func count(_ topic: String) -> Int { subscriber.messages.filter { $0.topic == topic }.count }
  subscriber.publish("homeassistant/status", "online")
  #expect(subscriber.eventually { _ in retainedTopics.allSatisfy { count($0) >= 2 } })
  subscriber.publish("meterbridge/grid/read", "")
  #expect(subscriber.eventually { _ in count("meterbridge/grid/read") == 1 })
  #expect(
    harness.eventually { harness.seen.contains { if case .read(let meter) = $0 { meter == "grid" } else { false } } })
  harness.stop()
}

@Test("a meter of an earlier run is removed")
func aMeterOfAnEarlierRunIsTakenAway() throws {
  let broker = try Broker()
  let old = try connected(to: broker).0
  let topics = [
    "meterbridge/heat/energy", "meterbridge/heat/availability", "homeassistant/device/meterbridge_heat/config",
  ]
  for topic in topics { _ = try old.send(topic, Array("1".utf8), retain: true) }
  #expect(collect(old) { $0.count == 3 }.count == 3)
  let entry = RetainedState.Entry(
    device: Device(id: "heat", medium: .heat, protocolName: "mbus"),
    fields: [FieldDescription(level: "energy", key: FieldKey(.energy), unit: .kilowattHour, isNumber: true)])
  let harness = try BrokerThreadHarness(
    to: broker,
    retained: RetainedState(
      baseTopic: "meterbridge", discoveryPrefix: "homeassistant", nodeID: "meterbridge", devices: [entry]))
  let subscriber = try Subscriber(to: broker)
  #expect(subscriber.eventually { _ in harness.eventually { harness.retainedIDs == ["grid"] } })
  let late = try Subscriber(to: broker)
  #expect(late.eventually { $0.topics.contains("meterbridge/grid/availability") })
  #expect(late.topics.isDisjoint(with: topics))
  harness.stop()
}

@Test("two clients with one name are recognised")
func twoClientsOfOneNameAreRecognised() throws {
  let broker = try Broker()
  let harness = try BrokerThreadHarness(to: broker) { $0.clientID = "twin" }
  // Three short sessions; on a busy machine one may have been long.
  for _ in 0..<10 {
    #expect(harness.eventually { harness.isConnected })
    let count = harness.lost.count
    let (twin, _) = try connected(to: broker, name: "twin")
    #expect(harness.eventually { harness.lost.count > count })
    twin.disconnect()
    if harness.lost.last?.contains("another client uses") == true { break }
  }
  #expect(harness.lost.last?.contains("another client uses the client id \"twin\"") == true)
  harness.stop()
}

extension BrokerThreadHarness {
  /// As `eventually`, for what is expected not to happen.
  fileprivate func eventuallyWithin(_ limit: Milliseconds, _ condition: () -> Bool) -> Bool {
    let end = Clock.now() + limit
    return eventually { condition() || Clock.now() >= end } && condition()
  }

  fileprivate var retainedIDs: [String]? {
    seen.compactMap { if case .retained(let state) = $0 { state.devices.map(\.device.id) } else { nil } }.last
  }
}
