internal import Base
internal import MQTT
internal import Platform

/// The topics that one connection has asked for, until the broker answers.
struct Subscriptions {
  private var asked: [Int32: String] = [:]

  mutating func ask(_ topic: String, qos: Int32, by client: MosquittoClient) {
    if let id = client.subscribe(topic, qos: qos) { asked[id] = topic }
  }

  /// Takes the broker's answer, and logs a refusal with the broker's words.
  mutating func answered(_ id: Int32, granted: [Int32], _ words: String?) {
    guard let topic = asked.removeValue(forKey: id), granted.contains(where: { $0 >= 0x80 }) else { return }
    let said = BrokerWords.quoted(words)
    Log.write(.warning, "the broker does not allow to subscribe to \(topic)\(said): check its access list")
  }
}
