internal import Decoders
internal import MQTT

// What goes out next, and what comes of it.
extension Outbox {
  /// The next message to hand over; nil where nothing is due or the window is full.
  mutating func next(at now: Instant) -> Outgoing? {
    guard let connection else { return nil }
    while inFlight.count < connection.window, let item = nextAllowed(at: now) {
      guard let outgoing = prepare(item, at: now) else {
        poison.answered(item)
        if change(item, { $0.finish() }) == true { mark(item, force: false) }
        continue
      }
      _ = change(item) { $0.handOver() }
      inFlight.insert(item)
      let bytes = outgoing.packetSize(connection.version)
      let isTooLarge = connection.maximumPacketSize.map { bytes > $0 } ?? false
      guard let refusal = isTooLarge ? .packetTooLarge : poison.refusal(of: item) else {
        poison.handedOver(outgoing, bytes: bytes, at: now)
        return outgoing
      }
      finish(item, refusal: refusal, at: now)
    }
    return nil
  }

  /// The next in line, as far as no message is suspected of having cost a connection: those go last, and alone.
  private mutating func nextAllowed(at now: Instant) -> Item? {
    if poison.isTrying { return nil }
    if stopSince != nil || !poison.isDue(at: now) {
      while let item = nextItem(at: now) {
        if !poison.holds(item, at: now) { return item }
      }
      guard stopSince == nil, poison.isDue(at: now, isAlone: true) else { return nil }
    }
    return inFlight.isEmpty ? poison.nextTrial() : nil
  }

  /// The connection has ended: how the session is to take it.
  mutating func explain(_ cause: DisconnectCause, at now: Instant) -> DisconnectCause {
    guard connection != nil else {
      poison.forget()
      return cause
    }
    guard let topic = poison.cut(cause, at: now).flatMap({ topic(of: $0) }) else { return cause }
    return .message(topic: topic)
  }

  /// The broker, or already the library, has answered a message. Only success counts as delivered.
  mutating func finish(_ item: Item, refusal: Refusal?, at now: Instant) {
    guard inFlight.remove(item) != nil else { return }
    poison.answered(item)
    if refusal != nil { refusals += 1 }
    if change(item, { $0.isNews(refusal) }) == true, let refusal, poison.isNews(item) { tell(refusal, of: item) }
    if change(item, { $0.finish() }) == true { mark(item, force: false) }
    switch item {
    case .state where isFarewellSent: ending = refusal == nil ? .clean : .abandoned
    case .value(let key, let place):
      if devices[key]?.isNew(place) == true { schedule(key, place, at: now) }
    case .reading(let key):
      finishReading(key, at: now)
    case .deadLetter where !deadLetters.isEmpty: mark(item)
    case .discovery(let key) where refusal == nil: finishDiscovery(of: key)
    // One that is refused is tried again on the next connection, but for a former root: it may be closed to us now.
    case .clearing(let number) where refusal == nil || clearings[number]?.owner == .former: finishClearing(number)
    default: break
    }
  }

  // MARK: Putting in line

  /// Something about a topic is due. A message that is under way is followed by another one.
  mutating func mark(_ item: Item, force: Bool = true) {
    guard isGreeted, change(item, { $0.mark(force: force) }) == true else { return }
    if item.isKept { states.append(item) } else { background.append(item) }
  }

  /// On CONNACK: the bridge, then every availability, then discovery, then the last values.
  mutating func greet() {
    isGreeted = true
    isCatchingUp = true
    mark(.state)
    mark(.info)
    markClearings()
    order.forEach { mark(.availability($0)) }
    mark(.bridgeDiscovery)
    order.forEach { mark(.discovery($0)) }
    order.forEach { markValues(of: $0) }
    mark(.health)
    for key in queues.indices { mark(.reading(key)) }
  }

  /// On Home Assistant's birth: the same, meter by meter.
  mutating func welcomeHomeAssistant() {
    mark(.state)
    mark(.info)
    mark(.bridgeDiscovery)
    for key in order {
      mark(.availability(key))
      mark(.discovery(key))
      markValues(of: key)
    }
    mark(.health)
  }

  private mutating func markValues(of key: DeviceKey) {
    for place in devices[key]?.placesWithValue ?? [] { mark(.value(key, place)) }
  }

  /// Nothing is in line and nothing under way any more.
  mutating func forgetProgress() {
    states.removeAll()
    background.removeAll()
    inFlight.removeAll()
    poison.disconnected()
    bridge.removeAll()
    for number in clearings.keys { clearings[number]?.state = TopicState() }
    for key in order { devices[key]?.forgetProgress() }
    for key in queues.indices { queues[key].forgetProgress() }
  }

