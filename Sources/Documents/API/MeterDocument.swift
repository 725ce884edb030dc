internal import Base
internal import Decoders
internal import Meters
internal import Publishing

extension JSONText {
  /// Writes a meter: the members of `…/reading` with the newest value of each field, and what the API adds to them.
  ///
  /// - Parameters:
  ///   - meter: the meter or sub-meter.
  ///   - now: for its age.
  ///   - withDay: whether the line of the last 24 hours belongs to it.
  mutating func meter(_ meter: StoredMeter, now: Instant, withDay: Bool) {
    let device = meter.device
    object { json in
      json.member("id", device.id)
      if let name = device.name { json.member("name", name) }
      if let parent = device.parent { json.member("parent", parent) }
      json.member("protocol", device.protocolName)
      json.member("availability", meter.isOnline ? "online" : "offline")
      if let trouble = meter.trouble { json.member("trouble", trouble) }
      json.duration("age", meter.receivedAt.map { now - $0 })
      json.duration("interval", meter.interval)
      json.member("number", meter.number)
      if let main = meter.headline { json.member("main", main.field.level) }
      json.object("meter") { json in
        json.member("id", device.serial)
        json.member("manufacturer", device.manufacturer)
        json.member("model", device.model)
        json.member("medium", device.medium.name)
      }
      json.member("time", meter.time?.description)
      json.member("received", meter.received?.description)
      json.fields(of: meter)
      if !meter.heldBack.isEmpty { json.heldBack(meter.heldBack) }
      if withDay, let day = meter.day { json.day(day, now: now) }
    }
  }

  /// The list as in `…/reading`, and the numbers alone by their names.
  private mutating func fields(of meter: StoredMeter) {
    let fields = meter.currentFields
    array("fields") { json in
      for field in fields {
        json.object { json in
          json.member("name", field.field.level)
          json.key("value")
          if field.field.isNumber { json.raw(field.payload) } else { json.value(field.payload) }
          if field.field.unit != .none { json.member("unit", field.field.unitSymbol) }
          if field.isHeld { json.member("held", true) }
        }
      }
    }
    object("values") { json in
      for field in fields where field.field.isNumber {
        json.key(field.field.level)
        json.raw(field.payload)
      }
    }
  }

  private mutating func heldBack(_ values: [StoredMeter.HeldValue]) {
    array("held_back") { json in
      for held in values {
        json.object { json in
          json.member("name", held.level)
          json.member("value", held.value)
          if let last = held.last { json.member("last", last) }
        }
      }
    }
  }

  private mutating func day(_ day: DayRing, now: Instant) {
    object("day") { json in
      json.member("name", day.field.level)
      if day.field.unit != .none { json.member("unit", day.field.unitSymbol) }
      json.member("seconds", DayRing.bucket.count / 1000)
      json.array("buckets") { json in
        for bucket in day.buckets(at: now) {
          guard let bucket else {
            json.null()
            continue
          }
          json.array { json in
            json.value(bucket.minimum)
            json.value(bucket.maximum)
          }
        }
      }
    }
  }

  /// In seconds; `null` while it is unknown.
  private mutating func duration(_ name: String, _ time: Milliseconds?) {
    guard let time else { return member(name, nil) }
    member(name, FixedDecimal(time.count, exponent: -3))
  }
}
