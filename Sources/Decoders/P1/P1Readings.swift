/// Turns the records of one telegram into readings.
struct P1Readings: ~Escapable {
  /// The telegram with the `!` at its end.
  let bytes: Span<UInt8>
  let records: [P1Record]
  let groups: [P1Group]

  @_lifetime(copy bytes)
  init(bytes: Span<UInt8>, records: [P1Record], groups: [P1Group]) {
    self.bytes = bytes
    self.records = records
    self.groups = groups
  }

  /// The meter's reading first, then those of its sub-meters in the order of channels.
  func all(of meter: P1Identification, issues: inout [DecodeError]) -> [Reading] {
    var main = ReadingFields(Reading(meter: MeterIdentity(manufacturer: meter.manufacturer, medium: .electricity)))
    main.reading.fields.reserveCapacity(records.count)
    main.reading.text.reserveCapacity(128)
    var serial = (rank: 0, text: ByteRange())
    var channels: [UInt8] = []
    for record in records {
      let obis = record.obis
      guard obis.a != 0 || obis.b == 0 else {
        // 96.3.10 of a channel is a relay of the meter itself, not part of the meter behind it.
        if obis.cde == 0x60_03_0A { addCode(record, to: &main) }
        if !channels.contains(obis.b) { channels.append(obis.b) }
        continue
      }
      let rank = Self.serialRank(obis)
      if rank > serial.rank, !group(record).text.isEmpty { serial = (rank, group(record).text) }
      if obis.a == 0, obis.cde == 0x01_00_00 { main.reading.time = time(group(record), issues: &issues) }
      add(record, ObisMeaning.of(obis, isLithuanian: meter.isLithuanian), to: &main, issues: &issues)
    }
    if !meter.model.isEmpty {
      main.reading.meter.model = .text(P1Text.appendPlain(text(meter.model), to: &main.reading.text))
    }
    if serial.rank > 0 { main.reading.meter.number = .text(main.keep(text(serial.text))) }
    var readings = [main.reading]
    for channel in channels.sorted() {
      if let reading = subMeter(channel, issues: &issues) { readings.append(reading) }
    }
    return readings
  }

  /// The identification of the highest rank is the meter's serial number. 0 for other records.
  private static func serialRank(_ obis: Obis) -> Int {
    switch obis.cde {
    case 0x60_01_01: 5  // 96.1.1: the Netherlands, Belgium, Lithuania
    case 0x60_01_00: 4  // 96.1.0: Hungary, Ireland
    case 0x60_01_FF: 3  // 96.1.255: EasyMeter
    case 0x2A_00_00: 2  // 42.0.0: Luxembourg
    case 0: 1  // 0.0.0
    default: 0
    }
  }

  // MARK: Groups

  @inline(__always)
  func group(_ record: P1Record) -> P1Group { groups[Int(record.firstGroup)] }

  @inline(__always) @_lifetime(copy self)
  func text(_ range: ByteRange) -> Span<UInt8> { bytes.extracting(range.indices) }

  /// The time in a group; nil if the clock was never set, which is not a mistake.
  func time(_ group: P1Group, issues: inout [DecodeError]) -> MeterTime? {
    if let time = group.time { return time.year < 2000 ? nil : time }
    if !group.text.isEmpty, !isTimeStamp(text(group.text)) {
      issues.append(DecodeError(.badTime, at: Int(group.text.start)))
    }
    return nil
  }

  /// Twelve digits, and S or W from version 4 on.
  private func isTimeStamp(_ text: Span<UInt8>) -> Bool {
    guard text.count == 12 || text.count == 13 && (text[12] == UInt8(ascii: "S") || text[12] == UInt8(ascii: "W"))
    else { return false }
    for index in 0..<12 where !text[index].isDigit { return false }
    return true
  }

  /// The value of a group in a unit of the same kind, or the reason for its absence; nil after an issue.
  @inline(__always)
  func value(_ group: P1Group, in unit: Unit, issues: inout [DecodeError]) -> Field.Value? {
    guard case .number(let number) = group.content else { return absence(group, issues: &issues) }
    let wire = Unit(p1: text(group.unit))
    if let wire, let value = number.converted(from: wire, to: unit) { return .number(value) }
    if wire?.dimension == unit.dimension { return .absent(.outOfRange) }
    issues.append(DecodeError(.badUnit, at: Int(group.unit.start)))
    return nil
  }

