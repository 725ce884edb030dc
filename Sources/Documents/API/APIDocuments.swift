package import Base
internal import Decoders
internal import Meters
internal import Publishing

/// The documents of the JSON API. Numbers have the register's own digits; what is not known is left out.
extension MeterStore {
  /// `GET /api/meters/<id>`; nil for an unknown meter.
  package func meterDocument(_ id: String, now: Instant) -> [UInt8]? {
    self[id].map { meter in
      var json = JSONText()
      json.meter(meter, now: now, withDay: true)
      return json.bytes
    }
  }

  /// The value of `ETag` of that document: another one for each reading, and when the meter comes or goes. Its age counts
  /// on, so the tag is weak.
  package func meterTag(_ id: String) -> String? {
    self[id].map { "W/\"\(bridge.started.milliseconds)-\($0.number)-\($0.valuesChange)\"" }
  }

  /// `GET /api/health`: the document of `bridge/health` at this moment, and what the program is.
  package func healthDocument() -> [UInt8] {
    var json = JSONText()
    json.object { json in
      json.member("version", Version.text)
      json.member("started", bridge.started.description)
      json.member("broker_name", bridge.broker.link?.broker ?? bridge.brokerName)
      json.member("base_topic", bridge.baseTopic)
    }
    guard let health = bridge.health else { return json.bytes }
    return json.bytes.dropLast() + [UInt8(ascii: ",")] + health.document.dropFirst()
  }

  /// `GET /api/dead-letters`: the newest lines of the log of dead letters, the newest last.
  package func lettersDocument() -> [UInt8] {
    var bytes = Array("{\"count\":\(bridge.health?.deadLetters ?? bridge.letters.count),\"dead_letters\":[".utf8)
    for (index, letter) in bridge.letters.enumerated() {
      if index > 0 { bytes.append(UInt8(ascii: ",")) }
      bytes += letter.line
    }
    return bytes + Array("]}".utf8)
  }

  /// `GET /api/meters/<id>/telegram`: the last telegram, also of the meter behind which a sub-meter stands. Nil before
  /// the first one.
  package func telegramDocument(_ id: String) -> [UInt8]? {
    guard let meter = self[id] else { return nil }
    let sender = meter.device.parent.flatMap { self[$0] } ?? meter
    guard let telegram = sender.lastTelegram else { return nil }
    var json = JSONText()
    json.telegram(telegram, of: sender)
    return json.bytes
  }
}

/// `GET /api/meters`, made a meter at a time: with the lines of the day, those of 256 meters are a megabyte.
package struct MeterList: Sendable {
  private let meters: [StoredMeter]
  private let now: Instant
  private var next = 0

  package init(_ store: MeterStore, now: Instant) {
    meters = store.meters
    self.now = now
  }

  /// The next piece; nil after the last one.
  package mutating func piece() -> [UInt8]? {
    guard next <= meters.count else { return nil }
    defer { next += 1 }
    guard next < meters.count else { return Array((next == 0 ? "{\"meters\":[" : "").utf8) + Array("]}".utf8) }
    var json = JSONText()
    json.meter(meters[next], now: now, withDay: true)
    return Array((next == 0 ? "{\"meters\":[" : ",").utf8) + json.bytes
  }

  /// All pieces.
  package consuming func whole() -> [UInt8] {
    var bytes: [UInt8] = []
    while let piece = piece() { bytes += piece }
    return bytes
  }
}
