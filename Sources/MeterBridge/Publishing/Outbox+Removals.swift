internal import Decoders

/// A topic that is ours no longer, until an empty payload has taken away what is retained there.
struct Clearing: Sendable {
  enum Owner: Hashable, Sendable {
    /// A device that is no longer configured.
    case device(String)
    /// A field of a device that goes on.
    case field
    /// The root, prefix or node of an earlier run.
    case former
  }

  var topic: String
  var owner: Owner
  var state = TopicState()
}

// Taking away what stands on the broker for no one. What is not done yet stays in the retained state, so that the next
// start goes on with it.
extension Outbox {
  /// Compares what an earlier run left on the broker with the configuration.
  mutating func takeOver() {
    let former = earlier
    guard !former.baseTopic.isEmpty else { return }
    let rootMoved = former.baseTopic != settings.baseTopic
    let documentsMoved = former.discoveryPrefix != settings.discoveryPrefix || former.nodeID != settings.nodeID
    if documentsMoved, !former.discoveryPrefix.isEmpty {
      var wanted = HomeAssistantSettings()
      wanted.prefix = former.discoveryPrefix
      wanted.nodeID = former.nodeID
      let discovery = Discovery(wanted, baseTopic: former.baseTopic)
      clear(former.devices.map { discovery.topic(device: $0.device.id) } + [discovery.bridgeTopic], of: .former)
    }
    if rootMoved {
      clear(former.devices.flatMap { $0.topics(below: former.baseTopic) }, of: .former)
      clear(["state", "info", "health"].map { "\(former.baseTopic)/bridge/\($0)" }, of: .former)
    }
    for entry in former.devices where addDevice(entry.device) == nil {
      leave(entry, hasTopics: !rootMoved, hasDocument: !documentsMoved)
    }
    earlier.devices.removeAll()
  }

  /// What is known of a device from before. Whatever was being taken away of it stays.
  mutating func knownFields(of id: String) -> [FieldDescription] {
    let known = (earlier.devices + leaving).first { $0.device.id == id }
    leaving.removeAll { $0.device.id == id }
    clearings = clearings.filter { $0.value.owner != .device(id) }
    return known?.fields ?? []
  }

  mutating func removeDevice(_ key: DeviceKey) {
    guard let device = devices.removeValue(forKey: key) else { return }
    keys[device.device.id] = nil
    order.removeAll { $0 == key }
    leave(RetainedState.Entry(device: device.device, fields: device.fields + device.removing))
  }

  /// Home Assistant forgets a device when its document is gone.
  private mutating func leave(_ entry: RetainedState.Entry, hasTopics: Bool = true, hasDocument: Bool = true) {
    leaving.append(entry)
    hasRetainedChanged = true
    let document = hasDocument ? settings.discovery.map { [$0.topic(device: entry.device.id)] } ?? [] : []
    let topics = hasTopics ? entry.topics(below: settings.baseTopic) : []
    clear(document + topics, of: .device(entry.device.id))
    if document.isEmpty, topics.isEmpty { leaving.removeAll { $0.device.id == entry.device.id } }
  }

  /// A field that has not come for so many readings is not coming back. Home Assistant forgets an entity only when told so
  /// once; the next document leaves it out.
  mutating func removeUnseenFields(of key: DeviceKey) {
    let gone = devices[key]?.removeUnseen(isAnnounced: settings.discovery != nil) ?? []
    guard !gone.isEmpty, let id = devices[key]?.device.id else { return }
    hasRetainedChanged = true
    mark(.discovery(key), force: false)
    clear(gone.map { "\(settings.baseTopic)/\(id)/\($0.level)" }, of: .field)
  }

  /// A discovery document was taken. One that told Home Assistant to forget something is followed by one without it.
  mutating func finishDiscovery(of key: DeviceKey) {
    guard devices[key]?.discovery.phase == .idle, devices[key]?.removing.isEmpty == false else { return }
    devices[key]?.forgetRemoved()
    hasRetainedChanged = true
    mark(.discovery(key), force: false)
  }

  mutating func finishClearing(_ number: Int) {
    guard let done = clearings.removeValue(forKey: number) else { return }
    guard case .device(let id) = done.owner, !clearings.values.contains(where: { $0.owner == done.owner }) else {
      return
    }
    leaving.removeAll { $0.device.id == id }
    hasRetainedChanged = true
  }

  mutating func markClearings() { clearings.keys.sorted().forEach { mark(.clearing($0)) } }

  private mutating func clear(_ topics: [String], of owner: Clearing.Owner) {
    for topic in topics {
      lastClearing += 1
      clearings[lastClearing] = Clearing(topic: topic, owner: owner)
      mark(.clearing(lastClearing))
    }
  }

  /// What stands retained, if that has changed since the last call. Nothing is said while topics of an earlier root,
  /// prefix or node are left: the state file knows only one of each.
  mutating func takeRetained() -> RetainedState? {
    guard hasRetainedChanged, meters != nil, !clearings.values.contains(where: { $0.owner == .former }) else {
      return nil
    }
    hasRetainedChanged = false
    let entries = order.compactMap { devices[$0] }.map {
      RetainedState.Entry(device: $0.device, fields: $0.fields + $0.removing)
    }
    return RetainedState(
      baseTopic: settings.baseTopic, discoveryPrefix: settings.discoveryPrefix, nodeID: settings.nodeID,
      devices: entries + leaving)
  }
}

extension RetainedState.Entry {
  /// Its retained topics but for the discovery document.
  fileprivate func topics(below root: String) -> [String] {
    ["\(root)/\(device.id)/availability"] + fields.map { "\(root)/\(device.id)/\($0.level)" }
  }
}
