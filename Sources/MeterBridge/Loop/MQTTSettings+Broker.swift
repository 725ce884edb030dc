internal import MQTT
internal import Publishing

extension MQTTSettings {
  /// The configured port, else the registered one: 1883, with TLS 8883.
  var brokerPort: UInt16 { port ?? (tls == nil ? 1883 : 8883) }

  /// The brokers in the order in which they are tried, at least one.
  var brokers: [BrokerAddress] {
    let places = hosts.isEmpty ? [BrokerPlace(host: host)] : hosts
    return places.map { BrokerAddress(host: $0.host, port: $0.port ?? brokerPort) }
  }

  /// Their names, for people.
  var brokerNames: String { brokers.map(\.description).joined(separator: ", ") }

  /// Nil if the broker decides.
  var onlyVersion: MQTTVersion? { onlyVersion(avoidingFive: false) }

  /// The same; `avoidingFive` if MQTT 5 must be asked for by name.
  func onlyVersion(avoidingFive: Bool) -> MQTTVersion? {
    switch protocolVersion {
    case .detect: avoidingFive ? .threeOneOne : nil
    case .five: .five
    case .threeOneOne: .threeOneOne
    }
  }
}
