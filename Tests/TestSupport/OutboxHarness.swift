#if DEBUG
  package import Decoders

  @testable package import Base
  @testable package import Meters
  @testable package import MQTT
  @testable package import Publishing

  /// An outbox with a clock of its own, a journal that answers at once, and a broker that takes everything unless told
  /// otherwise.
  package struct OutboxHarness {
    package var outbox: Outbox
    package var now = Instant(milliseconds: 1_000_000)
    /// Everything that was handed over, in order.
    package var sent: [Outbox.Outgoing] = []
    /// What is handed over and not yet answered.
    package var open: [Outbox.Outgoing] = []
    package var journal: TestJournal
    /// Whether the broker has a subscriber for a message.
    package var isHeard: (Outbox.Outgoing) -> Bool = { _ in true }
    private var readings: [String: Int64] = [:]

    package static let nothing = RetainedState(baseTopic: "", discoveryPrefix: "", nodeID: "", devices: [])

    package init(
      retained: RetainedState = OutboxHarness.nothing, discovery: Bool = true,
      forms: DiscoveryForms = .device, root: String = "meterbridge",
      maximumPacketSize: Int? = nil, replayPace: Milliseconds = 0, replayAfter: Milliseconds = 0,
      journal: TestJournal = TestJournal(),
      seed: UInt64 = 1
    ) {
      self.journal = journal
      outbox = Outbox(
        Outbox.Settings(
          baseTopic: root, homeAssistant: HomeAssistantSettings(discovery: discovery ? forms : []), version: "0.1.0",
          started: WallTime(milliseconds: 0), maximumPacketSize: maximumPacketSize,
          replayPace: replayPace, replayAfter: replayAfter),
        retained: retained, seed: seed)
    }

    package mutating func connect(
      _ version: MQTTVersion = .five, _ change: (inout MosquittoClient.ConnAck) -> Void = { _ in }
    ) {
      var connAck = MosquittoClient.ConnAck()
      change(&connAck)
      outbox.connected(version, connAck, at: now)
    }

    package mutating func disconnect() {
      outbox.disconnected()
      open.removeAll()
    }

    /// Hands over what may go out, without an answer.
    package mutating func handOver() {
      repeat {
        while let message = outbox.next(at: now) {
          sent.append(message)
          open.append(message)
        }
      } while serveJournal()
    }

    /// Lets the journal and the outbox talk until they have nothing to say; true where they said anything.
    private mutating func serveJournal() -> Bool {
      var hasSpoken = false
      while true {
        var orders: [JournalOrder] = []
        _ = outbox.placeOrders(at: now) { order in
          orders.append(order)
          return true
        }
        for order in orders { journal.take(order, at: now) }
        let reports = journal.takeReports()
        for report in reports { outbox.take(.journal(report), at: now) }
        if orders.isEmpty, reports.isEmpty { return hasSpoken }
        hasSpoken = true
      }
    }

    /// Answers what is open.
    package mutating func answer(_ refusal: Refusal? = nil) {
      let answered = open
      open.removeAll()
      for message in answered {
        outbox.finish(message.item, refusal: refusal, isHeard: isHeard(message), at: now)
      }
    }

    /// Hands over and acknowledges until nothing is left; returns what went out.
    @discardableResult
    package mutating func drain(refusing refusal: (Outbox.Outgoing) -> Refusal? = { _ in nil }) -> [Outbox.Outgoing] {
      let before = sent.count
      handOver()
      while !open.isEmpty {
        let answered = open
        open.removeAll()
        for message in answered {
          outbox.finish(message.item, refusal: refusal(message), isHeard: isHeard(message), at: now)
        }
        handOver()
      }
      return Array(sent[before...])
    }

    /// Lets time go by, stopping wherever the outbox wants to be woken; returns what went out.
    @discardableResult
    package mutating func pass(_ time: Milliseconds) -> [Outbox.Outgoing] {
      let before = sent.count
      let end = now + time
      while let due = outbox.deadline(at: now), due <= end {
        now = max(now, due)
        outbox.tick(at: now)
        drain()
        if outbox.ending != nil { break }
      }
      now = end
      outbox.tick(at: now)
      drain()
      return Array(sent[before...])
    }

    package mutating func configure(_ ids: String..., isPolled: Bool = false) {
      outbox.take(.meters(ids.map { OutboxHarness.meter($0, isPolled: isPolled) }), at: now)
    }

    package static func meter(
      _ id: String, minimumInterval: Milliseconds = .seconds(10), policies: [FieldName: FieldPolicy] = [:],
      isPolled: Bool = false
    ) -> ConfiguredMeter {
      ConfiguredMeter(
        id: id, protocolName: "p1", source: "/dev/ttyUSB0", heartbeat: .minutes(5), minimumInterval: minimumInterval,
        policies: policies, isPolled: isPolled)
    }

    /// A reading of a meter: names of the vocabulary with their payloads.
    package mutating func publish(
      _ id: String, _ values: [(FieldName, String)], reading: String? = nil, parent: String? = nil
    ) {
      var publication = OutboxHarness.publication(id, values, reading: reading, parent: parent, at: now)
      if let payload = publication.reading {
        readings[id, default: 0] += 1
        publication.number = readings[id, default: 0]
        journal.take(.keep(JournalEntry(meter: id, number: publication.number, payload: payload)), at: now)
      }
      // As the pipeline does.
      outbox.take(.availability(device: id, online: true), at: now)
      outbox.take(.publication(publication), at: now)
    }

    package static func publication(
      _ id: String, _ values: [(FieldName, String)], reading: String? = nil, parent: String? = nil, at now: Instant
    ) -> Publication {
      Publication(
        device: device(id, parent: parent),
        fields: values.map { PublishedField(field: field($0.0), payload: $0.1) },
        reading: reading.map { Array($0.utf8) }, received: WallTime(milliseconds: now.milliseconds))
    }

    package static func device(_ id: String, parent: String? = nil) -> Device {
      Device(
        id: id, parent: parent, manufacturer: "KAM", model: "OMNIPOWER", serial: "1", medium: .electricity,
        protocolName: "p1")
    }

    package static func field(_ name: FieldName) -> FieldDescription {
      FieldDescription(
        level: name.entry.name.description, key: FieldKey(name), unit: name.entry.unit,
        isNumber: name.entry.unit != .none
      )
    }
  }

  extension Outbox.Outgoing {
    package var text: String { String(decoding: payload, as: UTF8.self) }
  }

  extension [Outbox.Outgoing] {
    package var topics: [String] { map(\.topic) }

    /// What went to topics that end like this, in order.
    package func to(_ ending: String) -> [String] { filter { $0.topic.hasSuffix("/" + ending) }.map(\.text) }

    /// Whether a discovery document was among them.
    package var discoveries: [String] { filter { $0.topic.hasSuffix("/config") }.map(\.topic) }
  }
#endif
