package import Base
internal import Decoders
internal import Publishing

/// `GET /api/events` for one client: what has changed since it was told last, the newest state only.
///
/// A slow client misses states in between, and never makes a queue. Events (HTML standard, section 9.2.6) have JSON as
/// data: `meters`, the list of ids; `reading`, a meter as in `/api/meters` without its day; `availability`; `health`; and
/// `dead_letter`, each one as on `bridge/dead_letter`.
package struct EventStream: Sendable {
  /// The store's change that the client has seen.
  private var seen: Int64 = -1
  /// The number of dead letters before which it knows all; nil before the first event. Older ones are at
  /// `/api/dead-letters`.
  private var letters: Int64?

  package init() {}

  /// What is new, as whole events; nothing if nothing is. The first call tells the state of all meters.
  package mutating func next(_ store: MeterStore, now: Instant) -> [UInt8] {
    guard store.change != seen else { return [] }
    defer { seen = store.change }
    var events = EventText()
    if store.listChange > seen { events.list(store) }
    for place in store.changed(since: seen) {
      let meter = store.meters[place]
      if meter.availabilityChange > seen { events.availability(of: meter) }
      if meter.valuesChange > seen { events.add("reading") { $0.meter(meter, now: now, withDay: false) } }
    }
    if store.bridge.health != nil, store.bridge.healthChange > seen { events.add("health", store.healthDocument()) }
    let taken = store.bridge.lettersTaken
    for letter in store.bridge.letters.suffix(Int(clamping: taken - (letters ?? taken))) {
      events.add("dead_letter", letter.event)
    }
    letters = taken
    return events.bytes
  }
}

/// Writes events.
private struct EventText {
  private(set) var bytes: [UInt8] = []

  /// JSON in one line.
  mutating func add(_ name: String, _ data: [UInt8]) {
    bytes += Array("event: \(name)\ndata: ".utf8)
    bytes += data
    bytes += [0x0A, 0x0A]
  }

  mutating func add(_ name: String, _ content: (inout JSONText) -> Void) {
    var json = JSONText()
    content(&json)
    add(name, json.bytes)
  }

  mutating func list(_ store: MeterStore) {
    add("meters") { json in
      json.object { $0.array("meters") { json in for meter in store.meters { json.value(meter.id) } } }
    }
  }

  mutating func availability(of meter: StoredMeter) {
    add("availability") { json in
      json.object { json in
        json.member("id", meter.id)
        json.member("availability", meter.isOnline ? "online" : "offline")
      }
    }
  }
}
