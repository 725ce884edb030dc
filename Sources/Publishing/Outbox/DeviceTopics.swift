internal import Base
internal import Decoders
internal import Meters

/// All topics of a meter or sub-meter.
struct DeviceTopics: Sendable {
  var device: Device { _read { yield identity.value } }
  /// The device as its last reading describes it, in one place in memory for `DeviceNames` too.
  private(set) var identity: Box<Device>
  /// The settings of the configured meter, or of the one that the sub-meter belongs to. They have one place in memory.
  private var configured: Box<ConfiguredMeter>
  private var meter: ConfiguredMeter { _read { yield configured.value } }
  var availability = TopicState()
  var discovery = TopicState()
  /// The hash of the last document on this connection.
  private(set) var documentHash: UInt64?
  private var describedAt: Instant?
  /// When a changed document may go out; nil if it has not changed.
  private(set) var describeDue: Instant?
  /// Whether the log has been told that fields did not find room.
  var isDropTold = false
  /// What each place in `values` is about. Devices with the same fields share one list.
  private(set) var layout: [FieldDescription]
  private(set) var values: [ValueTopic]
  private(set) var entities = EntityTopics()
  private var publications = 0
  /// A missing field may still come before this time; nil before the first reading.
  private var completeAt: Instant?
  /// Fields that the next discovery document tells Home Assistant to forget. Later documents leave them out.
  private(set) var removing: [FieldDescription] = []
  /// The button in Home Assistant.
  private(set) var button: Discovery.ReadButton
  /// The classic document of the button.
  var buttonState = TopicState()
  private(set) var buttonHash: UInt64?
  /// When the first of the held values may go out.
  private var heldUntil: Instant?

  /// - Parameters:
  ///   - device: the meter or sub-meter.
  ///   - meter: its settings.
  ///   - known: what an earlier run has published of it; nil for nothing.
  ///   - shared: the descriptions of fields.
  init(_ device: Box<Device>, _ meter: Box<ConfiguredMeter>, known: RetainedState.Entry?, in shared: inout SharedFields)
  {
    identity = device
    configured = meter
    layout = shared(known?.fields ?? [])
    values = layout.map { _ in ValueTopic() }
    button = Discovery.ReadButton(of: device.value, isPolled: meter.value.isPolled)
    if button == .none, known?.hasButton == true { button = .gone }
  }

  /// Takes new settings. Held values are checked again, because their interval may be over.
  mutating func adopt(_ meter: Box<ConfiguredMeter>) {
    configured = meter
    let before = button
    button = Discovery.ReadButton(of: device, isPolled: meter.value.isPolled)
    if button == .none, before != .none { button = .gone }
    if heldUntil != nil { heldUntil = .past }
  }

  /// When a held value may go out, or a document; nil for neither.
  var due: Instant? { heldUntil.map { min($0, describeDue ?? $0) } ?? describeDue }

  /// The fields to enable in Home Assistant.
  var enabled: Set<String> { meter.enabled }

  /// Whether it has a topic with the object of all values.
  var hasState: Bool { meter.publishesState }

  /// The id of `meter`.
  var owner: String { device.parent ?? device.id }

  var fields: [FieldDescription] {
    values.contains { $0.isGone } ? values.indices.filter { !values[$0].isGone }.map { layout[$0] } : layout
  }

  /// Whether it has a discovery document.
  var isDescribed: Bool { values.indices.contains(where: isEntity) || !removing.isEmpty }

  /// Whether the next document tells Home Assistant to forget a component.
  var hasRemovals: Bool { !removing.isEmpty || button == .gone }

  var placesWithValue: [Int] { values.indices.filter { values[$0].newest != nil && !values[$0].isGone } }

  /// The place of a field. Telegrams keep the order of fields, so it is mostly the expected one.
  private func place(of level: String, expected: Int) -> Int? {
    if expected < layout.count, layout[expected].level == level { return expected }
    return layout.firstIndex { $0.level == level }
  }

