import Foundation
import Glibc
import TestSupport
import Testing

private let meters = """
    - {id: grid, protocol: p1, source: $/port, min_interval: 0s}
    - {id: heat, protocol: mbus, source: $/bus, interval: 1s}
  """

/// A house with a P1 port that speaks each second and a heat meter that is asked each second. Their registers run: where
/// readings are too large for the broker, only values that change can show that the others go on.
private func house(_ broker: Broker, mqtt: String) throws -> RunningBridge {
  let house = try RunningBridge(broker)
  try house.simulate("p1-nl=port", "mbus-multical303=bus", speed: 1)
  try house.configure(meters, mqtt: mqtt)
  return house
}

private func refusals(_ house: RunningBridge) -> [String] {
  house.deadLetters.split(separator: "\n").map(String.init).filter { $0.contains("\"refused\"") }
}

/// Whether no topic has more than one.
private func isOnceATopic(_ refusals: [String]) -> Bool {
  let topics = refusals.compactMap { $0.split(separator: "\"topic\":\"").last?.prefix { $0 != "\"" } }
  return Set(topics).count == refusals.count
}

/// A broker of 3.1.1 with a limit that it tells nobody: it cuts the connection over each document that is larger.
@Test func aHiddenPacketLimitCostsOnlyWhatIsLarger() throws {
  let broker = try Broker("max_packet_size 700")
  let house = try house(broker, mqtt: "protocol_version: 3.1.1")
  try house.run()
  let subscriber = try Subscriber(to: broker)
  #expect(
    subscriber.eventually {
      $0.last("meterbridge/grid/availability") == "online" && $0.last("meterbridge/heat/energy") == "1160"
    })
  // Both have a reading that is larger.
  let isToldOfAll = eventually {
    let told = refusals(house)
    return ["grid", "heat"].allSatisfy { meter in told.contains { $0.contains("meterbridge/\(meter)/reading") } }
  }
  #expect(isToldOfAll, "\(house.deadLetters)")
  let large = refusals(house)
  #expect(large.allSatisfy { $0.contains("\"connection_cut\"") })
  // One of a topic, and then the connection lasts: readings that fit and values go on.
  #expect(isOnceATopic(large))
  let before = house.log.split(separator: "\n").filter { $0.contains("over a message") }.count
  let count = subscriber.messages.count
  #expect(subscriber.eventually { $0.messages.count > count + 6 })
  #expect(house.log.split(separator: "\n").filter { $0.contains("over a message") }.count == before)
  #expect(!house.log.contains("another client"))
  house.end()
}

private struct Limit: Sendable, CustomTestStringConvertible {
  var broker: String
  var version: String
  /// Nil where the broker tells nobody, not even by a cut: what is too large is gone.
  var code: String?
  var testDescription: String { "\(broker), MQTT \(version)" }
}

@Test(arguments: [
  Limit(broker: "message_size_limit 600", version: "5", code: "packet_too_large"),
  Limit(broker: "message_size_limit 600", version: "3.1.1", code: nil),
  Limit(broker: "max_packet_size 700", version: "5", code: "packet_too_large"),
]) private func whatIsTooLargeIsADeadLetterAndTheOthersGoOn(limit: Limit) throws {
  let broker = try Broker(limit.broker)
  let house = try house(broker, mqtt: "protocol_version: \(limit.version)")
  try house.run()
  let subscriber = try Subscriber(to: broker)
  #expect(subscriber.eventually { $0.last("meterbridge/heat/energy") == "1160" })
  if let code = limit.code {
    #expect(eventually { refusals(house).contains { $0.contains("grid/reading") && $0.contains(code) } })
  } else {
    #expect(house.log.contains("does not tell which messages are refused"))
  }
  let count = subscriber.messages.count
  #expect(subscriber.eventually { $0.messages.count > count + 4 }, "\(house.log)")
  #expect(isOnceATopic(refusals(house)))
  #expect(!house.log.contains("was lost"))
  house.end()
}

@Test(arguments: ["5", "3.1.1"]) func whatTheAccessListForbidsIsNamedWhereTheVersionAllowsAndTheOthersGoOn(
  version: String
) throws {
  let broker = try Broker(
    accessList: "topic read #\ntopic write meterbridge/bridge/#\ntopic write meterbridge/heat/#\n")
  let house = try house(broker, mqtt: "protocol_version: \(version)")
  try house.run()
  let subscriber = try Subscriber(to: broker)
  #expect(subscriber.eventually { $0.last("meterbridge/heat/energy") == "1160" })
  let count = subscriber.messages.count
  #expect(subscriber.eventually { $0.messages.count > count + 5 })
  #expect(!subscriber.topics.contains { $0.hasPrefix("meterbridge/grid/") })
  if version == "5" {
    #expect(eventually { refusals(house).contains { $0.contains("meterbridge/grid/reading") } })
    #expect(refusals(house).allSatisfy { $0.contains("\"not_authorized\"") })
    #expect(isOnceATopic(refusals(house)))
    #expect(house.log.contains("does not allow this topic: check its access list"))
  } else {
    #expect(refusals(house).isEmpty)
    #expect(house.log.contains("does not tell which messages are refused"))
  }
  house.end()
}
