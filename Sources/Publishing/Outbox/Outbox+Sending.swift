package import Base
internal import Decoders
internal import Meters
package import MQTT

/// The next message, and the meaning of its answer.
extension Outbox {
  /// The next message to hand over; nil if nothing is due or the window is full.
  package mutating func next(at now: Instant) -> Outgoing? {
    guard let connection else { return nil }
    while let item = sending.next(window: connection.window, at: now) {
      guard let outgoing = prepare(item, at: now) else {
        sending.skip(item)
        if change(item, { $0.finish() }) == true { mark(item, force: false) }
        continue
      }
      _ = change(item) { $0.handOver() }
      let poison = sending.begin(item)
      let bytes = outgoing.packetSize(connection.version)
      let limit = connection.maximumPacketSize ?? .max
      // No bridge takes a longer telegram from a topic.
      let isTooLarge = bytes > (outgoing.properties.isEmpty ? limit : min(limit, Limits.incomingMessageBytes))
      guard let refusal = isTooLarge ? .packetTooLarge : poison else {
        sending.handedOver(outgoing, bytes: bytes, at: now)
        return outgoing
      }
      finish(item, refusal: refusal, at: now)
    }
    return nil
  }

  /// The cause of a lost connection, with the message that caused it if the bridge knows it.
  package mutating func explain(_ cause: DisconnectCause, at now: Instant) -> DisconnectCause {
    guard connection != nil else {
      sending.forgetPoison()
      return cause
    }
    guard let topic = sending.cut(cause, at: now).flatMap({ topic(of: $0) }) else { return cause }
    return .message(topic: topic)
  }

  /// The broker or the library has answered a message. Only success counts as delivered.
  ///
  /// - Parameters:
  ///   - item: the subject of the message.
  ///   - refusal: nil for success.
  ///   - words: the broker's words about the refusal.
  ///   - isHeard: false if the broker reports that it does not have a subscriber for the message.
  ///   - now: the time of the answer.
  package mutating func finish(
    _ item: Item, refusal: Refusal?, words: String? = nil, isHeard: Bool = true, at now: Instant
  ) {
    guard sending.finish(item) else { return }
    if refusal != nil { refusals += 1 }
    if sending.isNews(refusal, of: item), let refusal, change(item, { _ in true }) == true {
      tell(refusal, words, of: item)
    }
    if change(item, { $0.finish() }) == true { mark(item, force: false) }
    switch item {
    case .state: sending.finishState(isRefused: refusal != nil)
    case .value(let key, let place):
      if devices[key]?.isNew(place) == true { schedule(key, place, at: now) }
    case .reading(let key): finishReading(key, isHeard: isHeard || refusal != nil, at: now)
    case .deadLetter where bridge.hasDeadLetters: mark(item)
    case .answer where bridge.hasAnswers: mark(item)
    case .discovery(let key) where refusal == nil: finishDiscovery(of: key, at: now)
    case .clearing(let number) where removals.mustTell(number): noteTold(number, at: now)
    // The next connection tries a refused one again. A former root may be forbidden now, so its topics are not tried
    // again.
    case .clearing(let number) where refusal == nil || removals.isFormer(number): removals.finish(number)
    default: break
    }
  }

  // MARK: Queueing

  /// Queues a topic. Another message follows the one in flight.
  mutating func mark(_ item: Item, force: Bool = true) {
    guard sending.isGreeted, change(item, { $0.mark(force: force) }) == true else { return }
    sending.append(item)
  }

  /// On CONNACK: the bridge, then every availability, then discovery, then the last values.
  mutating func greet() {
    sending.greet()
    mark(.state)
    mark(.info)
    removals.numbers.forEach { mark(.clearing($0)) }
    order.forEach { mark(.availability($0)) }
    if removals.ofFormerForm.isEmpty { markAllDocuments() } else { migration = .telling }
    order.forEach { markValues(of: $0) }
    mark(.health)
    readings.keys.forEach { mark(.reading($0)) }
  }

  /// On Home Assistant's birth: the same, meter by meter.
  mutating func welcomeHomeAssistant() {
    mark(.state)
    mark(.info)
    markBridgeDocuments()
    for key in order {
      mark(.availability(key))
      markDocuments(of: key)
      markValues(of: key)
    }
    mark(.health)
  }

  private mutating func markValues(of key: DeviceKey) {
    for place in devices[key]?.placesWithValue ?? [] { mark(.value(key, place)) }
  }

  private mutating func change<Result>(_ item: Item, _ body: (inout TopicState) -> Result) -> Result? {
    switch item {
    case .state, .info, .health, .deadLetter, .answer, .bridgeDiscovery, .bridgeEntity: bridge.change(item, body)
    case .availability(let key): devices[key]?.availability.change(body)
    case .discovery(let key): devices[key]?.discovery.change(body)
    case .entity(let key, let place): devices[key]?.changeEntity(place, body)
    case .button(let key): devices[key]?.buttonState.change(body)
    case .value(let key, let place): devices[key]?.change(place, body)
    case .reading(let key): readings.change(key, body)
    case .clearing(let number): removals.change(number, body)
    }
  }

  // MARK: Writing