  /// The shortest time between two messages of a topic.
  private func interval(of place: Int) -> Milliseconds {
    let interval = policy(of: place)?.minimumInterval ?? meter.minimumInterval
    return isClock(place) ? max(interval, .minutes(1)) : interval
  }

  private func isClock(_ place: Int) -> Bool { layout[place].level == FieldDescription.lastTelegram.level }

  /// When a changed value may follow the one before.
  private func due(_ place: Int, after handedOver: Instant) -> Instant {
    let due = handedOver + interval(of: place)
    // Of three hundred meters five have a new time each second. Nobody waits for one: they go out together.
    return isClock(place) ? due.rounded(upTo: .seconds(1)) : due
  }

  private func policy(of place: Int) -> FieldPolicy? {
    meter.policies.isEmpty ? nil : meter.policies[layout[place].key.name]
  }

  /// Whether the newest value differs enough from the one that was handed over.
  func isNew(_ place: Int) -> Bool {
    guard values[place].isUnsaid else { return false }
    guard let band = policy(of: place)?.deadBand, let difference = values[place].difference else { return true }
    return !difference.isBelow(band)
  }

  /// Places whose newest value waits only because of the dead band.
  var unsaid: [Int] { placesWithValue.filter { values[$0].isUnsaid && values[$0].state.phase == .idle } }

  // MARK: Discovery

  /// Whether a discovery document may go out now. Otherwise it follows when it may.
  mutating func mayDescribe(at now: Instant) -> Bool {
    let due = describedAt.map { $0 + Limits.discoveryPause } ?? now
    // The document may turn out to be the same, so this is the only place where it stops being due.
    describeDue = due > now ? due : nil
    return describeDue == nil
  }

  /// The document is handed over.
  mutating func described(_ hash: UInt64, at now: Instant) {
    documentHash = hash
    describedAt = now
  }

  /// The classic document of a field is handed over.
  mutating func described(_ place: Int, _ hash: UInt64, at now: Instant) {
    entities[place].hash = hash
    describedAt = now
  }

  /// The classic document of the button is handed over.
  mutating func describedButton(_ hash: UInt64) { buttonHash = hash }

  /// The places of fields that are entities.
  var placesOfEntities: [Int] { values.indices.filter(isEntity) }

  private func isEntity(_ place: Int) -> Bool { !values[place].isGone && !layout[place].isState }

  // MARK: Readings

  /// The result of a publication's fields.
  struct Description {
    /// Whether the discovery document changes.
    var isAnew: Bool
    /// Fields that gave their topics to new ones.
    var gone: [FieldDescription] = []
    /// Fields that did not find room.
    var dropped: [FieldDescription] = []
  }

  /// Makes room for the fields of a publication. `isAnnounced`: Home Assistant has been told of the fields.
  mutating func describe(
    _ publication: Publication, isAnnounced: Bool, in shared: inout SharedFields, at now: Instant
  ) -> Description {
    var description = Description(isAnew: device != publication.device)
    if description.isAnew { identity = Box(publication.device) }
    var expected = 0
    let own: [FieldDescription] = hasState ? [.lastTelegram, .state] : [.lastTelegram]
    let before = layout
    if values.isEmpty { values.reserveCapacity(publication.fields.count + own.count) }
    for field in publication.fields.lazy.map(\.field) + own {
      if let place = place(of: field.level, expected: expected) {
        let isSame = layout[place].describesSame(as: field) && !values[place].isGone
        // A field from the state file lacks its code, but the field of a reading has it.
        if !isSame || !values[place].isSeen, layout[place] != field { layout[place] = field }
        description.isAnew = description.isAnew || !isSame
        values[place].isGone = false
        values[place].noteSeen(at: now)
        expected = place + 1
      } else if let place = addPlace(for: field, &description, at: now) {
        values[place].noteSeen(at: now)
        description.isAnew = true
        expected = place + 1
      } else {
        description.dropped.append(field)
      }
    }
    for level in publication.held {
      // A field of an earlier run stays. A new field is announced only with a value.
      if let place = place(of: level, expected: values.count) { values[place].noteSeen(at: now) }
    }
    if layout != before { layout = shared(layout) }
    noteMissing(in: publication)
    if isAnnounced { removing += description.gone }
    if !removing.isEmpty {
      let levels = Set(fields.map(\.level))
      removing.removeAll { levels.contains($0.level) }
    }
    return description
  }

