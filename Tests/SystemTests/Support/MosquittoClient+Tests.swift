import Glibc

@testable import MQTT

/// Serves the connection until `done` is satisfied with what the broker sent, at most ten seconds.
func collect(_ client: MosquittoClient, until done: ([MosquittoClient.Event]) -> Bool) -> [MosquittoClient.Event] {
  var all: [MosquittoClient.Event] = []
  for _ in 0..<200 where !done(all) {
    client.serve(milliseconds: 50)
    all += client.takeEvents().filter { $0 != .reached }
  }
  return all
}

/// A connection of its own to a broker that may still be starting.
func connected(
  to broker: Broker, version: MQTTVersion = .five, name: String = "meterbridge-test"
) throws -> (MosquittoClient, MosquittoClient.ConnAck) {
  // It is served only while the test waits for what it hears.
  var settings = MosquittoClient.Settings(
    clientID: name, keepAlive: 600, willTopic: "meterbridge/will", willPayload: []
  )
  settings.payloadKept = 4096
  for _ in 0..<200 {
    let client = try MosquittoClient(
      settings, BrokerSession.Attempt(version: version, retainsWill: false, broker: broker.address, number: 1))
    guard (try? client.connect(attempt: 1)) != nil,
      case .accepted(let told) = collect(client, until: { !$0.isEmpty }).first
    else {
      usleep(50_000)
      continue
    }
    return (client, told)
  }
  throw Unreachable()
}

struct Unreachable: Error {}

extension MosquittoClient {
  /// Publishes at QoS 1 and returns the message id.
  func send(_ topic: String, _ payload: [UInt8], retain: Bool = false) throws -> Int32 {
    let handed = publish(topic, payload, qos: 1, retain: retain)
    guard case .sent(let id) = handed else { throw Unreachable() }
    return id
  }
}
