import Decoders

@testable import Base
@testable import MeterBridge
@testable import Meters
@testable import MQTT
@testable import Platform
@testable import Publishing
@testable import Simulator

/// An outbox without meters.
func emptyOutbox(retained: RetainedState) -> Outbox {
  Outbox(
    Outbox.Settings(
      baseTopic: "meterbridge", homeAssistant: HomeAssistantSettings(), version: "1",
      started: WallTime(milliseconds: 0), replayPace: Milliseconds(20), replayAfter: 0),
    retained: retained, seed: 1)
}

func configured(_ id: String) -> ConfiguredMeter {
  ConfiguredMeter(
    id: id, protocolName: "p1", source: "-", heartbeat: .minutes(5), minimumInterval: .seconds(10))
}

/// Plays events of the broker. The first byte of a step selects the event, the next ones its details.
func checkBroker(_ input: [UInt8]) {
  var play = BrokerPlay(input)
  while play.step() {}
  play.end()
}

private struct BrokerPlay {
  private static let ids = ["grid", "heat"]
  private static let nothing = RetainedState(baseTopic: "", discoveryPrefix: "", nodeID: "", devices: [])

  private var rest: ArraySlice<UInt8>
  private var now = Instant(milliseconds: 1_000_000)
  private var session: BrokerSession
  private var outbox = emptyOutbox(retained: nothing)
  private var open: [Outbox.Outgoing] = []
  private var window = 0
  private var connAck = MosquittoClient.ConnAck()
  private var count = 0
  /// By topic.
  private var newest: [String: String] = [:]
  private var retained: [String: String] = [:]
  private var lastReading: [String: Int] = [:]
  /// The readings of each meter in the journal.
  private var kept: [String: [JournalEntry]] = [:]
  private var numbers: [String: Int64] = [:]

  init(_ input: [UInt8]) {
    rest = input[...]
    session = BrokerSession(
      .init(brokers: [BrokerAddress(host: "broker", port: 1883)], clientID: "meterbridge"), seed: 1)
    outbox.take(.opened([:]), at: now)
    outbox.take(.meters(Self.ids.map(configured)), at: now)
    perform(.start)
  }

  private mutating func byte() -> UInt8 { rest.popFirst() ?? 0 }

  private mutating func text() -> [UInt8] {
    let count = Int(byte())
    defer { rest = rest.dropFirst(count) }
    return Array(rest.prefix(count))
  }

  mutating func step() -> Bool {
    guard let what = rest.popFirst() else { return false }
    switch what {
    case 0x61: pass(Milliseconds(Int64(byte()) * 20))
    case 0x62: pass(.seconds(Int64(byte())))
    case 0x63: receive(String(decoding: text(), as: UTF8.self))
    case 0x64: receive("meterbridge/" + String(decoding: text(), as: UTF8.self))
    case 0x65: receive("homeassistant/status")
    case 0x66: accept()
    case 0x67: perform(.refused(reason: Int32(byte())))
    case 0x68: perform(.closed(cause(byte())))
    case 0x69: if !session.isConnected { perform(.failed(failure(byte()))) }
    case 0x6A: answer(Int(byte()))
    case 0x6B: publish(byte())
    case 0x6C: outbox.take(.availability(device: Self.ids[Int(byte()) % 2], online: byte() & 1 == 1), at: now)
    case 0x6D: outbox.take(.deadLetter(Array("{}".utf8)), at: now)
    case 0x6E: outbox.take(.meters(Self.ids.prefix(1 + Int(byte()) % 2).map(configured)), at: now)
    case 0x6F: if !session.isConnected { perform(.opened) }
    case 0x70: if !session.isConnected { perform(.reached) }
    default: return true
    }
    handOver()
    return true
  }

  /// At the end the connection holds and the broker has the newest values. Then the bridge disconnects.
  mutating func end() {
    outbox.take(.meters(Self.ids.map(configured)), at: now)
    settle()
    publish(1)
    settle()
    for (topic, value) in newest { precondition(retained[topic] == value, "\(topic) is not the newest") }
    outbox.take(.stop, at: now)
    settle()
    precondition(retained["meterbridge/bridge/state"] == "offline" && outbox.ending != nil, "no goodbye")
  }

  private mutating func settle() {
    for _ in 0..<200 where !session.isConnected {
      if let deadline = session.deadline { now = max(now, deadline) }
      perform(.tick)
      perform(.opened)
      accept()
    }
    precondition(session.isConnected, "it never connects")
    for _ in 0..<3 {
      handOver()
      while !open.isEmpty {
        answer(open.count)
        handOver()
      }
      pass(.seconds(12))
    }
  }

  // MARK: Events

  private mutating func pass(_ time: Milliseconds) {
    let end = now + time
    for _ in 0..<200 {
      let due = [outbox.deadline(at: now), session.deadline].compactMap(\.self).min()
      guard let due, due <= end else { break }
      now = max(now, due)
      perform(.tick)
      outbox.tick(at: now)
    }
    now = end
    perform(.tick)
    outbox.tick(at: now)
  }

