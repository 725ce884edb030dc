/// Turns the records of one telegram into readings.
struct P1Readings: ~Escapable {
  /// The telegram with the `!` at its end.
  let bytes: Span<UInt8>
  var lines: P1Lines

  @_lifetime(copy bytes)
  init(_ bytes: Span<UInt8>, _ lines: P1Lines) {
    self.bytes = bytes
    self.lines = lines
  }

  /// The meter's reading first, then those of its sub-meters in the order of channels.
  mutating func all(of meter: P1Identification, issues: inout [DecodeError]) -> [Reading] {
    var main = ReadingFields(Reading(meter: MeterIdentity(manufacturer: meter.manufacturer, medium: .electricity)))
    main.reading.fields.reserveCapacity(bytes.count / 32)
    main.reading.text.reserveCapacity(128)
    var serial = (rank: UInt8(0), text: ByteRange())
    var channels = P1Channels()
    var media: [UInt16]?
    var index = 0
    while let record = nextRecord(&index, addingTo: &main) {
      let obis = record.obis
      if obis.a > 1, isOfOtherMedium(obis, from: index - 1, &media) { continue }
      guard obis.a != 0 || obis.b == 0 else {
        // 96.3.10 of a channel is a relay of the meter itself, not a part of the meter behind it.
        if obis.cde == 0x60_03_0A { addCode(record, to: &main, issues: &issues) }
        channels.insert(obis.b, at: index - 1)
        continue
      }
      if obis.d < 2 {
        let rank = Self.serialRank(obis)
        if rank > serial.rank, !group(record).text.isEmpty { serial = (rank, group(record).text) }
        if obis.a == 0, obis.cde == 0x01_00_00 {
          // A clock that stands at 2000-01-01 is shown as it is; the pipeline does not take it for a time.
          let clock = group(record)
          main.reading.time = time(clock, issues: &issues) ?? clock.time.flatMap { $0.year < 2000 ? nil : $0 }
        }
      }
      add(record, ObisMeaning.of(obis, isLithuanian: meter.isLithuanian), to: &main, issues: &issues)
    }
    if !meter.model.isEmpty {
      main.reading.meter.model = .text(P1Text.appendPlain(text(meter.model), to: &main.reading.text))
    }
    if serial.rank > 0 {
      main.reading.meter.number = .text(main.keep(text(serial.text)))
      main.reading.meter.numberRank = serial.rank
    }
    // The meter's own comes first, and is complete last.
    var readings: [Reading] = []
    readings.reserveCapacity(channels.count + (media?.count ?? 0) + 1)
    readings.append(Reading(meter: main.reading.meter))
    while let channel = channels.popFirst() {
      if let reading = subMeter(channel, in: channels.lines, issues: &issues) {
        readings.append(reading)
      } else {
        addUnlinked(channel, to: &main, issues: &issues)
      }
    }
    for medium in media ?? [] {
      readings.append(subMeter(of: UInt8(medium >> 8), UInt8(truncatingIfNeeded: medium), issues: &issues))
    }
    if let clock = main.reading.time {
      for index in readings.indices { readings[index].time?.takeOffset(of: clock) }
    }
    swap(&readings[0], &main.reading)
    return readings
  }

  /// The record at the index, which goes on to the next one; nil at the end. Fields that need no record are added on the way.
  @inline(__always)
  private mutating func nextRecord(_ index: inout Int, addingTo fields: inout ReadingFields) -> P1Record? {
    if index == lines.records.count {
      while let field = lines.nextField(bytes) { fields.add(field) }
      guard lines.next(bytes) else { return nil }
    }
    index &+= 1
    return lines.records[index &- 1]
  }

  /// The identification of the highest rank is the meter's serial number. 0 for other records. D of all is 0 or 1.
  static func serialRank(_ obis: Obis) -> UInt8 {
    guard obis.a < 2 else { return 0 }
    return switch obis.cde {
    case 0x60_01_00: 5  // 96.1.0, the manufacturing number: Hungary, Poland
    case 0x60_01_01: 4  // 96.1.1, alone in the Netherlands, Belgium and Lithuania; in Poland the type
    case 0x60_01_FF: 3  // 96.1.255: EasyMeter
    case 0x2A_00_00: 2  // 42.0.0: Luxembourg
    case 0: 1  // 0.0.0
    default: 0
    }
  }

  // MARK: Groups

  @inline(__always)
  func group(_ record: P1Record) -> P1Group { lines.groups[Int(record.firstGroup)] }

  @inline(__always) @_lifetime(copy self)
  func text(_ range: ByteRange) -> Span<UInt8> { bytes.extracting(range.indices) }

  /// The time in a group; nil if the clock was never set, which is not a mistake.
  func time(_ group: P1Group, issues: inout [DecodeError]) -> MeterTime? {
    if let time = group.time { return time.isOfSetClock ? time : nil }
    if !group.text.isEmpty, !P1Notation.isTime(text(group.text)) {
      issues.append(DecodeError(.badTime, at: Int(group.text.start)))
    }
    return nil
  }

