internal import Base
internal import Decoders
internal import Meters

/// The meters of the configuration, and the values of their readings.
extension Outbox {
  /// Compares the first configuration with the retained topics of an earlier run, and later ones with the one before.
  mutating func configure(_ list: [ConfiguredMeter], at now: Instant) {
    let isFirst = meters == nil
    let former = meters ?? [:]
    meters = Dictionary(list.map { ($0.id, Box($0)) }, uniquingKeysWith: { first, _ in first })
    meterOrder = list.map(\.id)
    if isFirst { takeOver() }
    for key in order where meter(of: key) == nil { removeDevice(key, at: now) }
    for key in order {
      guard let meter = meter(of: key) else { continue }
      devices[key]?.adopt(meter)
      noteDue(of: key)
      if !meter.value.publishesState { removeState(of: key) }
      removeButton(of: key)
      guard let before = former[meter.value.id]?.value else { continue }
      if before.enabled != meter.value.enabled || before.isPolled != meter.value.isPolled {
        markDiscovery(of: key, at: now)
      }
      if !before.isSameMeter(as: meter.value) { devices[key]?.awaitAnotherMeter() }
    }
    for meter in list where keys[meter.id] == nil {
      let unknown = Device(id: meter.id, medium: .other, protocolName: meter.protocolName)
      if let key = addDevice(unknown) { mark(.availability(key)) }
    }
    sortDevices()
    subscriptions.expire()
    if isFirst, connection != nil { greet() } else { mark(.info) }
  }

  private func meter(of key: DeviceKey) -> Box<ConfiguredMeter>? {
    devices[key].flatMap { meters?[$0.owner] }
  }

  /// Adds a device of a configured meter; nil for any other device.
  mutating func addDevice(_ device: Device) -> DeviceKey? {
    guard let meter = meters?[device.parent ?? device.id] else { return nil }
    subscriptions.add("\(settings.baseTopic)/\(device.id)/accept")
    lastKey += 1
    let noted = Box(device)
    devices[lastKey] = DeviceTopics(noted, meter, known: removals.takeBack(device.id), in: &shared)
    keys[device.id] = lastKey
    names.note(noted)
    order.append(lastKey)
    if !meter.value.publishesState { removeState(of: lastKey) }
    return lastKey
  }

  private mutating func sortDevices() {
    let places = Dictionary(meterOrder.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    let ranked = order.map { key -> (rank: (Int, Int, Int), key: DeviceKey) in
      guard let device = devices[key]?.device else { return ((.max, 0, key), key) }
      return ((places[device.parent ?? device.id] ?? .max, device.parent == nil ? 0 : 1, key), key)
    }
    order = ranked.sorted { $0.rank < $1.rank }.map(\.key)
  }

  mutating func take(_ publication: Publication, at now: Instant) {
    guard let key = keys[publication.device.id] ?? addSubmeter(publication.device) else { return }
    describe(publication, of: key, at: now)
    var expected = 0
    for value in publication.fields {
      offer(value.payload, level: value.field.level, expected: &expected, of: key, at: now)
    }
    if publication.isFromTelegram {
      let received = publication.received.description
      offer(received, level: FieldDescription.lastTelegram.level, expected: &expected, of: key, at: now)
    }
    if let device = devices[key], device.hasState {
      offer(device.stateObject, level: FieldDescription.state.level, expected: &expected, of: key, at: now)
    }
    guard publication.isFromTelegram else { return }
    if meterNotes[publication.device.id] != publication.note {
      meterNotes[publication.device.id] = publication.note
      mark(.info)
    }
    takeReading(publication, at: now)
    if devices[key]?.isComplete(at: now) == true { removeUnseenFields(of: key, at: now) }
  }

  private mutating func describe(_ publication: Publication, of key: DeviceKey, at now: Instant) {
    let isAnnounced = isToldOfRemovals
    guard let description = devices[key]?.describe(publication, isAnnounced: isAnnounced, in: &shared, at: now)
    else { return }
    if description.isAnew {
      removals.noteChange()
      markDiscovery(of: key, at: now)
      if let device = devices[key]?.identity { markDiscovery(of: names.note(device), at: now) }
    }
    clear(description.gone, of: key)
    guard let dropped = description.dropped.first else { return }
    fieldsDropped += description.dropped.count
    if devices[key]?.isDropTold == false {
      notes.append(
        "\(publication.device.id): too many fields; \(dropped.level) and others without a name are only in …/reading")
    }
    devices[key]?.isDropTold = true
  }

  private mutating func addSubmeter(_ device: Device) -> DeviceKey? {
    guard let parent = device.parent, let key = addDevice(device) else { return nil }
    // Behind its meter and the sub-meters before it.
    order.removeLast()
    var place = keys[parent].flatMap { order.firstIndex(of: $0) } ?? order.count
    while place < order.count, devices[order[place]]?.owner == parent { place += 1 }
    order.insert(key, at: place)
    mark(.availability(key))
    return key
  }

  private mutating func offer(
    _ payload: String, level: String, expected: inout Int, of key: DeviceKey, at now: Instant
  ) {
    guard let taken = devices[key]?.offer(payload, level: level, expected: expected, at: now) else { return }
    expected = taken.place + 1
    switch taken.offer {
    case .nothing: break
    case .changed: schedule(key, taken.place, at: now)
    case .heartbeat: mark(.value(key, taken.place))
    }
  }

  /// A changed value goes out at once, or after the shortest interval. Before the greeting it need not be queued,
  /// because the greeting has all values.
  mutating func schedule(_ key: DeviceKey, _ place: Int, at now: Instant) {
    guard sending.isGreeted, let isFree = devices[key]?.release(place, at: now) else { return }
    if isFree { mark(.value(key, place), force: false) } else { noteDue(of: key) }
  }

  /// Queues the held values of a device that may go out now; all of them without a time.
  mutating func releaseHeld(of key: DeviceKey, at now: Instant?) {
    for place in devices[key]?.releaseHeld(at: now) ?? [] { mark(.value(key, place), force: false) }
    noteDue(of: key)
  }

  /// To be called after anything that may change when a device is due.
  mutating func noteDue(of key: DeviceKey) { dues.set(key, devices[key]?.due) }
}
