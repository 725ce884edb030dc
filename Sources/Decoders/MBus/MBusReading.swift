/// Makes the reading of one meter from its records.
struct MBusReadingBuilder: ~Copyable {
  /// The vocabulary's unit of each name; then of each unit its published one, and the places that the point moves if only the
  /// point moves. The tables that it comes from are too slow for every field.
  private static let lines =
    FieldName.allCases.map { Line(unit: $0.entry.unit, isShift: true, shift: 0) }
    + Unit.allCases.map { unit in
      let published = unit.published
      let shift = unit.shift(to: published)
      return Line(unit: published, isShift: shift != nil, shift: Int8(shift ?? 0))
    }

  private struct Line {
    var unit: Unit
    var isShift: Bool
    var shift: Int8
  }

  private let lines = MBusReadingBuilder.lines

  /// The unit of the vocabulary.
  private func unit(_ name: FieldName) -> Unit { lines[Int(name.rawValue)].unit }

  private func conversion(_ unit: Unit) -> Line { lines[Int(FieldName.code.rawValue) + 1 + Int(unit.rawValue)] }

  private let family: (any MeterFamily.Type)?
  /// Tariff 1 is cooling.
  private let booksCooling: Bool
  private var reading: Reading
  /// The date of a storage is empty.
  private var hasEmptyDate = false
  /// One bit for each hash of a key that is there; only where it is set the fields are searched for the key itself.
  private var seen: [4 of UInt64] = [0, 0, 0, 0]

  /// The reading of a telegram, or of all telegrams of a readout.
  ///
  /// A record with a number goes straight to its field, on a path that never copies a whole record or value.
  static func reading(_ header: MBusHeader, _ context: MBusContext, profile: Profile?) -> Reading {
    var builder = MBusReadingBuilder(
      header, context.records.count, profile, booksCooling: HeatAndCooling.isBooked(header, context))
    let renames = builder.family != nil || builder.booksCooling
    let isElectric = header.publishedMedium == .electricity
    let records = context.records.span
    for index in records.indices where records[index].kind == .data {
      guard case .number(let number) = records[index].value, records[index].quantity != .errorFlags else {
        builder.addOther(index, context, isElectric: isElectric)
        continue
      }
      var naming = MBusNaming(records[index], number, isElectric: isElectric)
      if renames {
        builder.rename(&naming, records[index], context)
        if naming.isState { builder.addState(&naming, index, context); continue }
      }
      builder.add(&naming, index, context)
    }
    if builder.hasEmptyDate, let used = context.withoutUnusedStorages() {
      return reading(header, used, profile: profile)
    }
    return builder.end()
  }

  /// It moves the reading out: a copy would count the owners of three arrays up and down.
  private mutating func end() -> Reading {
    var done = Reading(meter: reading.meter)
    swap(&done, &reading)
    return done
  }

  private init(_ header: MBusHeader, _ count: Int, _ profile: Profile?, booksCooling: Bool) {
    family = profile?.family
    self.booksCooling = booksCooling
    reading = Reading(
      meter: MeterIdentity(
        number: .hexadecimal(header.identification), manufacturer: header.manufacturer & 0x7FFF,
        model: profile.map { .profile($0) } ?? .none, medium: header.publishedMedium))
    if !header.hasIdentification { reading.meter.number = .none }
    reading.fields.reserveCapacity(count + 1)
    guard header.structure != .none else { return }
    reading.text = header.statusBytes
    append(FieldKey(.status), .text(ByteRange(from: 0, to: reading.text.count)), .none)
  }

  /// Adds a number in its published unit, or as absent if it does not fit. It only reads `naming`, in its place: `MeterFamily`
  /// says what a copy would cost.
  @inline(__always)
  private mutating func add(_ naming: inout MBusNaming, _ index: Int, _ context: MBusContext) {
    guard naming.key.name != .code else { return addCode(&naming, index, context) }
    let unit = unit(naming.key.name)
    // Without its code, so that the compiler reads the storage alone: with both in one load it would wait.
    let key = FieldKey(
      naming.key.name, phase: naming.key.phase, tariff: naming.key.tariff, function: naming.key.function,
      storage: naming.key.storage, subunit: naming.key.subunit)
    var exponent = naming.number.exponent
    if unit != .none, unit != naming.unit {
      let conversion = conversion(naming.unit)
      guard conversion.isShift, unit == conversion.unit else {
        reading.willRound(naming.number, from: naming.unit)
        return append(key, converted(naming, to: unit), unit)
      }
      exponent &+= conversion.shift
    }
    append(key, .number(FixedDecimal(naming.number.mantissa, exponent: exponent)), unit)
  }

