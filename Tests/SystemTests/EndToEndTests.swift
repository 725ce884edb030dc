import Decoders
import Foundation
import Glibc
import Testing
import TestSupport

@testable import Base

/// What a MULTICAL 303 and a PRO380 on one bus must put on their topics, digit for digit.
private let expected: [String: String] = [
  "heat/energy": "1160", "heat/volume": "104.19", "heat/on_time": "1087", "heat/flow_temperature": "59.26",
  "heat/return_temperature": "38.31", "heat/temperature_difference": "20.95", "heat/power": "8200",
  "heat/volume_flow": "0.340", "heat/availability": "online",
  "workshop/energy_import_t1": "1785.72", "workshop/energy_import_t2": "12012.13",
  "workshop/energy_import": "13797.85", "workshop/availability": "online", "bridge/state": "online",
]

private let bus = """
    - {id: workshop, protocol: mbus, source: $/bus, address: 1, interval: 2s}
    - {id: heat, protocol: mbus, source: $/bus, address: 2, interval: 2s}
  """

private func standsDigitForDigit(_ subscriber: Subscriber) -> Bool {
  expected.allSatisfy { subscriber.last("meterbridge/\($0.key)") == $0.value }
}

@Test("the values of a bus are on their topics, and are back after every restart of the broker")
func theValuesOfABusStandOnTheirTopicsAndAreBackAfterEveryRestartOfTheBroker() throws {
  let broker = try Broker()
  let bridge = try RunningBridge(broker)
  try bridge.simulate("mbus-pro380=bus", "mbus-multical303=bus")
  try bridge.configure(bus)
  try bridge.run()
  let first = try Subscriber(to: broker)
  #expect(first.eventually(standsDigitForDigit))
  let topics = first.topics.filter { topic in !["/reading", "/health", "/dead_letter"].contains { topic.hasSuffix($0) }
  }
  for signal in [SIGTERM, SIGKILL] {
    broker.end(signal)
    try broker.start()
    let later = try Subscriber(to: broker)
    #expect(later.eventually { $0.topics.isSuperset(of: topics) && standsDigitForDigit($0) })
  }
  bridge.end()
  #expect(try Subscriber(to: broker).eventually { $0.last("meterbridge/bridge/state") == "offline" })
}

@Test("a lost port takes its meters offline, and brings them back with it")
func aPortThatGoesAwayTakesItsMetersOfflineAndBringsThemBack() throws {
  let broker = try Broker()
  let bridge = try RunningBridge(broker)
  let meters = try bridge.simulate("p1-nl=port")
  try bridge.configure("  - {id: grid, protocol: p1, source: $/port}")
  try bridge.run()
  let subscriber = try Subscriber(to: broker)
  #expect(subscriber.eventually { $0.last("meterbridge/grid_gas/availability") == "online" })
  // A link that leads nowhere could soon lead to the pty of another test.
  try FileManager.default.removeItem(atPath: bridge.path("port"))
  meters.end(SIGKILL)
  let isOffline = { (subscriber: Subscriber) in
    ["grid", "grid_gas"].allSatisfy { subscriber.last("meterbridge/\($0)/availability") == "offline" }
  }
  #expect(subscriber.eventually(isOffline))
  try bridge.simulate("p1-nl=port")
  #expect(subscriber.eventually { !isOffline($0) })
  bridge.end()
}

private func telegram(_ energy: String) -> [UInt8] {
  p1Telegram("1-0:1.8.1(\(energy)*kWh)", "1-0:1.7.0(00.472*kW)")
}