  /// Values that the publication does not have are not current. Those that it has become so when they are offered.
  private mutating func noteMissing(in publication: Publication) {
    if publication.isFromTelegram, tellsAllAtOnce { for place in values.indices { values[place].isCurrent = false } }
    for level in publication.held {
      if let place = place(of: level, expected: values.count) { values[place].isCurrent = false }
    }
  }

  private var tellsAllAtOnce: Bool { ProtocolDescription(named: device.protocolName)?.tellsAllAtOnce ?? true }

  /// A place for a new field; nil if all are in use. Fields without a name never take those of fields with a name.
  private mutating func addPlace(
    for field: FieldDescription, _ description: inout Description, at now: Instant
  ) -> Int? {
    let limit = field.isNamed ? Limits.fieldsOfReading : Limits.codeFields
    if values.indices.count(where: { layout[$0].isNamed == field.isNamed && !values[$0].isGone }) >= limit {
      guard let unused = unusedPlace(isNamed: field.isNamed, at: now) else { return nil }
      description.gone.append(layout[unused])
      put(field, at: unused)
      return unused
    }
    // A topic that was removed leaves its place, so that the list stays short.
    if let free = values.indices.first(where: { values[$0].isGone && isFree($0) }) {
      put(field, at: free)
      return free
    }
    layout.append(field)
    values.append(ValueTopic())
    return values.count - 1
  }

  private mutating func put(_ field: FieldDescription, at place: Int) {
    layout[place] = field
    values[place] = ValueTopic()
    entities.forget(place)
  }

  /// Whether no message of a place is queued or in flight, so that another field can take it.
  private func isFree(_ place: Int) -> Bool {
    values[place].state.phase == .idle && entities[place].state.phase == .idle
  }

  /// The place of the field that has not come for the longest time, and long enough.
  private mutating func unusedPlace(isNamed: Bool, at now: Instant) -> Int? {
    for place in values.indices where values[place].lastSeen == nil { values[place].lastSeen = now }
    let candidates = values.indices.filter {
      layout[$0].isNamed == isNamed && !values[$0].isGone && isFree($0)
        && now - (values[$0].lastSeen ?? now) >= Limits.timeUntilFieldGivesWay
    }
    return candidates.min { (values[$0].lastSeen ?? now) < (values[$1].lastSeen ?? now) }
  }

  /// The result of a new value.
  enum Offer {
    /// The same value again, before its heartbeat.
    case nothing
    /// Another value. It goes out when the interval allows.
    case changed
    /// The same value after a long time. It goes out as a sign of life.
    case heartbeat
  }

  /// Takes a new value; nil if the field is one too many.
  mutating func offer(
    _ payload: String, level: String, expected: Int, at now: Instant
  ) -> (place: Int, offer: Offer)? {
    guard let place = place(of: level, expected: expected) else { return nil }
    values[place].newest = payload
    values[place].isCurrent = true
    if isNew(place) { return (place, .changed) }
    let heartbeat = policy(of: place)?.heartbeat ?? meter.heartbeat
    let isDue = values[place].handedOver.map { now - $0 >= heartbeat } ?? true
    return (place, isDue ? .heartbeat : .nothing)
  }

  // MARK: Going out

  /// A changed value goes out at once (true), or is held until the interval since the last one has passed.
  mutating func release(_ place: Int, at now: Instant) -> Bool {
    guard values[place].state.phase == .idle else { return false }
    guard let handedOver = values[place].handedOver else { return true }
    let due = due(place, after: handedOver)
    guard due > now else { return true }
    values[place].state.phase = .held
    heldUntil = min(heldUntil ?? due, due)
    return false
  }

