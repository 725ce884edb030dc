internal import Base
internal import Meters

/// Clears retained topics that no longer belong to a meter.
extension Outbox {
  /// Compares the retained topics of an earlier run with the configuration.
  mutating func takeOver() {
    let former = removals.former
    guard !former.baseTopic.isEmpty else { return }
    let rootMoved = former.baseTopic != settings.baseTopic
    let documentsMoved =
      former.discoveryPrefix != settings.discoveryPrefix || former.nodeID != settings.homeAssistant.nodeID
    if !former.discoveryPrefix.isEmpty {
      if documentsMoved {
        clear(former.documents(in: former.forms, of: former.devices), of: .former)
      } else {
        takeOverForms(of: former)
      }
    }
    if rootMoved {
      clear(former.devices.flatMap { $0.topics(below: former.baseTopic) }, of: .former)
      clear(["state", "info", "health"].map { "\(former.baseTopic)/bridge/\($0)" }, of: .former)
    }
    for entry in former.devices where addDevice(entry.device) == nil {
      leave(entry, hasTopics: !rootMoved, forms: documentsMoved ? [] : former.forms)
    }
    removals.forgetEarlier()
  }

  /// Documents in a form that is not wanted any more give way to those of the other. Devices that leave have theirs cleared
  /// in any form.
  private mutating func takeOverForms(of former: RetainedState) {
    let dropped = former.forms.subtracting(settings.homeAssistant.discovery)
    guard former.forms != settings.homeAssistant.discovery else { return }
    removals.noteChange()
    let staying = former.devices.filter { meters?[$0.device.parent ?? $0.device.id] != nil }
    clear(former.documents(in: dropped, of: staying), of: .formerForm)
  }

  mutating func removeDevice(_ key: DeviceKey, at now: Instant) {
    guard let device = devices.removeValue(forKey: key) else { return }
    keys[device.device.id] = nil
    dues.set(key, nil)
    order.removeAll { $0 == key }
    forgetOnline(device.device.id)
    leave(device.retained, forms: settings.homeAssistant.discovery)
    markDiscovery(of: names.forget(device.device.id), at: now)
  }

  /// Home Assistant forgets a device when its document is gone.
  private mutating func leave(_ entry: RetainedState.Entry, hasTopics: Bool = true, forms: DiscoveryForms) {
    let documents = settings.discovery?.topics(of: entry, in: forms) ?? []
    let topics = hasTopics ? entry.topics(below: settings.baseTopic) : []
    removals.leave(entry, topics: documents + topics).forEach { mark(.clearing($0)) }
  }

  private mutating func clear(_ topics: [String], of owner: TopicRemovals.Owner) {
    removals.clear(topics, of: owner).forEach { mark(.clearing($0)) }
  }

  /// Whether a document of a device must tell of fields that are gone. A classic document is cleared instead.
  var isToldOfRemovals: Bool { settings.homeAssistant.discovery.contains(.device) }

  /// Fields that were missing in many readings are gone. The next document tells Home Assistant to forget them, and
  /// later ones leave them out.
  mutating func removeUnseenFields(of key: DeviceKey, at now: Instant) {
    let isAnnounced = isToldOfRemovals
    let gone = devices[key]?.removeUnseen(isAnnounced: isAnnounced) ?? []
    guard !gone.isEmpty else { return }
    removals.noteChange()
    markDiscovery(of: key, at: now)
    clear(gone, of: key)
  }

  /// Clears the object of all values, which is not wanted any more.
  mutating func removeState(of key: DeviceKey) {
    guard let gone = devices[key]?.removeState(), !gone.isEmpty else { return }
    removals.noteChange()
    clear(gone, of: key)
  }

  /// A meter pushes now that was polled. Its button goes.
  mutating func removeButton(of key: DeviceKey) {
    guard let device = devices[key], device.button == .gone else { return }
    removals.noteChange()
    guard let discovery = settings.discovery, discovery.forms.contains(.classic) else { return }
    clear([discovery.buttonTopic(device: device.device.id)], of: .field)
    if !isToldOfRemovals { devices[key]?.forgetButton() }
  }

  /// Clears the topics of fields that a device does not have any more.
  mutating func clear(_ fields: [FieldDescription], of key: DeviceKey) {
    guard !fields.isEmpty, let id = devices[key]?.device.id else { return }
    sending.forgetRefusals(of: key)
    let isClassic = settings.homeAssistant.discovery.contains(.classic)
    let documents = isClassic ? settings.discovery?.topics(device: id, entitiesOf: fields) ?? [] : []
    clear(documents + fields.map { "\(settings.baseTopic)/\(id)/\($0.level)" }, of: .field)
  }

  /// The broker has a discovery document. If it told Home Assistant to forget fields, a document without them follows.
  mutating func finishDiscovery(of key: DeviceKey, at now: Instant) {
    guard devices[key]?.discovery.phase == .idle, devices[key]?.hasRemovals == true else { return }
    devices[key]?.forgetRemoved()
    removals.noteChange()
    markDiscovery(of: key, at: now)
  }

  /// The retained topics, if they have changed since the last call.
  package mutating func takeRetained() -> RetainedState? {
    guard meters != nil, let leaving = removals.takeChange() else { return nil }
    var entries: [RetainedState.Entry] = []
    entries.reserveCapacity(order.count + leaving.count)
    for key in order { if let device = devices[key] { entries.append(device.retained) } }
    entries += leaving
    return RetainedState(
      baseTopic: settings.baseTopic, discoveryPrefix: settings.discoveryPrefix, nodeID: settings.homeAssistant.nodeID,
      forms: removals.ofFormerForm.isEmpty ? settings.homeAssistant.discovery : .both,
      devices: entries)
  }
}

extension RetainedState {
  /// The topics of the documents of some of its devices, and those of the bridge.
  fileprivate func documents(in forms: DiscoveryForms, of devices: [Entry]) -> [String] {
    var place = HomeAssistantSettings(discovery: forms)
    place.prefix = discoveryPrefix
    place.nodeID = nodeID
    let discovery = Discovery(place, baseTopic: baseTopic)
    return devices.flatMap { discovery.topics(of: $0, in: forms) }
      + discovery.bridgeTopics(in: forms)
  }
}

extension DeviceTopics {
  fileprivate var retained: RetainedState.Entry {
    RetainedState.Entry(
      device: device, fields: removing.isEmpty ? fields : fields + removing, hasButton: button != .none)
  }
}
