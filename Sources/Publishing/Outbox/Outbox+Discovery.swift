internal import Base
internal import Meters

/// Discovery documents, in the forms that are wanted.
extension Outbox {
  // MARK: Queueing

  /// Queues the changed documents of a device, now or when the pause since the last ones is over.
  mutating func markDiscovery(of key: DeviceKey, at now: Instant) {
    if devices[key]?.mayDescribe(at: now) == true { markDocuments(of: key, force: false) }
    noteDue(of: key)
  }

  /// The same for devices that may have another name now.
  mutating func markDiscovery(of ids: Set<String>, at now: Instant) {
    for key in ids.sorted().compactMap({ keys[$0] }) { markDiscovery(of: key, at: now) }
  }

  /// Queues the documents of the bridge and of every device, changed or not.
  mutating func markAllDocuments() {
    markBridgeDocuments()
    order.forEach { markDocuments(of: $0) }
  }

  mutating func markBridgeDocuments() {
    guard let discovery = settings.discovery, migration == nil else { return }
    if discovery.forms.contains(.device) { mark(.bridgeDiscovery) }
    guard discovery.forms.contains(.classic) else { return }
    for number in discovery.bridgeDocuments.indices { mark(.bridgeEntity(number)) }
  }

  mutating func markDocuments(of key: DeviceKey, force: Bool = true) {
    let forms = settings.homeAssistant.discovery
    guard migration == nil, !forms.isEmpty else { return }
    if forms.contains(.device) { mark(.discovery(key), force: force) }
    guard forms.contains(.classic) else { return }
    for place in devices[key]?.placesOfEntities ?? [] { mark(.entity(key, place), force: force) }
    if devices[key]?.button == .shown { mark(.button(key), force: force) }
  }

  // MARK: Writing

  /// Nil for a device without fields, or if the broker has the document and it is not forced.
  mutating func deviceDocument(of key: DeviceKey, at now: Instant) -> [UInt8]? {
    guard let discovery = settings.discovery, let device = devices[key], device.isDescribed else { return nil }
    let document = discovery.document(
      for: names.named(device.device), fields: device.fields, removing: device.removing, enabling: device.enabled,
      button: device.button)
    let hash = stableHash(document)
    guard device.discovery.isForced || hash != device.documentHash else { return nil }
    devices[key]?.described(hash, at: now)
    return document
  }

  /// Nil for a field that is gone, or if the broker has the document and it is not forced.
  mutating func entityDocument(of key: DeviceKey, _ place: Int, at now: Instant) -> [UInt8]? {
    guard let discovery = settings.discovery, let device = devices[key], !device.values[place].isGone else {
      return nil
    }
    let document = discovery.document(
      of: device.layout[place], for: names.named(device.device), among: device.fields, enabling: device.enabled)
    let hash = stableHash(document)
    guard device.entities[place].state.isForced || hash != device.entities[place].hash else { return nil }
    devices[key]?.described(place, hash, at: now)
    return document
  }

  /// Nil for a device that does not have a button or a document yet, or if the broker has it and it is not forced.
  mutating func buttonDocument(of key: DeviceKey) -> [UInt8]? {
    guard let discovery = settings.discovery, let device = devices[key], device.isDescribed, device.button == .shown
    else { return nil }
    let document = discovery.buttonDocument(for: names.named(device.device))
    let hash = stableHash(document)
    guard device.buttonState.isForced || hash != device.buttonHash else { return nil }
    devices[key]?.describedButton(hash)
    return document
  }
}

// MARK: - From one form to the other

/// Home Assistant refuses a document in one form while it has an entity from the other. It is told first that the entity
/// changes over, and unloads it. Then the new documents come, and at last the old topics are cleared. So the entity keeps
/// its id, its name and its history.
extension Outbox {
  /// How far the change is on this connection. Another connection begins anew.
  enum Migration: Sendable {
    /// The old topics are told.
    case telling
    /// Home Assistant unloads the entities.
    case pausing(until: Instant)
  }

  /// What Home Assistant is told on an old topic.
  static let changeOver = #"{"migrate_discovery":true}"#

  /// The broker has the message, or refuses it.
  mutating func noteTold(_ number: Int, at now: Instant) {
    removals.told(number)
    guard case .telling = migration, !removals.mustTell else { return }
    migration = .pausing(until: now + Limits.migrationPause)
  }

  mutating func tickMigration(at now: Instant) {
    guard case .pausing(let until) = migration, until <= now else { return }
    migration = nil
    markAllDocuments()
    removals.ofFormerForm.forEach { mark(.clearing($0)) }
  }
}