  /// Writes the message; nil if the item does not need one any more.
  private mutating func prepare(_ item: Item, at now: Instant) -> Outgoing? {
    guard let topic = topic(of: item), let payload = payload(of: item, at: now) else { return nil }
    let needsNoAnswer = [.health, .deadLetter, .answer].contains(item) && !sending.isDoubting
    let outgoing = Outgoing(
      item: item, topic: topic, payload: payload, qos: needsNoAnswer ? 0 : 1,
      retain: isRetained(item))
    guard case .reading(let key) = item, let telegram = readings.forwarded(key) else { return outgoing }
    return outgoing.carrying(telegram, connection?.version ?? .five)
  }

  private func isRetained(_ item: Item) -> Bool {
    // The old document stays until the new one is there.
    if case .clearing(let number) = item, removals.mustTell(number) { return false }
    return item.isKept && connection?.retains == true
  }

  /// Nil for a device or topic that is gone.
  private func topic(of item: Item) -> String? {
    let root = settings.baseTopic
    switch item {
    case .state: return "\(root)/bridge/state"
    case .info: return "\(root)/bridge/info"
    case .health: return "\(root)/bridge/health"
    case .deadLetter: return "\(root)/bridge/dead_letter"
    case .answer: return bridge.answered.map { "\(root)/\($0)/accepted" }
    case .bridgeDiscovery: return settings.discovery?.bridgeTopic
    case .availability(let key): return devices[key].map { "\(root)/\($0.device.id)/availability" }
    case .discovery(let key): return devices[key].flatMap { settings.discovery?.topic(device: $0.device.id) }
    case .bridgeEntity(let number): return settings.discovery?.bridgeDocuments[number].topic
    case .entity(let key, let place):
      return devices[key].flatMap { settings.discovery?.topic(device: $0.device.id, field: $0.layout[place]) }
    case .button(let key): return devices[key].flatMap { settings.discovery?.buttonTopic(device: $0.device.id) }
    case .value(let key, let place):
      return devices[key].map { "\(root)/\($0.device.id)/\($0.layout[place].level)" }
    case .reading(let key): return readings.forwarded(key)?.topic ?? "\(root)/\(readings.meter(of: key))/reading"
    case .clearing(let number): return removals.topic(number)
    }
  }

  private mutating func payload(of item: Item, at now: Instant) -> [UInt8]? {
    switch item {
    case .state: Array((sending.isFarewellSent ? "offline" : "online").utf8)
    case .info: infoDocument()
    case .health: bridge.health
    case .deadLetter: bridge.takeDeadLetter()
    case .answer: bridge.takeAnswer().map { Array($0.utf8) }
    case .bridgeDiscovery: settings.discovery?.bridgeDocument()
    case .availability(let key): devices[key].map { Array((online.contains($0.device.id) ? "online" : "offline").utf8) }
    case .discovery(let key): deviceDocument(of: key, at: now)
    case .bridgeEntity(let number): settings.discovery?.bridgeDocuments[number].document
    case .entity(let key, let place): entityDocument(of: key, place, at: now)
    case .button(let key): buttonDocument(of: key)
    case .value(let key, let place): devices[key]?.handOver(place, at: now).map { Array($0.utf8) }
    case .reading(let key): readings.handOver(key, at: now, pace: settings.replayPace)
    case .clearing(let number): removals.mustTell(number) ? Array(Self.changeOver.utf8) : []
    }
  }

  // MARK: Refusals

  /// Makes a dead letter of a refusal, unless a dead letter was refused.
  private mutating func tell(_ refusal: Refusal, _ words: String?, of item: Item) {
    guard let topic = topic(of: item) else { return }
    var message = Refused(
      meter: "bridge", source: "", protocolName: "mqtt", topic: topic, refusal: refusal, words: words)
    notes.append("message for \(topic) was refused: \(message.text)")
    switch item {
    case .deadLetter, .answer: return
    case .availability(let key), .discovery(let key), .entity(let key, _), .button(let key): describe(&message, key)
    case .reading(let key):
      let name = readings.meter(of: key)
      message.meter = ForwardedTelegram.meter(of: name) ?? name
      if let device = keys[message.meter] { describe(&message, device) }
    case .value(let key, let place):
      describe(&message, key)
      message.value = devices[key]?.values[place].standing
    case .state, .info, .health, .bridgeDiscovery, .bridgeEntity, .clearing: break
    }
    refused.append(message)
  }

  private func describe(_ message: inout Refused, _ key: DeviceKey) {
    guard let device = devices[key] else { return }
    message.meter = device.device.id
    message.source = meters?[device.owner]?.value.source ?? ""
    message.protocolName = device.device.protocolName
  }
}

extension Outbox.Outgoing {
  fileprivate func packetSize(_ version: MQTTVersion) -> Int {
    PublishPacket.size(
      topicBytes: topic.utf8.count, payloadBytes: payload.count + properties.reduce(0) { $0 + $1.size }, qos: qos,
      version: version)
  }

  /// The message of a telegram that is sent on: its bytes, with the rest in user properties. MQTT 3.1.1 has none, so it is
  /// a JSON object there.
  fileprivate func carrying(_ telegram: ForwardedTelegram, _ version: MQTTVersion) -> Self {
    let about = [
      ("time", telegram.received.description), ("source", telegram.source), ("protocol", telegram.protocolName),
    ]
    var message = self
    message.properties = about.map { UserProperty($0, $1) }
    message.payload = telegram.bytes
    guard version == .threeOneOne else { return message }
    var json = JSONText()
    json.object { json in
      for (name, text) in about { json.member(name, text) }
      json.member("telegram", Hexadecimal.text(telegram.bytes))
    }
    message.payload = json.bytes
    return message
  }
}
