/// Turns the sets of one readout into a reading.
struct D0Readings: ~Escapable {
  /// The readout with the `!` at its end.
  let bytes: Span<UInt8>
  let groups: [P1Group]
  let medium: Medium
  let utcOffset: Int16?

  @_lifetime(copy bytes)
  init(bytes: Span<UInt8>, groups: [P1Group], medium: Medium, utcOffset: Int16?) {
    self.bytes = bytes
    self.groups = groups
    self.medium = medium
    self.utcOffset = utcOffset
  }

  /// Finds the medium by the codes, and gives codes that were sent without A that of the medium.
  ///
  /// A names it; without A, codes of heat meters alone are of one.
  static func complete(_ records: inout [D0Record]) -> Medium {
    var named: UInt8 = 0
    var isHeat = false
    var isOther = false
    for record in records where (1...95).contains(record.obis.c) {
      let obis = record.obis
      if obis.a != Obis.noMedium {
        if obis.a != 0, named == 0 || obis.a == 1 { named = obis.a }
      } else if D0Heat.has(obis) {
        isHeat = true
      } else {
        isOther = true
      }
    }
    let a: UInt8 = isOther ? 1 : isHeat && named != 1 ? 6 : named == 0 ? 1 : named
    let medium = a == 1 ? Medium.electricity : Obis(a, 0, 0, 0, 0).otherMedium ?? .other
    // A without a value of its medium: an identification alone.
    for index in records.indices where records[index].obis.a == Obis.noMedium { records[index].obis.a = a }
    for index in records.indices where records[index].obis.f == 0 && isCurrent(records[index].obis, in: records) {
      records[index].obis.f = 255
    }
    return medium
  }

  /// Pafal meters mark the current value with `*00`. Elsewhere that is the billing period 0, beside the current value.
  private static func isCurrent(_ obis: Obis, in records: [D0Record]) -> Bool {
    !records.contains { $0.obis.f == 255 && $0.obis.a == obis.a && $0.obis.b == obis.b && $0.obis.cde == obis.cde }
  }

  func reading(
    of records: [D0Record], _ meter: D0Identification, _ changing: inout D0Changing, issues: inout [DecodeError]
  ) -> Reading {
    var fields = ReadingFields(Reading(meter: MeterIdentity(manufacturer: meter.manufacturer, medium: medium)))
    fields.reading.fields.reserveCapacity(records.count + 1)
    fields.reading.text.reserveCapacity(64)
    var number = (rank: UInt8(0), text: ByteRange())
    var clock = D0Clock()
    for record in records where record.obis.a != Obis.unknown.a {
      let obis = record.obis
      let rank = Self.numberRank(obis)
      if rank > 0 {
        let text = groups[Int(record.firstGroup)].text
        if rank > number.rank, !text.isEmpty { number = (rank, text) }
      } else if clock.take(record, groups, bytes) {
        changing.note(clock: record)
      } else {
        let count = fields.reading.fields.count
        add(record, kamstrup: meter.manufacturer == Self.kamstrup, to: &fields, issues: &issues)
        if changing.isWanted { changing.note(record, groups, bytes, fields.reading, from: count) }
      }
    }
    if !meter.model.isEmpty { fields.reading.meter.model = .text(keep(meter.model, &fields)) }
    if number.rank > 0 {
      fields.reading.meter.number = .text(keep(number.text, &fields))
      fields.reading.meter.numberRank = number.rank
    }
    fields.reading.time = clock.time(utcOffset: utcOffset, issues: &issues)
    return fields.reading
  }

  private static let kamstrup: UInt16 = 11 << 10 | 1 << 5 | 13

  /// Keeps a text. It stands on one line and without blanks around it.
  private func keep(_ range: ByteRange, _ fields: inout ReadingFields) -> ByteRange {
    let start = fields.reading.text.count
    fields.reading.text.append(bytes.extracting(range.indices))
    return ByteRange(from: start, to: fields.reading.text.count)
  }

  /// The identification of the highest rank is the meter's number. 0 for other codes.
  private static func numberRank(_ obis: Obis) -> UInt8 {
    switch obis.cde {
    case 0x60_01_00: 5  // 96.1.0, C.1.0
    case 0x60_01_FF: 4  // 96.1.255: EasyMeter, Hager
    case 0, 0x00_00_FF: 2  // 0.0.0, 0.0
    case 0x00_00_01: 1
    case 0x09_14_00 where obis.a == 6: 3  // 9.20
    case 0x09_15_00 where obis.a == 6: 1  // 9.21: the owner's number
    default: 0
    }
  }

  // MARK: Fields

  private func add(
    _ record: D0Record, kamstrup: Bool, to fields: inout ReadingFields, issues: inout [DecodeError]
  ) {
    let obis = record.obis
    let group = groups[Int(record.firstGroup)]
    switch obis.c {
    case 0, 98, 99: return
    case 97 where obis.e == 0: return addErrors(record, to: &fields, issues: &issues)
    // A second register, which some makers send before the first.
    case 97: return addText(group, obis, to: &fields)
    case 96: return addService(obis, group, to: &fields, issues: &issues)
    default: break
    }
    guard obis.f == 255 || (1...126).contains(obis.f) else { return }
    switch obis.a {
    case 1:
      guard let (key, unit) = electricity(obis, kamstrup: kamstrup) else { break }
      return addValue(record, key, unit, implied: Self.implied(obis, unit), to: &fields, issues: &issues)
    case 6 where D0Heat.has(obis):
      if obis.c == 9, obis.d == 4 { return addExtremes(record, to: &fields, issues: &issues) }
      guard let found = D0Heat.of(obis) else {
        if obis.c == 9 || D0Heat.isSetting(obis) { return }
        break
      }
      return addValue(record, found.key, found.unit, implied: nil, to: &fields, issues: &issues)
    case 4...9:
      guard let wire = group.unit.isEmpty ? WrittenUnit(Unit.none) : unit(group), let named = obis.otherMedium,
        obis.measuresOtherMedium, let name = obis.name(of: named, in: wire.unit)
      else { break }
      let key = FieldKey(name, tariff: obis.c == 1 && obis.e < 64 ? UInt16(obis.e) : 0, storage: Self.storage(obis))
      return addValue(record, key, wire.unit.published, implied: wire, to: &fields, issues: &issues)
    default: break
    }
    addCode(group, obis, to: &fields, issues: &issues)
  }

