/// What has no number, or no name.
extension MBusReadingBuilder {
  /// Adds what is no number by its naming: flags, a tariff, or absent.
  @inline(never) @_lifetime(self: copy self)
  mutating func addState(_ naming: inout MBusNaming, _ index: Int, _ context: MBusContext) {
    if let reason = naming.absence {
      addAbsent(naming, reason, index, context)
    } else if naming.key.name == .errorFlags {
      addErrorFlags(naming.key, context.records[index], context.bytes)
    } else {
      append(naming.key, .text(reading.keep(naming.number.description.utf8)), .none)
    }
  }

  /// Adds a number without a name of its own.
  @inline(never) @_lifetime(self: copy self)
  mutating func addCode(_ naming: inout MBusNaming, _ index: Int, _ context: MBusContext) {
    let record = context.records[index]
    if record.isSecret { return }
    if record.isIdentifier {
      return appendCode(.text(reading.keep(naming.number.description.utf8)), index, context, .none)
    }
    if record.quantity == .plainText { return addStated(naming, index, context) }
    let unit = codeUnit(naming.unit, context.records[index])
    let value =
      unit == .none || unit == naming.unit
      ? .number(naming.number) : converted(naming.number, from: naming.unit, to: unit)
    appendCode(value, index, context, unit)
  }

  /// Adds a number whose unit stands in plain text: as the quantity that the unit is of, else under its code.
  @_lifetime(self: copy self)
  private mutating func addStated(_ naming: MBusNaming, _ index: Int, _ context: MBusContext) {
    let record = context.records[index]
    guard let stated = record.statedUnit(context.bytes) else {
      return appendCode(.number(naming.number), index, context, .none)
    }
    var number = naming.number
    number.exponent &+= stated.power
    var meant = record
    meant.quantity = stated.quantity(isElectric: table.isElectric)
    meant.unit = stated.unit
    var other = MBusNaming(meant, number, table)
    if other.key.name != .code { return add(&other, index, context) }
    let unit = record.modifiers.contains(.otherUnit) ? .none : stated.unit.published
    appendCode(
      unit == .none || unit == .stated ? .number(number) : converted(number, from: other.unit, to: unit), index,
      context, unit)
  }

  private func codeUnit(_ wire: Unit, _ record: MBusRecord) -> Unit {
    record.modifiers.contains(.otherUnit) ? .none : table.conversion(wire).unit
  }

  /// Adds other records: a field without a value, flags, the meter's time or model.
  @inline(never) @_lifetime(self: copy self)
  mutating func addOther(_ index: Int, _ context: MBusContext) {
    let record = context.records[index]
    var naming = MBusNaming(record, FixedDecimal(0), table)
    rename(&naming, record, context)
    let areFlags = naming.key.name == .errorFlags
    switch record.value {
    case .number, .bytes: if areFlags { addErrorFlags(naming.key, record, context.bytes) }
    case .absent(let reason):
      if record.isEmptyDate(context.bytes) { hasEmptyDate = true }
      addAbsent(naming, reason, index, context)
    case .digits(let range):
      makeRoomForText()
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

  @_lifetime(self: copy self)
  private mutating func addAbsent(
    _ naming: MBusNaming, _ reason: Field.Absence, _ index: Int, _ context: MBusContext
  ) {
    let record = context.records[index]
    if naming.key.name != .code {
      append(naming.key, .absent(reason), table.unit(naming.key.name))
    } else if record.quantity == .plainText {
      addStatedAbsence(reason, index, context)
    } else if record.isNumeric, !record.isSecret {
      appendCode(.absent(reason), index, context, codeUnit(naming.unit, record))
    }
  }

  @_lifetime(self: copy self)
  private mutating func addStatedAbsence(_ reason: Field.Absence, _ index: Int, _ context: MBusContext) {
    let record = context.records[index]
    var meant = record
    let stated = record.statedUnit(context.bytes)
    meant.quantity = stated?.quantity(isElectric: table.isElectric) ?? .plainText
    meant.unit = stated?.unit ?? .none
    let naming = MBusNaming(meant, FixedDecimal(0), table)
    if naming.key.name != .code {
      append(naming.key, .absent(reason), table.unit(naming.key.name))
    } else {
      let unit = record.modifiers.contains(.otherUnit) ? Unit.none : meant.unit.published
      appendCode(.absent(reason), index, context, unit)
    }
  }

  /// The flags as hexadecimal digits, the most significant first; empty for empty data.
  @_lifetime(self: copy self)
  private mutating func addErrorFlags(_ key: FieldKey, _ record: MBusRecord, _ bytes: [UInt8]) {
    // Data of variable length begins with its length.
    let isVariable = bytes[Int(record.dib.start)] & 15 == 13
    makeRoomForText()
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
