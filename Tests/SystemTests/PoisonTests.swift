import Foundation
import Glibc
import Testing
import TestSupport

private let meters = """
    - {id: grid, protocol: p1, source: $/port, min_interval: 0s}
    - {id: heat, protocol: mbus, source: $/bus, interval: 1s}
  """

/// A bridge with a P1 port that speaks each second and a heat meter that is asked each second. Their registers run: where
/// readings are too large for the broker, only values that change can show that the others go on.
private func configuredBridge(_ broker: Broker, mqtt: String) throws -> RunningBridge {
  let bridge = try RunningBridge(broker)
  try bridge.simulate("p1-nl=port", "mbus-multical303=bus", speed: 1)
  try bridge.configure(meters, mqtt: mqtt)
  return bridge
}

private func refusals(_ bridge: RunningBridge) -> [String] {
  bridge.deadLetters.split(separator: "\n").map(String.init).filter { $0.contains("\"refused\"") }
}

/// Whether no topic has more than one.
private func isOnceATopic(_ refusals: [String]) -> Bool {
  let topics = refusals.compactMap { $0.split(separator: "\"topic\":\"").last?.prefix { $0 != "\"" } }
  return Set(topics).count == refusals.count
}

/// A broker of 3.1.1 with a limit that it tells nobody: it cuts the connection over each document that is larger.
@Test("a hidden packet limit costs only larger messages")
func aHiddenPacketLimitCostsOnlyWhatIsLarger() throws {
  let broker = try Broker("max_packet_size 700")
  let bridge = try configuredBridge(broker, mqtt: "protocol_version: 3.1.1")
  try bridge.run()
  let subscriber = try Subscriber(to: broker)
  #expect(
    subscriber.eventually {
      $0.last("meterbridge/grid/availability") == "online" && $0.last("meterbridge/heat/energy") == "1160"
    })
  // Both have a reading that is larger.
  let isToldOfAll = eventually {
    let told = refusals(bridge)
    return ["grid", "heat"].allSatisfy { meter in told.contains { $0.contains("meterbridge/\(meter)/reading") } }
  }
  #expect(isToldOfAll, "\(bridge.deadLetters)")
  let large = refusals(bridge)
  #expect(large.allSatisfy { $0.contains("\"connection_cut\"") })
  // One of a topic, and then the connection lasts: readings that fit and values go on.
  #expect(isOnceATopic(large))
  let before = bridge.log.split(separator: "\n").filter { $0.contains("over a message") }.count
  let count = subscriber.messages.count
  #expect(subscriber.eventually { $0.messages.count > count + 6 })
  #expect(bridge.log.split(separator: "\n").filter { $0.contains("over a message") }.count == before)
  #expect(!bridge.log.contains("another client"))
  bridge.end()
}

private struct Limit: Sendable, CustomTestStringConvertible {
  var broker: String
  var version: String
  /// Nil where the broker tells nobody, not even by a cut: what is too large is gone.
  var code: String?
  var testDescription: String { "\(broker), MQTT \(version)" }
}

@Test(
  "a message that is too large is a dead letter, and the others go on",
  arguments: [
    Limit(broker: "message_size_limit 600", version: "5", code: "packet_too_large"),
    Limit(broker: "message_size_limit 600", version: "3.1.1", code: nil),
    Limit(broker: "max_packet_size 700", version: "5", code: "packet_too_large"),
  ])
private func whatIsTooLargeIsADeadLetterAndTheOthersGoOn(limit: Limit) throws {
  let broker = try Broker(limit.broker)
  let bridge = try configuredBridge(broker, mqtt: "protocol_version: \(limit.version)")
  try bridge.run()
  let subscriber = try Subscriber(to: broker)
  #expect(subscriber.eventually { $0.last("meterbridge/heat/energy") == "1160" })
  if let code = limit.code {
    #expect(eventually { refusals(bridge).contains { $0.contains("grid/reading") && $0.contains(code) } })
  } else {
    #expect(bridge.log.contains("does not tell which messages are refused"))
  }
  let count = subscriber.messages.count
  #expect(subscriber.eventually { $0.messages.count > count + 4 }, "\(bridge.log)")
  #expect(isOnceATopic(refusals(bridge)))
  #expect(!bridge.log.contains("was lost"))
  bridge.end()
}

@Test("a forbidden topic is named where the version allows it, and the others go on", arguments: ["5", "3.1.1"])
func whatTheAccessListForbidsIsNamedWhereTheVersionAllowsAndTheOthersGoOn(
  version: String
) throws {
  let broker = try Broker(
    accessList: "topic read #\ntopic write meterbridge/bridge/#\ntopic write meterbridge/heat/#\n")
  let bridge = try configuredBridge(broker, mqtt: "protocol_version: \(version)")
  try bridge.run()
  let subscriber = try Subscriber(to: broker)
  #expect(subscriber.eventually { $0.last("meterbridge/heat/energy") == "1160" })
  let count = subscriber.messages.count
  #expect(subscriber.eventually { $0.messages.count > count + 5 })
  #expect(!subscriber.topics.contains { $0.hasPrefix("meterbridge/grid/") })
  if version == "5" {
    #expect(eventually { refusals(bridge).contains { $0.contains("meterbridge/grid/reading") } })
    #expect(refusals(bridge).allSatisfy { $0.contains("\"not_authorized\"") })
    #expect(isOnceATopic(refusals(bridge)))
    #expect(bridge.log.contains("does not allow this topic: check its access list"))
  } else {
    #expect(refusals(bridge).isEmpty)
    #expect(bridge.log.contains("does not tell which messages are refused"))
  }
  bridge.end()
}
