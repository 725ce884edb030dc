/// The document of `bridge/health`.
struct Health {
  var time: WallTime
  var uptime: Milliseconds
  var meters: [(id: String, counters: MeterPipeline.Counters)]
  var broker: BrokerStatus
  var journal: JournalStatus
  var deadLetters: Int
  /// Dead letters that could not be kept.
  var deadLettersLost: Int
  /// Messages that no thread could take in time.
  var messagesDropped: Int
  /// Time since the last step of each thread.
  var threads: [(name: String, age: Milliseconds)]

  var document: [UInt8] {
    var json = JSONText()
    json.object { json in
      json.member("time", time.description)
      json.member("uptime", uptime.count / 1000)
      json.object("meters") { json in
        for meter in meters { json.object(meter.id) { $0.counters(meter.counters) } }
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
      json.member("dead_letters_lost", deadLettersLost)
      json.member("messages_dropped", messagesDropped)
      json.object("threads") { json in
        for thread in threads { json.member(thread.name, thread.age.count / 1000) }
      }
    }
    return json.bytes
  }
}

extension JSONText {
  fileprivate mutating func link(_ broker: BrokerStatus) {
    member("connected", broker.isConnected)
    if let link = broker.link {
      member("mqtt", link.version)
      member("retains", link.retains)
      if let size = link.maximumPacketSize { member("max_packet_size", size) }
      member("window", link.window)
    }
    member("refused", broker.refused)
  }

  fileprivate mutating func counters(_ counters: MeterPipeline.Counters) {
    member("telegrams", counters.telegrams)
    object("errors") { json in
      for (code, count) in counters.errors.sorted(by: { $0.key < $1.key }) { json.member(code, count) }
    }
    member("last", counters.last?.description)
    member("receiving", counters.isReceiving)
    if let trouble = counters.trouble ?? (counters.isWeak ? "weak_signal" : nil) { member("trouble", trouble) }
  }
}
