internal import Base
internal import Decoders
internal import Meters

/// The retained topics at a broker that belong to this bridge, for the command that clears them.
///
/// They are known from the state file and from what the broker keeps below the root. A discovery topic that the state file
/// does not have is believed only if its document names the root: other programs announce devices there too.
package struct OwnTopics: Sendable {
  /// A root of state topics, with the place of its discovery documents; without Home Assistant nil.
  private struct Root: Sendable {
    var baseTopic: String
    var discovery: Discovery?
  }

  private static let bridge = "bridge"
  private static let levelsOfBridge = ["state", "info", "health"]

  /// The configured root, and that of the last run if it was another one.
  private var roots: [Root]
  private let configured: [String]
  private let devices: [RetainedState.Entry]
  /// The only meter that is meant; nil for all and the bridge itself.
  private let only: String?
  /// Ids below the configured root at the broker.
  private var found: Set<String> = []
  private var topics: Set<String> = []

  /// - Parameters:
  ///   - baseTopic: the configured root.
  ///   - homeAssistant: the configured place of discovery documents.
  ///   - configured: the ids of the configured meters.
  ///   - retained: from the state file; nil without one.
  ///   - only: the id of the only meter that is meant, with those behind it; nil for all and the bridge itself.
  package init(
    baseTopic: String, homeAssistant: HomeAssistantSettings, configured: [String], retained: RetainedState?,
    only: String?
  ) {
    self.configured = configured
    self.only = only
    devices = retained?.devices ?? []
    roots = [
      Root(
        baseTopic: baseTopic,
        discovery: homeAssistant.discovery.isEmpty ? nil : Discovery(homeAssistant, baseTopic: baseTopic))
    ]
    guard let retained, !retained.baseTopic.isEmpty else { return }
    var former = HomeAssistantSettings()
    former.prefix = retained.discoveryPrefix
    former.nodeID = retained.nodeID
    let isSame =
      retained.baseTopic == baseTopic && !homeAssistant.discovery.isEmpty && former.prefix == homeAssistant.prefix
      && former.nodeID == homeAssistant.nodeID
    let discovery = former.prefix.isEmpty ? nil : Discovery(former, baseTopic: retained.baseTopic)
    if !isSame { roots.append(Root(baseTopic: retained.baseTopic, discovery: discovery)) }
    for entry in devices where isMeant(entry.device.id) {
      topics.formUnion(entry.topics(below: retained.baseTopic))
      guard let discovery else { continue }
      topics.formUnion(discovery.topics(of: entry, in: retained.forms))
    }
    guard only == nil else { return }
    topics.formUnion(Self.levelsOfBridge.map { "\(retained.baseTopic)/\(Self.bridge)/\($0)" })
    if let discovery { topics.formUnion(discovery.bridgeTopics(in: retained.forms)) }
  }

  /// What to subscribe to first: all that the broker keeps two levels below the roots.
  package var filters: [String] { Set(roots.map(\.baseTopic)).sorted().map { "\($0)/+/+" } }

  /// What to subscribe to then: the discovery topics that the meters found by now may have, in both forms.
  package var discoveryFilters: [String] {
    let ids = Set(devices.map(\.device.id) + configured).union(found).filter(isMeant)
    return roots.flatMap { root in
      ((only == nil ? [Self.bridge] : []) + ids.sorted()).flatMap { root.discovery?.filters(device: $0) ?? [] }
    }
  }

  private func isKnown(_ id: String) -> Bool {
    if id == Self.bridge { return only == nil }
    return isMeant(id) && (found.contains(id) || configured.contains(id) || devices.contains { $0.device.id == id })
  }

  /// The topics to clear, sorted.
  package var all: [String] { topics.sorted() }

  /// Takes a retained message at the broker. Anything that is not ours is ignored.
  package mutating func take(_ topic: String, _ payload: [UInt8]) {
    guard !payload.isEmpty else { return }
    for root in roots {
      if let id = root.discovery?.device(of: topic), isKnown(id) {
        if payload.contains(Array("\"\(root.baseTopic)/bridge/state\"".utf8)) { topics.insert(topic) }
        continue
      }
      guard topic.hasPrefix(root.baseTopic + "/") else { continue }
      let levels = topic.dropFirst(root.baseTopic.count + 1).split(separator: "/", omittingEmptySubsequences: false)
      guard levels.count == 2, levels.allSatisfy({ isIdentifier(Array($0.utf8)) }) else { continue }
      let id = String(levels[0])
      if id == Self.bridge {
        if only == nil, Self.levelsOfBridge.contains(String(levels[1])) { topics.insert(topic) }
      } else if isMeant(id) {
        found.insert(id)
        topics.insert(topic)
      }
    }
  }

  /// Whether an id is meant: with a meter those behind it are, such as `grid_gas`.
  private func isMeant(_ id: String) -> Bool {
    guard let only, id != only else { return true }
    if devices.contains(where: { $0.device.id == id && $0.device.parent == only }) { return true }
    return !configured.contains(id) && SubmeterNames.isSubmeter(id, of: only)
  }
}
