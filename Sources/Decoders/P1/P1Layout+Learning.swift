extension P1Layout {
  /// The most bytes of a telegram that is remembered.
  private static let limit = 2048

  /// Learns a telegram from what has just been made of it, without an issue; nil for one that cannot be remembered.
  ///
  /// - Parameters:
  ///   - telegram: the lines up to the `!`.
  ///   - meter: its first line.
  ///   - utcOffset: as the decoder has it.
  ///   - readings: the meter's first.
  convenience init?(_ telegram: Span<UInt8>, of meter: P1Identification, utcOffset: Int16?, _ readings: [Reading]) {
    guard telegram.count <= Self.limit else { return nil }
    let clock = P1Clock(meter, utcOffset: utcOffset)
    var lines = P1Lines(telegram, clock: clock, isWhole: true)
    lines.readAll(telegram)
    // Whether such a code is of another meter depends on values.
    guard lines.issues.isEmpty, lines.records.allSatisfy({ $0.obis.a < 2 }) else { return nil }
    let finder = P1SlotFinder(bytes: telegram, groups: lines.groups)
    guard let main = finder.main(readings[0], lines.records, isLithuanian: meter.isLithuanian) else { return nil }
    var parts = [main]
    // In the order of their channels, as their readings are.
    for channel in Set(lines.records.filter { finder.mayBeLinked($0) }.map(\.obis.b)).sorted() {
      guard parts.count < readings.count,
        let part = finder.subMeter(readings[parts.count], lines.records.filter { $0.obis.isOfChannel(channel) })
      else { return nil }
      parts.append(part)
    }
    // One more has a value without a unit.
    guard parts.count == readings.count else { return nil }
    self.init(telegram, clock, utcOffset: utcOffset, parts)
  }
}

/// Finds the values in a telegram that may change without another consequence.
private struct P1SlotFinder: ~Escapable {
  let bytes: Span<UInt8>
  let groups: [P1Group]

  @_lifetime(copy bytes)
  init(bytes: Span<UInt8>, groups: [P1Group]) {
    self.bytes = bytes
    self.groups = groups
  }

  // MARK: The meter itself

  /// Nil for a meter whose time has another notation.
  func main(_ reading: Reading, _ records: [P1Record], isLithuanian: Bool) -> P1Layout.Part? {
    let records = records.filter { $0.obis.a != 0 || $0.obis.b == 0 }
    var part = P1Layout.Part(reading: reading)
    for record in records {
      if record.obis.isList {
        let start = Int(groups[Int(record.firstGroup)].text.start) - 1
        guard let end = P1PlainLine.end(bytes, from: start) else { continue }
        part.slots.append(P1Slot(place: ByteRange(from: start, to: end), use: .list))
      } else {
        part.slots += value(record, ObisMeaning.of(record.obis, isLithuanian: isLithuanian), reading)
      }
    }
    if reading.time != nil {
      let clocks = records.filter { $0.obis.a == 0 && $0.obis.cde == 0x01_00_00 }
      guard clocks.count == 1, let slot = time(groups[Int(clocks[0].firstGroup)], isOfReading: true) else { return nil }
      part.slots.append(slot)
    }
    part.slots += number(reading, records.filter { P1Readings.serialRank($0.obis) > 0 })
    return part
  }

  /// The slots of a usual value, and of the time before it; none where the value may decide about more than its field.
  private func value(_ record: P1Record, _ meaning: ObisMeaning, _ reading: Reading) -> [P1Slot] {
    let group = groups[record.groups.upperBound - 1]
    let shift: Int8
    let key: FieldKey
    switch meaning {
    case .quantity(let quantity, let unit):
      guard let power = Self.shift(group, to: unit) else { return [] }
      (key, shift) = (quantity, power)
    case .plain(let name):
      // More digits may be a time.
      guard record.groupCount == 1, group.unit.isEmpty, group.text.count < 10 else { return [] }
      (key, shift) = (name, 0)
    default: return []
    }
    let fields = reading.fields.indices.filter { reading.fields[$0].key.isEqual(to: key) }
    guard fields.count == 1, let slot = number(group, reading, field: fields[0], shift) else { return [] }
    if record.groupCount == 1 { return [slot] }
    // A maximum and its time. Without the time it is not one yet.
    guard record.groupCount == 2, let time = time(groups[Int(record.firstGroup)], isOfReading: false) else { return [] }
    return [time, slot]
  }

  /// What the unit of a value moves the point by; nil for units that take a longer way.
  private static func shift(_ group: P1Group, to unit: Unit) -> Int8? {
    if group.unit.isEmpty || group.usualUnit == .none { return nil }
    if group.usualUnit == unit { return 0 }
    return group.usualUnit == .kilowatt && unit == .watt ? 3 : nil
  }

  // MARK: Meters behind it

  /// Whether a record is the last value of a meter of another one's channel.
  func mayBeLinked(_ record: P1Record) -> Bool {
    record.obis.a == 0 && record.obis.b > 0 && record.obis.isLastValue
      && record.groups.contains { !groups[$0].unit.isEmpty }
  }

  /// Nil unless its value is `(time)(value*unit)`, in the unit that it is published in.
  func subMeter(_ reading: Reading, _ records: [P1Record]) -> P1Layout.Part? {
    let values = records.filter(\.obis.isLastValue)
    guard values.count == 1, values[0].obis.d == 2, values[0].groupCount == 2, let field = reading.fields.first else {
      return nil
    }
    let group = groups[values[0].groups.upperBound - 1]
    guard Self.shift(group, to: field.unit) == 0, let value = number(group, reading, field: 0, 0),
      let time = time(groups[Int(values[0].firstGroup)], isOfReading: true)
    else { return nil }
    let identifications = records.filter { $0.obis.cde == 0x60_01_00 || $0.obis.cde == 0x60_01_01 }
    return P1Layout.Part(reading: reading, slots: [time, value] + number(reading, identifications))
  }

  // MARK: Slots

  /// A number that is the value of a field.
  private func number(_ group: P1Group, _ reading: Reading, field: Int, _ shift: Int8) -> P1Slot? {
    guard case .number(let number) = group.content, reading.fields[field].value == .number(number.scaled(by: shift)),
      let digits = P1Digits(bytes, at: Int(group.text.start), takesComma: false), digits.number == number,
      digits.count == Int(group.text.count)
    else { return nil }
    return P1Slot(
      place: group.text,
      use: .number(field: UInt16(truncatingIfNeeded: field), exponent: number.exponent, shift: shift))
  }

  /// A time stamp with its letter, of a clock that was set.
  private func time(_ group: P1Group, isOfReading: Bool) -> P1Slot? {
    guard let time = group.time, time.isOfSetClock, group.text.count == 13 else { return nil }
    return P1Slot(place: group.text, use: .time(isOfReading: isOfReading))
  }

  /// The meter's number, if it has one alone and sends it in hexadecimal.
  private func number(_ reading: Reading, _ records: [P1Record]) -> [P1Slot] {
    let places = records.map { groups[Int($0.firstGroup)].text }.filter { !$0.isEmpty }
    guard places.count == 1, case .text(let range) = reading.meter.number else { return [] }
    var text = reading.text
    guard P1Text.replace(range, in: &text, by: bytes.extracting(places[0].indices)), text == reading.text else {
      return []
    }
    return [P1Slot(place: places[0], use: .text(range))]
  }
}

extension FieldKey {
  /// Whether both are the same but for the number of a duplicate.
  fileprivate func isEqual(to other: FieldKey) -> Bool {
    var key = self
    key.ordinal = other.ordinal
    return key == other
  }
}