  private mutating func receive(_ topic: String) {
    let payload = text()
    let report = outbox.received(topic, payload, isRetained: byte() & 1 == 1, at: now)
    switch report {
    case nil: break
    case .read(let id): precondition(Self.ids.contains(id) && topic == "meterbridge/\(id)/read", "another meter")
    case .accept(let id): precondition(Self.ids.contains(id) && topic == "meterbridge/\(id)/accept", "another meter")
    default: preconditionFailure("an order that was not given")
    }
  }

  private mutating func accept() {
    guard !session.isConnected else { return }
    connAck.receiveMaximum = Int(byte()) + 1
    window = min(Limits.inFlight, connAck.receiveMaximum)
    perform(.accepted)
  }

  private mutating func perform(_ event: BrokerSession.Event) {
    for action in session.handle(event, at: now) {
      switch action {
      case .open: break
      case .close: open = []
      case .established(let version): outbox.connected(version, connAck, at: now)
      case .lost(let reason):
        precondition(isShowable(reason), "no words")
        outbox.disconnected()
        open = []
      case .log(_, let text): precondition(isShowable(text), "no words")
      }
    }
    if let deadline = session.deadline {
      precondition(now - deadline <= .minutes(10), "a deadline of long ago")
    }
    precondition(session.isConnected || session.deadline != nil, "nothing will ever happen again")
  }

  private mutating func publish(_ value: UInt8) {
    count += 1
    let id = Self.ids[Int(value) % 2]
    let field = FieldDescription(
      level: "power", key: FieldKey(.power), unit: FieldName.power.entry.unit, isNumber: true)
    let device = Device(id: id, medium: .electricity, protocolName: "p1")
    let number = numbers[id, default: 0] + 1
    numbers[id] = number
    var publication = Publication(
      device: device, fields: [PublishedField(field: field, payload: "\(value)")], reading: Array("\(count)".utf8),
      received: WallTime(milliseconds: now.milliseconds))
    publication.number = number
    kept[id, default: []].append(JournalEntry(meter: id, number: number, payload: Array("\(count)".utf8)))
    outbox.take(.publication(publication), at: now)
    guard outbox.meters?[id] != nil else { return }
    newest["meterbridge/\(id)/power"] = "\(value)"
  }

  private func cause(_ byte: UInt8) -> DisconnectCause {
    switch byte % 5 {
    case 0: .requested
    case 1: .reason(byte)
    case 2: .lost
    case 3: .silent
    default: .failed(failure(byte))
    }
  }

  private func failure(_ byte: UInt8) -> ConnectFailure {
    switch byte % 7 {
    case 0: .lookup("no such host")
    case 1: .system(Int32(byte))
    case 2: .tls(.other("certificate"))
    case 3: .noAnswer
    case 4: .unanswered
    case 5: .malformed
    default: .library(Int32(byte))
    }
  }

  // MARK: Messages

  private mutating func handOver() {
    guard session.isConnected else { return }
    var rounds = 0
    while let message = outbox.next(at: now) {
      rounds += 1
      precondition(rounds < 1000, "no end of messages")
      precondition(!message.topic.isEmpty && !message.topic.utf8.contains { [0, 0x23, 0x2B].contains($0) }, "no topic")
      open.append(message)
    }
    precondition(open.count <= window, "more in flight than the broker takes")
    precondition(Set(open.map(\.item)).count == open.count, "two of one kind are in flight")
    serveJournal()
    for note in outbox.takeNotes() { precondition(isShowable(note), "no words") }
    _ = outbox.takeRefused()
  }

  /// Carries out the orders to the journal.
  private mutating func serveJournal() {
    var orders: [JournalOrder] = []
    _ = outbox.placeOrders(at: now) { order in
      orders.append(order)
      return true
    }
    for order in orders {
      switch order {
      case .fetch(let meter, let after):
        let entries = kept[meter, default: []].filter { $0.number > after }.prefix(Limits.readingsAtHand)
        outbox.take(.fetched(meter: meter, after: after, Array(entries)), at: now)
      case .delivered(let readings):
        for reading in readings { kept[reading.meter]?.removeAll { reading.numbers.contains($0.number) } }
      case .keep, .connection, .ending: break
      }
    }
    precondition(
      outbox.backlog.readings <= kept.values.reduce(0) { $0 + $1.count }, "readings that the journal does not keep")
  }

  /// The broker acknowledges the first message in flight.
  private mutating func answer(_ count: Int) {
    for message in open.prefix(count) {
      let text = String(decoding: message.payload, as: UTF8.self)
      if message.retain { retained[message.topic] = message.payload.isEmpty ? nil : text }
      if message.topic.hasSuffix("/reading"), let number = Int(text) {
        let last = lastReading[message.topic] ?? 0
        precondition(number >= last, "a reading comes after a later one")
        lastReading[message.topic] = number
      }
      outbox.finish(message.item, refusal: nil, at: now)
    }
    open.removeFirst(min(count, open.count))
  }
}