  static func storage(_ obis: Obis) -> UInt64 { obis.f == 255 ? 0 : UInt64(obis.f) }

  /// The field of an electricity code: what `ObisMeaning` has, and what only D0 meters send.
  private func electricity(_ obis: Obis, kamstrup: Bool) -> (FieldKey, Unit)? {
    let storage = Self.storage(obis)
    switch (obis.c, obis.d) {
    // EasyMeter: signed powers under 1, 21, 41 and 61.7.255.
    case (1, 7) where obis.e == 255: return (FieldKey(.power, storage: storage), .watt)
    case (21, 7) where obis.e == 255: return (FieldKey(.power, phase: .l1, storage: storage), .watt)
    case (41, 7) where obis.e == 255: return (FieldKey(.power, phase: .l2, storage: storage), .watt)
    case (61, 7) where obis.e == 255: return (FieldKey(.power, phase: .l3, storage: storage), .watt)
    case (1, 6): return (FieldKey(.demandImportMaximum, tariff: UInt16(obis.e), storage: storage), .watt)
    case (1, 20) where kamstrup:
      return (FieldKey(.energyImport, tariff: UInt16(obis.e), storage: storage), .kilowattHour)
    case (1, 31) where kamstrup: return (FieldKey(.onTime, storage: storage), .hour)
    default: break
    }
    switch ObisMeaning.of(obis, isLithuanian: false) {
    case .quantity(let key, let unit): return (key, unit)
    case .plain(let key): return (key, .none)
    default: return nil
    }
  }

  /// The unit of an electricity register that came without one.
  private static func implied(_ obis: Obis, _ unit: Unit) -> WrittenUnit? {
    switch unit {
    case .watt: WrittenUnit(.kilowatt)
    case .reactiveVar: WrittenUnit(.kilovar)
    case .voltAmpere: WrittenUnit(.kilovoltAmpere)
    case .none, .kilowattHour, .kilovarHour, .kilovoltAmpereHour, .volt, .ampere, .hertz, .degree, .hour:
      WrittenUnit(unit)
    default: nil
    }
  }

  /// F.F: hexadecimal digits, all 0 where the meter is well. They may stand in several brackets, and in groups.
  private func addErrors(_ record: D0Record, to fields: inout ReadingFields, issues: inout [DecodeError]) {
    guard !fields.reading.fields.contains(where: { $0.key.name == .status }) else { return }
    var flags: [UInt8] = []
    for index in record.groups where !groups[index].isUnknown(bytes) {
      let text = groups[index].text
      for place in text.indices where bytes[place] != UInt8(ascii: " ") {
        guard Hexadecimal.digit(bytes[place]) != nil else {
          return issues.append(DecodeError(.badNumber, at: Int(text.start)))
        }
        flags.append(bytes[place])
      }
    }
    guard !flags.isEmpty else { return }
    fields.addState(flags.allSatisfy { $0 == UInt8(ascii: "0") } ? "ok" : "error", FieldKey(.status))
    let start = fields.reading.text.count
    fields.reading.text += flags
    fields.add(FieldKey(.errorFlags), .text(ByteRange(from: start, to: fields.reading.text.count)))
  }

  /// C = 96, written as the letter C too: counters of failures, and states as texts.
  private func addService(
    _ obis: Obis, _ group: P1Group, to fields: inout ReadingFields, issues: inout [DecodeError]
  ) {
    if obis.d == 7, let phase = obis.e < 4 ? FieldKey.Phase(rawValue: obis.e) : nil {
      let key = FieldKey(.powerFailures, phase: phase, storage: Self.storage(obis))
      return addPlain(group, key, to: &fields, issues: &issues)
    }
    switch ObisMeaning.of(Obis(0, 0, 96, obis.d, obis.e), isLithuanian: false) {
    case .plain(let key): addPlain(group, key, to: &fields, issues: &issues)
    case .text: addText(group, obis, to: &fields)
    default: break
    }
  }

  private func addText(_ group: P1Group, _ obis: Obis, to fields: inout ReadingFields) {
    guard !group.text.isEmpty, !group.isUnknown(bytes) else { return }
    fields.add(FieldKey(code: obis), .text(keep(group.text, &fields)))
  }

  private func addPlain(
    _ group: P1Group, _ key: FieldKey, to fields: inout ReadingFields, issues: inout [DecodeError]
  ) {
    if let number = group.number { return fields.add(key, .number(number)) }
    if let reason = absence(group, issues: &issues) { fields.add(key, .absent(reason)) }
  }

  /// 9.4: the highest flow and return temperature in one bracket.
  private func addExtremes(_ record: D0Record, to fields: inout ReadingFields, issues: inout [DecodeError]) {
    let names: [FieldName] = [.flowTemperature, .returnTemperature]
    for (name, index) in zip(names, record.groups) where !groups[index].text.isEmpty {
      let key = FieldKey(name, function: .maximum, storage: Self.storage(record.obis))
      addValue(groups[index], key, .celsius, implied: nil, to: &fields, issues: &issues)
    }
  }
}