  /// Changes the field of a record by the family, or to energy of cooling.
  @inline(__always)
  private func rename(_ naming: inout MBusNaming, _ record: MBusRecord, _ context: MBusContext) {
    family?.rename(&naming, record, context)
    if booksCooling, naming.absence == nil { HeatAndCooling.rename(&naming, record) }
  }

  @inline(never)
  private mutating func addState(_ naming: inout MBusNaming, _ index: Int, _ context: MBusContext) {
    if let reason = naming.absence {
      addAbsent(naming, reason, index, context)
    } else if naming.key.name == .errorFlags {
      addErrorFlags(naming.key, context.records[index], context.bytes)
    } else {
      append(naming.key, .text(reading.keep(naming.number.description.utf8)), .none)
    }
  }

  @inline(never)
  private func converted(_ naming: MBusNaming, to unit: Unit) -> Field.Value {
    let number = naming.number
    let published =
      unit == .kelvin && naming.unit == .fahrenheit
      ? FixedDecimal.rounded(Int128(number.mantissa) * 5, over: 9, exponent: Int(number.exponent), decimals: 2)
      : number.converted(from: naming.unit, to: unit)
    return published.map { .number($0) } ?? .absent(.outOfRange)
  }

  /// Adds a number without a name of its own.
  @inline(never)
  private mutating func addCode(_ naming: inout MBusNaming, _ index: Int, _ context: MBusContext) {
    let record = context.records[index]
    if record.isSecret { return }
    if record.isIdentifier {
      return appendCode(.text(reading.keep(naming.number.description.utf8)), index, context, .none)
    }
    if record.quantity == .plainText { return addStated(naming, index, context) }
    let unit = codeUnit(naming.unit, context.records[index])
    let value = unit == .none || unit == naming.unit ? .number(naming.number) : converted(naming, to: unit)
    appendCode(value, index, context, unit)
  }

  /// Adds a number whose unit stands in plain text: as the quantity that the unit is of, else under its code.
  private mutating func addStated(_ naming: MBusNaming, _ index: Int, _ context: MBusContext) {
    let record = context.records[index]
    guard let stated = record.statedUnit(context.bytes) else {
      return appendCode(.number(naming.number), index, context, .none)
    }
    var number = naming.number
    number.exponent &+= stated.power
    var meant = record
    meant.quantity = stated.quantity(isElectric: isElectric)
    meant.unit = stated.unit
    var other = MBusNaming(meant, number, isElectric: isElectric)
    if other.key.name != .code { return add(&other, index, context) }
    let unit = record.modifiers.contains(.otherUnit) ? .none : stated.unit.published
    appendCode(
      unit == .none || unit == .stated ? .number(number) : converted(other, to: unit), index, context, unit)
  }

  private var isElectric: Bool { reading.meter.medium == .electricity }

  private func codeUnit(_ wire: Unit, _ record: MBusRecord) -> Unit {
    record.modifiers.contains(.otherUnit) ? .none : conversion(wire).unit
  }

  /// Adds other records: a field without a value, flags, the meter's time or model.
  @inline(never)
  private mutating func addOther(_ index: Int, _ context: MBusContext, isElectric: Bool) {
    let record = context.records[index]
    var naming = MBusNaming(record, FixedDecimal(0), isElectric: isElectric)
    rename(&naming, record, context)
    let areFlags = naming.key.name == .errorFlags
    switch record.value {
    case .number, .bytes: if areFlags { addErrorFlags(naming.key, record, context.bytes) }
    case .absent(let reason):
      if record.isEmptyDate(context.bytes) { hasEmptyDate = true }
      addAbsent(naming, reason, index, context)
    case .digits(let range):
      let start = reading.text.count
      MBusText.appendDigits(context.bytes, range, to: &reading.text)
      appendCode(.text(ByteRange(from: start, to: reading.text.count)), index, context, .none)
    case .time(let time): if record.isClock, reading.time == nil { reading.time = time }
    case .text(let range):
      let text = MBusText.trimmed(MBusText.utf8(context.bytes, range))
      if areFlags {
        append(naming.key, text.isEmpty ? .absent(.noData) : .text(reading.keep(text)), .none)
      } else if !text.isEmpty, record.isModel || family?.namesModel(record, context) == true {
        if case .text = reading.meter.model { return }
        reading.meter.model = .text(reading.keep(text))
      }
    case .timeOfDay: break
    }
  }

  private mutating func addAbsent(
    _ naming: MBusNaming, _ reason: Field.Absence, _ index: Int, _ context: MBusContext
  ) {
    let record = context.records[index]
    if naming.key.name != .code {
      append(naming.key, .absent(reason), unit(naming.key.name))
    } else if record.quantity == .plainText {
      addStatedAbsence(reason, index, context)
    } else if record.isNumeric, !record.isSecret {
      appendCode(.absent(reason), index, context, codeUnit(naming.unit, record))
    }
  }

