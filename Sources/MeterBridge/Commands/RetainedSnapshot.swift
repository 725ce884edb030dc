internal import Base
internal import Decoders
internal import Documents
internal import Meters
internal import Publishing

/// The daemon as its topics show it, for a configuration without a web server.
struct RetainedSnapshot {
  let configuration: Configuration
  /// The newest payloads below the root, by the two levels of their topics.
  private var payloads: [String: String] = [:]

  init(_ configuration: Configuration) { self.configuration = configuration }

  /// All topics that it reads.
  var filter: String { "\(configuration.mqtt.baseTopic)/+/+" }

  mutating func take(topic: String, payload: [UInt8]) {
    let root = configuration.mqtt.baseTopic + "/"
    guard topic.hasPrefix(root) else { return }
    let levels = String(topic.dropFirst(root.count))
    // Values are short; documents are not needed.
    guard payload.count <= Limits.shownPayloadBytes else { return }
    payloads[levels] = onOneLine(String(decoding: payload, as: UTF8.self).unicodeScalars)
  }

  /// Whether the daemon runs; nil before its state has come.
  var isDaemonThere: Bool? { payloads["bridge/state"].map { $0 == "online" } }

  /// Whether the state of the daemon and of all configured meters has come. Sub-meters may still follow.
  var isComplete: Bool {
    isDaemonThere != nil && configuration.meters.allSatisfy { payloads["\($0.id)/availability"] != nil }
  }

  /// - Parameter now: for the ages.
  /// - Returns: the configured meters in order, with the sub-meters that are known.
  func snapshot(at now: WallTime) -> BridgeSnapshot {
    let configured = configuration.meters.map(\.id)
    let known = payloads.keys.filter { $0.hasSuffix("/availability") }.map { String($0.dropLast(13)) }
    // Sub-meters behind their meters; what other programs have below the root is not ours.
    let ids = configured.flatMap { id in
      [id] + known.filter { $0.hasPrefix(id + "_") && !configured.contains($0) && isSubMeter($0) }.sorted()
    }
    return BridgeSnapshot(meters: ids.map { meter($0, at: now) }, isBrokerConnected: true)
  }

  private func isSubMeter(_ id: String) -> Bool { AcceptCommand.problem(with: id, in: configuration) == nil }

  private func meter(_ id: String, at now: WallTime) -> BridgeSnapshot.Meter {
    // A sub-meter has the units of its meter, but a name of its own.
    let settings = configuration.meters.filter { id == $0.id || id.hasPrefix($0.id + "_") }.max { $0.id < $1.id }
    let last = payloads["\(id)/last_telegram"].flatMap(WallTime.init)
    let isOnline = payloads["\(id)/availability"] == "online"
    var meter = BridgeSnapshot.Meter(
      id: id, name: settings?.id == id ? settings?.name : nil, isOnline: isOnline,
      age: last.map { Milliseconds(max(0, now.milliseconds - $0.milliseconds)) })
    // While a meter is offline only its registers are true.
    for name in FieldName.headlines where isOnline || name.isTotal {
      let level = name.entry.name.description
      guard let text = payloads["\(id)/\(level)"], FixedDecimal(plain: text) != nil else { continue }
      meter.main = BridgeSnapshot.Value(
        name: level, text: text, unit: (settings?.units[level] ?? name.entry.unit).symbol)
      break
    }
    return meter
  }
}

extension FieldName {
  fileprivate var isTotal: Bool { [.total, .totalIncreasing].contains(entry.stateClass) }
}
