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
    var expected = 0
    for published in publication.fields where published.field.isTotal {
      let place = meter.place(of: published.field.level, expected: expected)
      expected = (place ?? meter.counters.count) + 1
      guard let place, meter.counters[place].field.unit == published.field.unit else {
        guard meter.counters.count < Limits.fieldsOfReading || place != nil else { continue }
        let counter = HourCounter(
          field: published.field, hour: at.hour, newest: published.payload, at: at, before: published.payload)
        if let place { meter.counters[place] = counter } else { meter.counters.append(counter) }
        continue
      }
      if meter.counters[place].hour != at.hour {
        if let row = meter.counters[place].row(of: id) { finished.append(row) }
        meter.counters[place].begin(at.hour)
      }
      meter.counters[place].note(published.payload, at: at, isEarly: at.milliseconds <= end, isExchanged: isExchanged)
    }
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
        guard now.map({ counter.hour < $0.hour }) ?? true else {
          if !counter.isTold { earliest = min(earliest ?? counter.hour, counter.hour) }
          continue
        }
        guard let row = counter.row(of: id) else { continue }
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
  var counters: [HourCounter] = []

  func place(of level: String, expected: Int) -> Int? {
    if expected < counters.count, counters[expected].field.level == level { return expected }
    return counters.firstIndex { $0.field.level == level }
  }
}

/// A counter in its newest hour.
private struct HourCounter: Sendable {
  var field: FieldDescription
  var hour: Int64
  /// The payload, and when it came.
  var newest: String
  var at: WallTime
  var before: String
  var rest: String?
  var isHeld = false
  /// Whether the hour is written already, and nothing has come since.
  var isTold = false

  mutating func begin(_ hour: Int64) {
    self.hour = hour
    before = newest
    rest = nil
    isHeld = false
  }

  mutating func note(_ payload: String, at: WallTime, isEarly: Bool, isExchanged: Bool) {
    if payload != newest {
      let isFall = isIncreasing && isBelow(payload, newest)
      if isExchanged || isFall {
        rest = newest
        before = payload
      }
    }
    newest = payload
    self.at = at
    isHeld = false
    isTold = false
    if isEarly { before = payload }
  }

  private func isBelow(_ one: String, _ other: String) -> Bool {
    guard let one = FixedDecimal(plain: one), let other = FixedDecimal(plain: other) else { return false }
    return one.isBelow(other)
  }

  private var isIncreasing: Bool { field.key.name.entry.stateClass == .totalIncreasing }

  /// Nil if it is told already.
  func row(of device: String) -> HourRow? {
    guard !isTold, let value = FixedDecimal(plain: newest), let before = FixedDecimal(plain: before) else { return nil }
    return HourRow(
      device: device, level: field.level, hour: hour, value: value, unit: field.unit, at: at, before: before,
      rest: rest.flatMap { FixedDecimal(plain: $0) }, isHeld: isHeld, isIncreasing: isIncreasing)
  }
}
