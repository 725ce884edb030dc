package import Base
package import Meters

/// The document of `bridge/health`.
package struct Health {
  package var time: WallTime
  package var uptime: Milliseconds
  package var meters: [(id: String, counters: MeterPipeline.Counters)]
  /// Each M-Bus by its source.
  package var buses: [(source: String, statistics: MBusStatistics)]
  package var broker: BrokerStatus
  package var journal: JournalStatus
  package var deadLetters: Int
  /// The number of those that were not written, because there were too many of their kind.
  package var deadLettersSkipped: Int
  /// The number of dead letters that could not be saved.
  package var deadLettersLost: Int
  /// The number of messages dropped because a mailbox was full.
  package var messagesDropped: Int
  /// The time since the last step of each thread.
  package var threads: [(name: String, age: Milliseconds)]
  /// The repair of Home Assistant's hours; nil without it.
  package var repair: RepairHealth?

  package init(
    time: WallTime, uptime: Milliseconds, meters: [(id: String, counters: MeterPipeline.Counters)],
    buses: [(source: String, statistics: MBusStatistics)] = [],
    broker: BrokerStatus, journal: JournalStatus, deadLetters: Int, deadLettersSkipped: Int, deadLettersLost: Int,
    messagesDropped: Int, threads: [(name: String, age: Milliseconds)]
  ) {
    self.time = time
    self.uptime = uptime
    self.meters = meters
    self.buses = buses
    self.broker = broker
    self.journal = journal
    self.deadLetters = deadLetters
    self.deadLettersSkipped = deadLettersSkipped
    self.deadLettersLost = deadLettersLost
    self.messagesDropped = messagesDropped
    self.threads = threads
  }

  package var document: [UInt8] {
    var json = JSONText()
    json.object { json in
      json.member("time", time.description)
      json.member("uptime", uptime.count / 1000)
      json.object("meters") { json in
        for meter in meters { json.object(meter.id) { $0.counters(meter.counters) } }
      }
      if !buses.isEmpty {
        json.object("buses") { json in
          for bus in buses { json.object(bus.source) { $0.bus(bus.statistics) } }
        }
      }
      json.object("broker") { $0.link(broker) }
      json.member("outbox", broker.backlog.messages)
      json.object("journal") { json in
        json.member("readings", journal.readings)
        json.member("bytes", journal.bytes)
        json.member("dropped", journal.dropped)
      }
      json.member("reconnects", max(0, broker.connections - 1))
      json.member("dead_letters", deadLetters)
      json.member("dead_letters_skipped", deadLettersSkipped)
      json.member("dead_letters_lost", deadLettersLost)
      json.member("messages_dropped", messagesDropped)
      json.member("fields_dropped", broker.fieldsDropped)
      if let repair {
        json.object("repair") { json in
          json.member("mode", repair.mode.rawValue)
          json.member("outages", repair.outages)
          json.member("hours", repair.hours)
          json.member("corrections", repair.corrections)
          if let trouble = repair.trouble { json.member("trouble", trouble) }
        }
      }
      json.object("threads") { json in
        for thread in threads { json.member(thread.name, thread.age.count / 1000) }
      }
    }
    return json.bytes
  }
}

/// The repair of Home Assistant's hours.
package struct RepairHealth: Sendable {
  package var mode: HomeAssistantSettings.Repair
  /// Outages whose hours wait for their repair.
  package var outages: Int
  /// Hours that were put back, and sums that were corrected, since the start.
  package var hours: Int
  package var corrections: Int
  /// Why the last try failed.
  package var trouble: String?

  package init(
    mode: HomeAssistantSettings.Repair, outages: Int, hours: Int, corrections: Int, trouble: String?
  ) {
    self.mode = mode
    self.outages = outages
    self.hours = hours
    self.corrections = corrections
    self.trouble = trouble
  }
}

extension JSONText {
  fileprivate mutating func link(_ broker: BrokerStatus) {
    member("connected", broker.isConnected)
    if let link = broker.link {
      member("host", link.broker)
      member("mqtt", link.version)
      member("retains", link.retains)
      if let size = link.maximumPacketSize { member("max_packet_size", size) }
      member("window", link.window)
    }
    member("refused", broker.refused)
  }

  fileprivate mutating func bus(_ bus: MBusStatistics) {
    member("condition", bus.condition.rawValue)
    member("meters", bus.meters)
    member("missing", bus.missing)
    member("requests", bus.requests)
    member("answers", bus.answers)
    member("retries", bus.retries)
    member("doubled", bus.doubled)
    member("line_errors", bus.lineErrors)
    if let round = bus.round { member("round_ms", round.count) }
  }

  fileprivate mutating func counters(_ counters: MeterPipeline.Counters) {
    member("telegrams", counters.telegrams)
    object("errors") { json in
      for (code, count) in counters.errors.sorted(by: { $0.key < $1.key }) { json.member(code, count) }
    }
    if counters.doubled > 0 { member("doubled", counters.doubled) }
    member("last", counters.last?.description)
    member("receiving", counters.isReceiving)
    if let trouble = counters.trouble ?? (counters.isWeak ? "weak_signal" : nil) { member("trouble", trouble) }
  }
}
