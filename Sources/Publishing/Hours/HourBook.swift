package import Base
internal import Decoders
package import Meters

/// Notes the last register of every counter in the current hour.
///
/// An hour without a telegram gets no row, and a value that the guard holds back is none.
package struct HourBook: Sendable {
  private var meters: [String: HourMeter] = [:]
  private var finished: [HourRow] = []
  /// The earliest hour that a meter has a row of which is not told; nil for none. So a look within the hour asks no meter.
  private var earliest: Int64?
  private var shared = SharedFields()

  package init() {}

  /// Takes the registers of a publication. What is younger than `margin` at the end of the hour may not be in Home Assistant.
  package mutating func take(_ publication: Publication, margin: Milliseconds = Limits.hourMargin) {
    guard publication.isFromTelegram else { return }
    let at = publication.received
    let end = (at.hour + 1) * WallTime.hourLength - margin.count
    let id = publication.device.id
    var meter = meters[id] ?? HourMeter()
    meters[id] = nil
    earliest = min(earliest ?? at.hour, at.hour)
    let isExchanged = meter.serial.map { old in publication.device.serial.map { $0 != old } ?? false } ?? false
    meter.serial = publication.device.serial ?? meter.serial
    let fields = meter.fields
    if fields.isEmpty { meter.reserve(publication.fields.count { $0.field.isTotal }) }
    var expected = 0
    for published in publication.fields where published.field.isTotal {
      // A number that no row can tell.
      guard let value = FixedDecimal(plain: published.payload) else { continue }
      let place = meter.place(of: published.field.level, expected: expected)
      expected = (place ?? meter.counters.count) + 1
      guard let place, meter.fields[place].unit == published.field.unit else {
        guard meter.counters.count < Limits.fieldsOfReading || place != nil else { continue }
        meter.put(published.field, HourCounter(value, at: at), at: place)
        continue
      }
      if meter.counters[place].at.hour != at.hour {
        if let row = meter.row(place, of: id) { finished.append(row) }
        meter.counters[place].begin(at)
      }
      meter.note(value, place, at: at, isEarly: at.milliseconds <= end, isExchanged: isExchanged)
    }
    if meter.fields != fields { meter.fields = shared(meter.fields) }
    for level in publication.held {
      if let place = meter.place(of: level, expected: 0) {
        meter.counters[place].isHeld = true
        meter.counters[place].isTold = false
      }
    }
    meters[id] = meter
  }

  /// The rows of hours that are over and not told yet.
  ///
  /// - Parameter now: the time; nil for all rows, also those of the current hour.
  /// - Returns: the rows, in no order.
  package mutating func close(at now: WallTime?) -> [HourRow] {
    var rows = finished
    finished = []
    guard let from = earliest, now.map({ from < $0.hour }) ?? true else { return rows }
    earliest = nil
    for (id, meter) in meters {
      for (place, counter) in meter.counters.enumerated() {
        let hour = counter.at.hour
        guard now.map({ hour < $0.hour }) ?? true else {
          if !counter.isTold { earliest = min(earliest ?? hour, hour) }
          continue
        }
        guard let row = meter.row(place, of: id) else { continue }
        rows.append(row)
        meters[id]?.counters[place].isTold = true
      }
    }
    return rows
  }

  /// Forgets meters that are not configured any more.
  package mutating func keep(only isKept: (String) -> Bool) { meters = meters.filter { isKept($0.key) } }
}

private struct HourMeter: Sendable {
  var serial: String?
  /// What each counter counts. Meters with the same registers share one list.
  var fields: [FieldDescription] = []
  var counters: [HourCounter] = []

  func place(of level: String, expected: Int) -> Int? {
    if expected < fields.count, fields[expected].level == level { return expected }
    return fields.firstIndex { $0.level == level }
  }

  /// Room for so many counters, and not for others: a meter mostly has all of them in its first reading.
  mutating func reserve(_ count: Int) { counters.reserveCapacity(count) }

  /// Replaces a counter, or adds one without a place.
  mutating func put(_ field: FieldDescription, _ counter: HourCounter, at place: Int?) {
    if let place {
      (fields[place], counters[place]) = (field, counter)
    } else {
      fields.append(field)
      counters.append(counter)
    }
  }

  mutating func note(_ value: FixedDecimal, _ place: Int, at: WallTime, isEarly: Bool, isExchanged: Bool) {
    counters[place].note(
      value, at: at, isEarly: isEarly, isExchanged: isExchanged, isIncreasing: fields[place].isIncreasing)
  }

  /// Nil if it is told already.
  func row(_ place: Int, of device: String) -> HourRow? {
    let (counter, field) = (counters[place], fields[place])
    guard !counter.isTold else { return nil }
    return HourRow(
      device: device, level: field.level, hour: counter.at.hour, value: counter.newest, unit: field.unit,
      at: counter.at, before: counter.before, rest: counter.rest, isHeld: counter.isHeld,
      isIncreasing: field.isIncreasing)
  }
}

/// A counter in its newest hour. A meter has a dozen, so the members have the order that takes the least room.
private struct HourCounter: Sendable {
  /// The newest value.
  var newest: FixedDecimal
  var isHeld = false
  /// Whether the hour is written already, and nothing has come since.
  var isTold = false
  private var hour: Int32 = 0
  var before: FixedDecimal
  private var millisecond: UInt32 = 0
  var rest: FixedDecimal?
  /// When the newest value came. Its hour is the counter's.
  var at: WallTime {
    get { WallTime(milliseconds: Int64(hour) * WallTime.hourLength + Int64(millisecond)) }
    set {
      hour = Int32(clamping: newValue.hour)
      millisecond = UInt32(clamping: newValue.milliseconds - newValue.hour * WallTime.hourLength)
    }
  }

  init(_ value: FixedDecimal, at: WallTime) {
    (newest, before) = (value, value)
    self.at = at
  }

  /// Another hour begins with this time.
  mutating func begin(_ at: WallTime) {
    self.at = at
    before = newest
    rest = nil
    isHeld = false
  }

  mutating func note(_ value: FixedDecimal, at: WallTime, isEarly: Bool, isExchanged: Bool, isIncreasing: Bool) {
    if value != newest, isExchanged || isIncreasing && value.isBelow(newest) {
      rest = newest
      before = value
    }
    newest = value
    self.at = at
    isHeld = false
    isTold = false
    if isEarly { before = value }
  }
}

extension FieldDescription {
  fileprivate var isIncreasing: Bool { key.name.entry.stateClass == .totalIncreasing }
}