  /// Why a group that should be a number does not have a value; nil after an issue.
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
      if let value = plain(group(record), issues: &issues) { fields.add(key, value) }
    case .powerLimit: addPowerLimit(group(record), record.obis, to: &fields, issues: &issues)
    case .currentLimit(let phase):
      addCurrentLimit(group(record), FieldKey(.currentLimit, phase: phase), to: &fields, issues: &issues)
    case .tariff: addTariff(group(record), to: &fields, issues: &issues)
    case .breaker: addBreaker(group(record), to: &fields, issues: &issues)
    case .message: fields.addText(text(group(record).text), FieldKey(.message))
    case .text: addCode(record, to: &fields, asText: true)
    case .record: break
    case .unknown: addCode(record, to: &fields)
    }
  }

  /// `(value*unit)` or `(time)(value*unit)`. A maximum without a valid time has not occurred yet.
  @inline(__always)
  private func momentOrValue(_ record: P1Record, in unit: Unit, issues: inout [DecodeError]) -> Field.Value? {
    let first = group(record)
    guard record.groupCount > 1, first.unit.isEmpty, first.number == nil else {
      return value(first, in: unit, issues: &issues)
    }
    guard time(first, issues: &issues) != nil else { return .absent(.noData) }
    return value(groups[Int(record.firstGroup) + 1], in: unit, issues: &issues)
  }

  private func plain(_ group: P1Group, issues: inout [DecodeError]) -> Field.Value? {
    guard case .number(let number) = group.content else { return absence(group, issues: &issues) }
    guard group.unit.isEmpty else {
      issues.append(DecodeError(.badUnit, at: Int(group.unit.start)))
      return nil
    }
    return .number(number)
  }

  /// Adds a record without a name under its code: a number in the published unit of its kind, or a text.
  func addCode(_ record: P1Record, to fields: inout ReadingFields, asText: Bool = false) {
    let group = group(record)
    guard record.groupCount == 1, !group.text.isEmpty else { return }
    let storage: UInt64 = (1...126).contains(record.obis.f) ? UInt64(record.obis.f) : 0
    // The field name does not contain F.
    var obis = record.obis
    obis.f = 255
    let key = FieldKey(.code, storage: storage, code: .obis(obis))
    if asText, group.unit.isEmpty { return fields.addText(text(group.text), key) }
    guard case .number(let number) = group.content else { return }
    if group.unit.isEmpty { return fields.add(key, .number(number)) }
    guard let wire = Unit(p1: text(group.unit)) else { return }
    let value = number.converted(from: wire, to: wire.published)
    fields.add(key, value.map { .number($0) } ?? .absent(.outOfRange), wire.published)
  }

  // MARK: Limits

  /// 17.0.0 in kW or W; in version 3 it is a current, and in Luxembourg an apparent power, which lacks a name.
  private func addPowerLimit(
    _ group: P1Group, _ obis: Obis, to fields: inout ReadingFields, issues: inout [DecodeError]
  ) {
    switch Unit(p1: text(group.unit))?.dimension {
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
    let isNines = number.mantissa >= 999 && "\(number.mantissa)".utf8.allSatisfy { $0 == UInt8(ascii: "9") }
    return isNines || number.isEqual(to: FixedDecimal(999)) ? .absent(.notSet) : value
  }

  // MARK: States

  /// `0002` and `TARIFF 1`: the number at the end.
  private func addTariff(_ group: P1Group, to fields: inout ReadingFields, issues: inout [DecodeError]) {
    let name = text(group.text)
    var start = name.count
    while start > 0, name[start - 1].isDigit { start -= 1 }
    var number: Int64 = 0
    for index in start..<name.count {
      guard number < 1000 else { break }
      number = number * 10 + Int64(name[index].digitValue)
    }
    if name.count == 0 { return fields.add(FieldKey(.tariff), .absent(.noData)) }
    guard start < name.count, number < 1000 else {
      issues.append(DecodeError(.badNumber, at: Int(group.text.start)))
      return
    }
    fields.add(FieldKey(.tariff), .number(FixedDecimal(number)))
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