  private mutating func addStatedAbsence(_ reason: Field.Absence, _ index: Int, _ context: MBusContext) {
    let record = context.records[index]
    var meant = record
    let stated = record.statedUnit(context.bytes)
    meant.quantity = stated?.quantity(isElectric: isElectric) ?? .plainText
    meant.unit = stated?.unit ?? .none
    let naming = MBusNaming(meant, FixedDecimal(0), isElectric: isElectric)
    if naming.key.name != .code {
      append(naming.key, .absent(reason), unit(naming.key.name))
    } else {
      let unit = record.modifiers.contains(.otherUnit) ? Unit.none : meant.unit.published
      appendCode(.absent(reason), index, context, unit)
    }
  }

  /// A field named after the bytes of the record's DIB and VIB, which the reading keeps.
  private mutating func appendCode(_ value: Field.Value, _ index: Int, _ context: MBusContext, _ unit: Unit) {
    let record = context.records[index]
    let start = reading.text.count
    if reading.text.capacity < 32 { reading.text.reserveCapacity(128) }
    var hash: UInt32 = 0
    // Byte by byte: a slice of the bytes would count their owners up and down.
    for part in 0..<2 {
      for index in (part == 0 ? record.dib : record.vib).indices {
        reading.text.append(context.bytes[index])
        hash = hash &* 31 &+ UInt32(context.bytes[index])
      }
    }
    var key = FieldKey(.code)
    key.code = .mbus(ByteRange(from: start, to: reading.text.count), vib: UInt8(truncatingIfNeeded: record.vib.count))
    append(key, value, unit, salt: hash)
  }

  /// Adds a field. The first of a key has the ordinal 0, and its exact duplicates count on.
  @inline(__always)
  private mutating func append(_ key: FieldKey, _ value: Field.Value, _ unit: Unit, salt: UInt32 = 0) {
    var hash = salt &+ UInt32(key.tariff) &+ UInt32(truncatingIfNeeded: key.storage) &<< 4
    hash &+= UInt32(key.subunit) &<< 8 &+ UInt32(key.function.rawValue) &<< 12 &+ UInt32(key.phase.rawValue) &<< 14
    // The top byte of the product depends on every bit (Knuth's multiplicative hash).
    let slot = ((hash &+ UInt32(key.name.rawValue) &<< 18) &* 0x9E37_79B1) &>> 24
    let bit: UInt64 = 1 &<< UInt64(slot & 63)
    let word = Int(slot &>> 6)
    reading.fields.append(Field(key, value, unit))
    if seen[word] & bit != 0 { countDuplicates() }
    seen[word] |= bit
  }

  /// Gives the last field its ordinal.
  private mutating func countDuplicates() {
    let last = reading.fields.count - 1
    let key = reading.fields[last].key
    let before = reading.fields[..<last].count { isDuplicate($0.key, key) }
    reading.fields[last].key.ordinal = UInt8(clamping: before)
  }

  private func isDuplicate(_ one: FieldKey, _ other: FieldKey) -> Bool {
    guard one.name == other.name else { return false }
    var one = one
    one.ordinal = other.ordinal
    guard case .mbus(let mine, let count) = one.code, case .mbus(let theirs, count) = other.code else {
      return one == other
    }
    return reading.text[mine.indices] == reading.text[theirs.indices]
  }

  /// The flags as hexadecimal digits, the most significant first; empty for empty data.
  private mutating func addErrorFlags(_ key: FieldKey, _ record: MBusRecord, _ bytes: [UInt8]) {
    // Data of variable length begins with its length.
    let isVariable = bytes[Int(record.dib.start)] & 15 == 13
    let start = reading.text.count
    let data = record.data.indices.dropFirst(isVariable ? 1 : 0)
    MBusText.appendDigits(bytes, ByteRange(from: data.lowerBound, to: data.upperBound), to: &reading.text)
    let digits = ByteRange(from: start, to: reading.text.count)
    append(key, digits.count == 0 ? .absent(.noData) : .text(digits), .none)
  }
}

extension MBusRecord {
  /// The meter's clock: the current date and time.
  fileprivate var isClock: Bool {
    quantity == .dateTime && storage == 0 && function == .instantaneous && tariff == 0 && subunit == 0
      && modifiers.isEmpty
  }

  /// The maker's name for the meter.
  fileprivate var isModel: Bool { quantity == .modelVersion && storage == 0 && modifiers.isEmpty }

  /// Whether a value is a number or an absent number.
  fileprivate var isNumeric: Bool {
    switch quantity {
    case .date, .dateTime, .tariffStart, .batteryChange, .wirelessContainer, .daylightSaving: false
    default: true
    }
  }
}
