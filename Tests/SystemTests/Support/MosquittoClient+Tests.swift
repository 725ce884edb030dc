import Glibc
import TestSupport

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

/// A connection to a socket of the test: the client, whose CONNECT is on its way, and the socket.
func dialled(_ version: MQTTVersion) throws -> (client: MosquittoClient, peer: Int32) {
  let (listening, port) = try listeningSocket()
  defer { close(listening) }
  let client = try MosquittoClient(
    MosquittoClient.Settings(clientID: "test"),
    BrokerSession.Attempt(
      version: version, retainsWill: true, broker: BrokerAddress(host: "127.0.0.1", port: port), number: 1))
  try client.connect(attempt: 1)
  return (client, accept(listening, nil, nil))
}

/// The bytes that have arrived at a socket of the test.
func arrived(_ peer: Int32) -> [UInt8] {
  var bytes = [UInt8](repeating: 0, count: 512)
  let count = unsafe recv(peer, &bytes, bytes.count, Int32(MSG_DONTWAIT))
  return Array(bytes.prefix(max(0, count)))
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