  private mutating func change<Result>(_ item: Item, _ body: (inout TopicState) -> Result) -> Result? {
    switch item {
    case .state, .info, .health, .deadLetter, .bridgeDiscovery: body(&bridge[item, default: TopicState()])
    case .availability(let key): devices[key]?.availability.change(body)
    case .discovery(let key): devices[key]?.discovery.change(body)
    case .value(let key, let place): devices[key]?.change(place, body)
    case .reading(let key): queues[key].state.change(body)
    case .clearing(let number): clearings[number]?.state.change(body)
    }
  }

  // MARK: Taking out of line

  private mutating func nextItem(at now: Instant) -> Item? {
    if let stopSince, isFarewellSent || now - stopSince >= Milliseconds(Limits.lastValues) { return farewell() }
    if states.isEmpty { isCatchingUp = false }
    let takesState = !states.isEmpty && (isCatchingUp || background.isEmpty || !wasStateLast)
    wasStateLast = takesState
    if let item = takesState ? states.popFirst() : background.popFirst() { return item }
    return stopSince != nil && inFlight.isEmpty ? farewell() : nil
  }

  private mutating func farewell() -> Item? {
    guard !isFarewellSent, !inFlight.contains(.state) else { return nil }
    isFarewellSent = true
    return .state
  }

  /// Writes the message; nil where nothing is to be sent after all.
  private mutating func prepare(_ item: Item, at now: Instant) -> Outgoing? {
    guard let topic = topic(of: item), let payload = payload(of: item, at: now) else { return nil }
    let needsNoAnswer = (item == .health || item == .deadLetter) && !poison.isDoubting
    return Outgoing(
      item: item, topic: topic, payload: payload, qos: needsNoAnswer ? 0 : 1,
      retain: item.isKept && connection?.retains == true)
  }

  /// Nil for what is gone.
  private func topic(of item: Item) -> String? {
    let root = settings.baseTopic
    switch item {
    case .state: return "\(root)/bridge/state"
    case .info: return "\(root)/bridge/info"
    case .health: return "\(root)/bridge/health"
    case .deadLetter: return "\(root)/bridge/dead_letter"
    case .bridgeDiscovery: return settings.discovery?.bridgeTopic
    case .availability(let key): return devices[key].map { "\(root)/\($0.device.id)/availability" }
    case .discovery(let key): return devices[key].flatMap { settings.discovery?.topic(device: $0.device.id) }
    case .value(let key, let place):
      return devices[key].map { "\(root)/\($0.device.id)/\($0.values[place].field.level)" }
    case .reading(let key): return "\(root)/\(queues[key].meter)/reading"
    case .clearing(let number): return clearings[number]?.topic
    }
  }

  private mutating func payload(of item: Item, at now: Instant) -> [UInt8]? {
    switch item {
    case .state: Array((isFarewellSent ? "offline" : "online").utf8)
    case .info: infoDocument()
    case .health: healthDocument
    case .deadLetter: deadLetters.popFirst()
    case .bridgeDiscovery: settings.discovery?.bridgeDocument()
    case .availability(let key): devices[key].map { Array(($0.isOnline ? "online" : "offline").utf8) }
    case .discovery(let key): discoveryDocument(of: key)
    case .value(let key, let place): devices[key]?.handOver(place, at: now).map { Array($0.utf8) }
    case .reading(let key): journal.isOpen ? queues[key].handOver(at: now, pace: settings.replayPace) : nil
    case .clearing: []
    }
  }

  private mutating func discoveryDocument(of key: DeviceKey) -> [UInt8]? {
    guard let discovery = settings.discovery, let device = devices[key], device.isDescribed else { return nil }
    let document = discovery.document(for: device.device, fields: device.fields, removing: device.removing)
    let hash = stableHash(document)
    guard device.discovery.isForced || hash != device.documentHash else { return nil }
    devices[key]?.documentHash = hash
    return document
  }

  /// A refusal becomes a dead letter, but for one of a dead letter.
  private mutating func tell(_ refusal: Refusal, of item: Item) {
    guard let topic = topic(of: item) else { return }
    var message = Refused(meter: "bridge", source: "", protocolName: "mqtt", topic: topic, refusal: refusal)
    notes.append("message for \(topic) was refused: \(refusal.text)")
    switch item {
    case .deadLetter: return
    case .availability(let key), .discovery(let key): describe(&message, key)
    case .reading(let key):
      message.meter = queues[key].meter
      if let device = keys[message.meter] { describe(&message, device) }
    case .value(let key, let place):
      describe(&message, key)
      message.value = devices[key]?.values[place].standing
    case .state, .info, .health, .bridgeDiscovery, .clearing: break
    }
    refused.append(message)
  }

  private func describe(_ message: inout Refused, _ key: DeviceKey) {
    guard let device = devices[key] else { return }
    message.meter = device.device.id
    message.source = meters?[device.owner]?.source ?? ""
    message.protocolName = device.device.protocolName
  }
}

extension Outbox.Outgoing {
  fileprivate func packetSize(_ version: MQTTVersion) -> Int {
    PublishPacket.size(
      topicBytes: topic.utf8.count, payloadBytes: payload.count, qos: qos, version: version)
  }
}