  /// The held values that may go out now; all of them without a time.
  mutating func releaseHeld(at now: Instant?) -> [Int] {
    guard let until = heldUntil, now.map({ until <= $0 }) ?? true else { return [] }
    heldUntil = nil
    return values.indices.filter { values[$0].state.phase == .held }.filter { place in
      guard let now, let handedOver = values[place].handedOver else { return true }
      let due = due(place, after: handedOver)
      if due <= now { return true }
      heldUntil = min(heldUntil ?? due, due)
      return false
    }
  }

  /// The value to send now; nil if the broker has it already and it is not forced.
  mutating func handOver(_ place: Int, at now: Instant) -> String? {
    guard let newest = values[place].newest, !values[place].isGone,
      values[place].state.isForced || isNew(place)
    else { return nil }
    values[place].standing = newest
    values[place].handedOver = now
    return newest
  }

  mutating func change<Result>(_ place: Int, _ body: (inout TopicState) -> Result) -> Result {
    body(&values[place].state)
  }

  mutating func changeEntity<Result>(_ place: Int, _ body: (inout TopicState) -> Result) -> Result {
    body(&entities[place].state)
  }

  /// The connection is gone, with everything queued or in flight.
  mutating func disconnected() {
    availability = TopicState()
    discovery = TopicState()
    documentHash = nil
    buttonState = TopicState()
    buttonHash = nil
    describeDue = nil
    heldUntil = nil
    entities = EntityTopics()
    for place in values.indices { values[place].state = TopicState() }
  }

  // MARK: Fields that went away

  /// Counts a reading of the meter. Returns true once: when the fields that are still missing do not exist any more.
  mutating func isComplete(at now: Instant) -> Bool {
    let until = completeAt ?? (tellsAllAtOnce ? now : now + Limits.timeUntilFieldIsGone)
    completeAt = until
    guard publications < Limits.readingsUntilFieldIsGone else { return false }
    // The last reading counts only after `until`.
    if publications == Limits.readingsUntilFieldIsGone - 1, now < until { return false }
    publications += 1
    return publications == Limits.readingsUntilFieldIsGone
  }

  /// Another meter has the id now. Fields that it does not have will be removed.
  mutating func awaitAnotherMeter() {
    publications = 0
    completeAt = nil
    for place in values.indices { values[place].isSeen = false }
  }

  /// Removes fields of an earlier run or of another meter that have not come since. They keep their places.
  mutating func removeUnseen(isAnnounced: Bool) -> [FieldDescription] {
    let gone = values.indices.filter { !values[$0].isSeen && !values[$0].isGone }
    gone.forEach { remove($0) }
    if isAnnounced { removing += gone.map { layout[$0] } }
    return gone.map { layout[$0] }
  }

  /// Removes the object of all values. Returns its field, if it was there.
  mutating func removeState() -> [FieldDescription] {
    guard let place = values.indices.first(where: { layout[$0].isState && !values[$0].isGone }) else { return [] }
    remove(place)
    return [layout[place]]
  }

  private mutating func remove(_ place: Int) {
    values[place].isGone = true
    values[place].newest = nil
    values[place].standing = nil
    entities.forgetDocument(place)
  }

  /// Home Assistant has been told to forget the fields and the button.
  mutating func forgetRemoved() {
    removing.removeAll()
    forgetButton()
  }

  /// A button that is gone needs no more messages.
  mutating func forgetButton() { if button == .gone { button = .none } }
}

extension FieldDescription {
  /// Whether both have the same discovery document.
  ///
  /// The key of a field without a name points into the text of its reading, so it differs between readings. The level
  /// does not.
  func describesSame(as other: FieldDescription) -> Bool {
    level == other.level && unit == other.unit && isNumber == other.isNumber && isDate == other.isDate
  }
}
