internal import Base
internal import Publishing

extension Setting<MQTTSettings> {
  /// The brokers of a cluster.
  static let hosts = Setting(
    row: SettingRow(
      key: "hosts", value: "a list of `HOST` or `HOST:PORT`", fallback: "`host` alone",
      meaning:
        "The brokers of one cluster, instead of `host`. The program is connected to one of them, and goes on to the next when it is lost. `port` is for those without one.",
      otherNames: ["brokers", "servers"])
  ) { node, mqtt, reader in
    guard let elements = reader.elements(node, of: "`hosts`", each: "each broker") else { return false }
    let before = reader.mistakes.count
    mqtt.hosts = []
    for element in elements {
      guard let place = reader.value(element, of: "hosts", .broker) else { continue }
      if mqtt.hosts.contains(place) { reader.add("this broker stands in the list already", at: element.at) }
      mqtt.hosts.append(place)
    }
    if elements.isEmpty { reader.add("`hosts` has no broker; leave the line out for `localhost`", at: node.at) }
    if elements.count > Limits.brokers {
      reader.add("`hosts` has more than \(Limits.brokers) brokers", at: elements[Limits.brokers].at)
    }
    return reader.mistakes.count == before
  }
}

extension ValueFormat<BrokerPlace> {
  /// A name or address with or without a port; brackets around an IPv6 address with one.
  fileprivate static let broker = ValueFormat("`HOST` or `HOST:PORT`") { text throws(InvalidValue) in
    guard let colon = text.lastIndex(of: ":"), text.hasPrefix("[") || !text[..<colon].contains(":"),
      !text.contains("/")
    else { return BrokerPlace(host: try parseHost(text)) }
    guard let port = UInt16(digits: String(text[text.index(after: colon)...])), port > 0 else {
      throw InvalidValue("has no port number from 1 to 65535 behind the colon")
    }
    var host = String(text[..<colon])
    if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
    return BrokerPlace(host: try parseHost(host), port: port)
  }
}