  /// The value of a group in a unit of the same kind, or why there is none; nil where the group is an issue.
  @inline(__always)
  func value(_ group: P1Group, in unit: Unit, issues: inout [DecodeError]) -> Field.Value? {
    guard case .number(let number) = group.content else { return absence(group, issues: &issues) }
    if group.usualUnit == unit { return .number(number) }
    if group.usualUnit == .kilowatt, unit == .watt { return .number(number.scaled(by: 3)) }
    return rareValue(group, number, in: unit, issues: &issues)
  }

  @inline(never)
  private func rareValue(
    _ group: P1Group, _ number: FixedDecimal, in unit: Unit, issues: inout [DecodeError]
  ) -> Field.Value? {
    if group.usualUnit != .none, let value = number.converted(from: group.usualUnit, to: unit) { return .number(value) }
    let wire = WrittenUnit(text(group.unit)) ?? (group.unit.isEmpty ? Self.implied(number, unit) : nil)
    if let wire, let value = wire.base(number).converted(from: wire.unit, to: unit) { return .number(value) }
    if wire?.unit.dimension == unit.dimension { return .absent(.outOfRange) }
    issues.append(DecodeError(.badUnit, at: Int(group.unit.start)))
    return nil
  }

  /// The unit that the standards give a register, for a value that came without one: kilo units with decimals for powers
  /// and energies. A whole number may count the smaller unit, so nothing is implied.
  private static func implied(_ number: FixedDecimal, _ unit: Unit) -> WrittenUnit? {
    switch unit {
    case .volt, .ampere, .hertz, .degree: WrittenUnit(unit)
    case .watt where number.exponent < 0: WrittenUnit(.kilowatt)
    case .reactiveVar where number.exponent < 0: WrittenUnit(.kilovar)
    case .voltAmpere where number.exponent < 0: WrittenUnit(.kilovoltAmpere)
    case .kilowattHour where number.exponent < 0, .kilovarHour where number.exponent < 0,
      .kilovoltAmpereHour where number.exponent < 0:
      WrittenUnit(unit)
    default: nil
    }
  }

  /// Why a group that should be a number has no value; nil where it is an issue.
  func absence(_ group: P1Group, issues: inout [DecodeError]) -> Field.Value? {
    if group.text.isEmpty { return .absent(.noData) }
    if group.content == .longNumber { return .absent(.outOfRange) }
    issues.append(DecodeError(.badNumber, at: Int(group.text.start)))
    return nil
  }
}

// MARK: - Fields

extension P1Readings {
  /// Adds the field of a record of the meter itself.
  @inline(__always)
  private func add(
    _ record: P1Record, _ meaning: ObisMeaning, to fields: inout ReadingFields, issues: inout [DecodeError]
  ) {
    switch meaning {
    case .quantity(let key, let unit):
      if let value = momentOrValue(record, in: unit, issues: &issues) { fields.add(key, value, unit) }
    case .plain(let key):
      if let value = plain(lines.groups[mainGroup(record)], issues: &issues) { fields.add(key, value) }
    case .powerLimit: addPowerLimit(lines.groups[mainGroup(record)], record.obis, to: &fields, issues: &issues)
    case .currentLimit(let phase):
      addCurrentLimit(
        lines.groups[mainGroup(record)], FieldKey(.currentLimit, phase: phase), to: &fields, issues: &issues)
    case .tariff: addTariff(group(record), to: &fields, issues: &issues)
    case .breaker: addBreaker(group(record), to: &fields, issues: &issues)
    case .message: fields.addText(text(group(record).text), FieldKey(.message))
    case .text: addCode(record, to: &fields, issues: &issues, asText: true)
    case .record: return
    case .unknown: return addCode(record, to: &fields, issues: &issues)
    }
    if record.groupCount > 1 { addFurther(record, to: &fields, issues: &issues) }
  }

  /// `(value*unit)`, and a time before or behind it. A maximum of 0 whose time was never set has not been reached yet.
  @inline(__always)
  private func momentOrValue(_ record: P1Record, in unit: Unit, issues: inout [DecodeError]) -> Field.Value? {
    let first = group(record)
    guard record.groupCount > 1 else { return value(first, in: unit, issues: &issues) }
    let index = mainGroup(record)
    let value = value(lines.groups[index], in: unit, issues: &issues)
    let other = index == Int(record.firstGroup) ? index + 1 : index - 1
    guard lines.groups[other].unit.isEmpty,
      lines.groups[other].number == nil || P1Notation.isTime(text(lines.groups[other].text))
    else {
      return value
    }
    let isReached = time(lines.groups[other], issues: &issues) != nil
    if !isReached, case .number(let number)? = value, number.mantissa == 0 { return .absent(.noData) }
    return value
  }