@Test("a bad telegram between two good ones is kept, and nothing else is lost")
func aBadTelegramBetweenTwoGoodOnesIsKeptAndNothingElseIsLost() throws {
  let broker = try Broker()
  let bridge = try RunningBridge(broker)
  var bad = telegram("000002.000")
  bad[60] ^= 1
  unsafe try #require(mkfifo(bridge.path("port"), 0o600) == 0)
  let port = unsafe open(bridge.path("port"), O_RDWR | O_CLOEXEC)
  defer { close(port) }
  try bridge.configure("  - {id: grid, protocol: p1, source: 'file:$/port', min_interval: 0s}")
  try bridge.run()
  let subscriber = try Subscriber(to: broker)
  let send = { (bytes: [UInt8]) in #expect(unsafe write(port, bytes, bytes.count) == bytes.count) }
  send(telegram("000001.000"))
  #expect(subscriber.eventually { $0.last("meterbridge/grid/energy_import") == "1.000" })
  send(bad + telegram("000003.000"))
  #expect(subscriber.eventually { $0.last("meterbridge/grid/energy_import") == "3.000" })
  let isReading = { (message: (topic: String, text: String, isRetained: Bool)) in message.topic.hasSuffix("/reading") }
  #expect(subscriber.eventually { $0.messages.count(where: isReading) == 2 })
  #expect(eventually { bridge.deadLetters.contains("\"checksum_mismatch\"") })
  #expect(bridge.deadLetters.contains(Hexadecimal.text(bad)))
  #expect(try bridge.command("dead-letter", "replay") == 65)
  bridge.end()
}

@Test("a reload with a mistake changes nothing; a valid one adds a meter")
func aReloadWithAMistakeChangesNothingAndOneWithoutAddsAMeter() throws {
  let broker = try Broker()
  let bridge = try RunningBridge(broker)
  try bridge.simulate("p1-nl=port", "mbus-multical303=bus")
  try bridge.configure("  - {id: grid, protocol: p1, source: $/port}")
  try bridge.run()
  let subscriber = try Subscriber(to: broker)
  #expect(subscriber.eventually { $0.last("meterbridge/grid/availability") == "online" })
  let daemon = try #require(bridge.daemon)
  try bridge.configure("  - {id: grid, protocol: q1, source: $/port}")
  kill(daemon.id, SIGHUP)
  let text = try String(contentsOfFile: bridge.path("meterbridge.yaml"), encoding: .utf8)
  let line = text.prefix(upTo: try #require(text.firstRange(of: "q1")).lowerBound).count { $0 == "\n" } + 1
  #expect(eventually { bridge.log.contains("meterbridge.yaml:\(line):") })
  let count = subscriber.messages.count
  #expect(subscriber.eventually { $0.messages.count > count + 2 })
  #expect(subscriber.last("meterbridge/grid/availability") == "online")
  try bridge.configure("  - {id: heat, protocol: mbus, source: $/bus}")
  kill(daemon.id, SIGHUP)
  // A readout that fails is tried again a minute later.
  #expect(subscriber.eventually(within: .minutes(3)) { $0.last("meterbridge/heat/energy") == "1160" })
  #expect(subscriber.eventually { $0.last("meterbridge/grid/availability") == "" })
  #expect(subscriber.eventually { $0.last("homeassistant/device/meterbridge_grid/config") == "" })
  bridge.end()
}

@Test("a reload changes the log level of every thread")
func reloadedLogLevel() throws {
  let broker = try Broker()
  let bridge = try RunningBridge(broker)
  let meters = "  - {id: grid, protocol: p1, source: $/port}"
  try bridge.simulate("p1-nl=port")
  try bridge.configure(meters + "\nlog_level: error")
  // One that refuses a connection is an error.
  #expect(eventually { broker.isListening })
  try bridge.run()
  #expect(try Subscriber(to: broker).eventually { $0.last("meterbridge/grid/availability") == "online" })
  #expect(bridge.log.isEmpty)
  try bridge.configure(meters)
  kill(try #require(bridge.daemon).id, SIGHUP)
  #expect(eventually { bridge.log.contains("configuration read again") })
  broker.end()
  try broker.start()
  #expect(eventually { bridge.log.contains("connected to broker") })
  bridge.end()
}

@Test("without a broker the end takes at most two seconds")
func anEndTakesNoLongerThanTwoSecondsWithoutABroker() throws {
  let broker = try Broker()
  let bridge = try RunningBridge(broker)
  try bridge.simulate("p1-nl=port")
  try bridge.configure("  - {id: grid, protocol: p1, source: $/port}")
  try bridge.run()
  #expect(try Subscriber(to: broker).eventually { $0.last("meterbridge/grid/availability") == "online" })
  broker.signal(SIGSTOP)
  bridge.end()
  broker.signal(SIGCONT)
  // Without a word of ours the will speaks.
  #expect(try Subscriber(to: broker).eventually { $0.last("meterbridge/bridge/state") == "offline" })
}

@Test("the bridge removes what an earlier configuration left on the broker")
func whatAnEarlierConfigurationLeftOnTheBrokerIsTakenAway() throws {
  let broker = try Broker()
  let bridge = try RunningBridge(broker)
  try bridge.simulate("p1-nl=port", "mbus-multical303=bus")
  let grid = "  - {id: grid, protocol: p1, source: $/port}"
  try bridge.configure("\(grid)\n  - {id: heat, protocol: mbus, source: $/bus}")
  try bridge.run()
  let subscriber = try Subscriber(to: broker)
  #expect(
    subscriber.eventually {
      $0.last("meterbridge/heat/energy") == "1160" && $0.last("meterbridge/grid/availability") == "online"
    })
  bridge.end()
  // Another meter, another root, another name with Home Assistant.
  try bridge.configure(grid, mqtt: "base_topic: energy", more: "home_assistant: {node_id: other}")
  try bridge.run()
  func isOld(_ topic: String) -> Bool { topic.hasPrefix("meterbridge/") || topic.contains("/meterbridge_") }
  let isCleared = eventually {
    guard let late = try? Subscriber(to: broker), late.eventually({ $0.topics.contains("energy/grid/availability") })
    else { return false }
    return !late.topics.contains(where: isOld)
  }
  #expect(isCleared)
  bridge.end()
}
