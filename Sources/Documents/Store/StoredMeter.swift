package import Base
package import Decoders
package import Meters

/// A meter or sub-meter as all documents see it.
package struct StoredMeter: Sendable {
  /// A value that the guard does not believe yet.
  package struct HeldValue: Hashable, Sendable {
    /// The last level of its topic.
    package var level: String
    package var value: String
    /// The last value that was believed.
    package var last: String?
  }

  package var device: Device
  package var isOnline = false
  /// The newest value of each field, in the order of the telegram.
  package var fields: [StoredField] = []
  /// When its last telegram came in.
  package var received: WallTime?
  /// The same on the clock that never jumps, for ages.
  package var receivedAt: Instant?
  /// The number of its readings in this run.
  package var number: Int64 = 0
  /// The meter's own time of that reading, if it has one.
  package var time: MeterTime?
  /// The time from one telegram to the next, learnt or configured; nil while unknown. Sub-meters have that of their meter.
  package var interval: Milliseconds?
  /// Of the configured meter; sub-meters have those of their meter.
  package var counters = MeterPipeline.Counters()
  /// Of the configured meter; a sub-meter's values come in the telegrams of its meter.
  package var lastTelegram: StoredTelegram?
  /// Minimum and maximum of the main value over the last 24 hours; nil before the first one.
  package var day: DayRing?
  /// Values that wait for `accept`, or for the telegrams that confirm them.
  package var heldBack: [HeldValue] = []
  /// The number of the store's last change that concerned its values, and the last one of its availability.
  package internal(set) var valuesChange: Int64 = 0
  package internal(set) var availabilityChange: Int64 = 0

  package init(_ device: Device) { self.device = device }

  package var id: String { device.id }

  /// The value of a field by its topic level, `energy_import`; nil if the meter never sent it.
  package subscript(level: String) -> StoredField? { fields.first { $0.field.level == level } }

  /// The main value: its power, or its flow, else the register. Nil before the first one.
  package var headline: StoredField? { day.flatMap { self[$0.field.level] } }

  /// The code of what is wrong with it: the trouble of a meter on the air, or why its last telegram was not read.
  package var trouble: String? {
    counters.trouble ?? (isOnline ? nil : lastTelegram?.trouble?.code) ?? (counters.isWeak ? "weak_signal" : nil)
  }

  /// Whether the value of a field is true now. A register stays; all others go with the meter, or with their value.
  package func isCurrent(_ field: StoredField) -> Bool { field.field.isTotal || (isOnline && !field.isHeld) }

  /// The fields whose values are true now.
  package var currentFields: [StoredField] { fields.filter(isCurrent) }
}

extension StoredMeter {
  /// Takes the values of a publication. Fields keep the order in which telegrams have them.
  mutating func take(_ publication: Publication, now: Instant) {
    if let serial = device.serial, let other = publication.device.serial, serial != other { forgetValues() }
    device = publication.device
    if publication.isFromTelegram { (received, receivedAt) = (publication.received, now) }
    if publication.number > 0 { (number, time) = (publication.number, publication.time) }
    var expected = 0
    for published in publication.fields {
      guard let place = keep(published, expected: expected, received: publication.received) else { continue }
      expected = place + 1
      follow(published, now: now)
    }
    for level in publication.held {
      if let index = fields.firstIndex(where: { $0.field.level == level }) { fields[index].isHeld = true }
    }
    if !heldBack.isEmpty {
      heldBack.removeAll { held in publication.fields.contains { $0.field.level == held.level } }
    }
  }

  /// Notes a value that the guard holds back.
  mutating func hold(_ subject: DeadLetter.Subject) {
    guard let level = subject.field, let value = subject.value else { return }
    heldBack.removeAll { $0.level == level }
    guard heldBack.count < Limits.fieldsOfReading else { return }
    heldBack.append(HeldValue(level: level, value: value, last: subject.last))
  }

  /// Another meter has the id now.
  private mutating func forgetValues() {
    fields = []
    heldBack = []
    day = nil
  }

  /// Returns the place of the field; nil for one too many.
  private mutating func keep(_ published: PublishedField, expected: Int, received: WallTime) -> Int? {
    let level = published.field.level
    let isExpected = expected < fields.count && fields[expected].field.level == level
    if let place = isExpected ? expected : fields.firstIndex(where: { $0.field.level == level }) {
      fields[place].field = published.field
      fields[place].payload = published.payload
      fields[place].received = received
      fields[place].isHeld = false
      return place
    }
    guard fields.count < Limits.fieldsOfReading else { return nil }
    let place = min(expected, fields.count)
    fields.insert(StoredField(field: published.field, payload: published.payload, received: received), at: place)
    return place
  }

  /// Keeps the ring of the main value. A better one, or another unit, begins a new ring.
  private mutating func follow(_ published: PublishedField, now: Instant) {
    guard let rank = published.field.headlineRank, let value = FixedDecimal(plain: published.payload) else { return }
    let isSame = day.map { $0.field.level == published.field.level && $0.field.unit == published.field.unit } ?? false
    if !isSame {
      if let former = day?.field, former.level != published.field.level, former.headlineRank ?? .max < rank { return }
      day = DayRing(published.field)
    }
    day?.note(value, at: now)
  }
}