  /// The index of the group with the value: the first or the second, whichever has a unit.
  func mainGroup(_ record: P1Record) -> Int {
    let first = Int(record.firstGroup)
    guard record.groupCount > 1, lines.groups[first].unit.isEmpty else { return first }
    return lines.groups[first].number == nil || !lines.groups[first + 1].unit.isEmpty ? first + 1 : first
  }

  private func plain(_ group: P1Group, issues: inout [DecodeError]) -> Field.Value? {
    guard case .number(let number) = group.content else { return absence(group, issues: &issues) }
    guard group.unit.isEmpty else {
      issues.append(DecodeError(.badUnit, at: Int(group.unit.start)))
      return nil
    }
    return .number(number)
  }

  // MARK: Limits

  /// 17.0.0 in kW or W; in version 3 it is a current, and in Luxembourg an apparent power, which lacks a name.
  private func addPowerLimit(
    _ group: P1Group, _ obis: Obis, to fields: inout ReadingFields, issues: inout [DecodeError]
  ) {
    switch WrittenUnit(text(group.unit))?.unit.dimension {
    case .current: addCurrentLimit(group, FieldKey(.currentLimit), to: &fields, issues: &issues)
    case .apparentPower:
      let key = FieldKey(.code, code: .obis(obis))
      if let value = limit(group, in: .voltAmpere, issues: &issues) { fields.add(key, value, .voltAmpere) }
    default:
      if let value = limit(group, in: .watt, issues: &issues) { fields.add(FieldKey(.powerLimit), value, .watt) }
    }
  }

  private func addCurrentLimit(
    _ group: P1Group, _ key: FieldKey, to fields: inout ReadingFields, issues: inout [DecodeError]
  ) {
    if let value = limit(group, in: .ampere, issues: &issues) { fields.add(key, value, .ampere) }
  }

  /// Meters without a limit send only nines (999.9, 99.999), or 999 (0999.00).
  private func limit(_ group: P1Group, in unit: Unit, issues: inout [DecodeError]) -> Field.Value? {
    guard let value = value(group, in: unit, issues: &issues) else { return nil }
    guard let number = group.number else { return value }
    var nines = number.mantissa
    while nines % 10 == 9 { nines /= 10 }
    let isNines = number.mantissa >= 999 && nines == 0
    return isNines || number.isEqual(to: FixedDecimal(999)) ? .absent(.notSet) : value
  }

  // MARK: States

  /// `0002` and `TARIFF 1`: the number at the end. `5431` is the hexadecimal of T1, as no meter has so many tariffs.
  private func addTariff(_ group: P1Group, to fields: inout ReadingFields, issues: inout [DecodeError]) {
    let name = text(group.text)
    if name.count == 0 { return fields.add(FieldKey(.tariff), .absent(.noData)) }
    guard let number = Self.tariff(name) ?? P1Text.decodedTariff(name).flatMap({ Self.tariff($0.span) }) else {
      issues.append(DecodeError(.badNumber, at: Int(group.text.start)))
      return
    }
    fields.add(FieldKey(.tariff), .number(FixedDecimal(number)))
  }

  /// The number at the end, below 1000.
  private static func tariff(_ name: Span<UInt8>) -> Int64? {
    var start = name.count
    while start > 0, name[start - 1].isDigit { start -= 1 }
    var number: Int64 = 0
    for index in start..<name.count {
      guard number < 1000 else { return nil }
      number = number * 10 + Int64(name[index].digitValue)
    }
    return start < name.count && number < 1000 ? number : nil
  }

  /// The control state of a disconnector (DLMS class 70); some meters print ON and OFF.
  private func addBreaker(_ group: P1Group, to fields: inout ReadingFields, issues: inout [DecodeError]) {
    if group.text.isEmpty { return fields.add(FieldKey(.breaker), .absent(.noData)) }
    switch state(group) {
    case 0: fields.addState("disconnected", FieldKey(.breaker))
    case 1: fields.addState("connected", FieldKey(.breaker))
    case 2: fields.addState("ready", FieldKey(.breaker))
    default: issues.append(DecodeError(.badNumber, at: Int(group.text.start)))
    }
  }

  /// 0 disconnected, 1 connected, 2 ready for reconnection.
  func state(_ group: P1Group) -> Int? {
    let name = text(group.text)
    switch name.count {
    case 1: return name[0].digitValue < 3 ? Int(name[0].digitValue) : nil
    case 2 where name[0] & 0xDF == UInt8(ascii: "O") && name[1] & 0xDF == UInt8(ascii: "N"): return 1
    case 3
    where name[0] & 0xDF == UInt8(ascii: "O") && name[1] & 0xDF == UInt8(ascii: "F")
      && name[2] & 0xDF == UInt8(ascii: "F"):
      return 0
    default: return nil
    }
  }
}
