/// Makes the reading of one meter from its records.
struct MBusReadingBuilder {
  private let header: MBusHeader
  private let context: MBusContext
  private let isElectric: Bool
  private var reading: Reading
  /// One bit for each hash of a key that is there; only where it is set the fields are searched for the key itself.
  private var seen: [4 of UInt64] = [0, 0, 0, 0]

  /// The reading of a telegram, or of all telegrams of a readout.
  static func reading(_ header: MBusHeader, _ context: MBusContext, profile: Profile?) -> Reading {
    var builder = MBusReadingBuilder(header, context, profile)
    builder.addStatus()
    if let rename = profile?.family.rename {
      for record in context.records where record.kind == .data {
        var naming = MBusNaming(record, isElectric: builder.isElectric)
        rename(&naming, record, context)
        builder.add(naming, record)
      }
    } else {
      for record in context.records where record.kind == .data {
        builder.add(MBusNaming(record, isElectric: builder.isElectric), record)
      }
    }
    return builder.reading
  }

  private init(_ header: MBusHeader, _ context: MBusContext, _ profile: Profile?) {
    self.header = header
    self.context = context
    isElectric = header.publishedMedium == .electricity
    reading = Reading(
      meter: MeterIdentity(
        number: .hexadecimal(header.identification), manufacturer: header.manufacturer & 0x7FFF,
        model: profile.map { .profile($0) } ?? .none, medium: header.publishedMedium))
    reading.fields.reserveCapacity(context.records.count + 1)
    reading.text.reserveCapacity(32)
  }

  private mutating func addStatus() {
    let place = header.status == 0 ? reading.keep([0x6F, 0x6B]) : reading.keep(header.statusText.utf8)
    append(Field(FieldKey(.status), .text(place)))
  }

  /// Adds what the record says: a field, or the meter's time or model.
  @inline(__always)
  private mutating func add(_ naming: MBusNaming, _ record: MBusRecord) {
    switch naming.value {
    case .number(let number):
      if naming.key.name == .errorFlags { return addErrorFlags(naming.key, record) }
      append(number, naming, record)
    case .absent(let reason):
      guard naming.key.name != .code || record.isNumeric else { return }
      var key = naming.key
      if key.name == .code { key.code = code(record) }
      append(Field(key, .absent(reason), unit(naming, record)))
    case .time(let time): if record.isClock, reading.time == nil { reading.time = time }
    case .text(let range):
      if naming.key.name == .errorFlags {
        append(Field(naming.key, .text(reading.keep(MBusText.trimmed(MBusText.utf8(context.bytes, range))))))
      } else if record.isModel, reading.meter.model == .none {
        let name = MBusText.trimmed(MBusText.utf8(context.bytes, range))
        if !name.isEmpty { reading.meter.model = .text(reading.keep(name)) }
      }
    case .bytes: if naming.key.name == .errorFlags { addErrorFlags(naming.key, record) }
    case .timeOfDay: break
    }
  }

  /// The number in the published unit; one that does not fit there is absent.
  @inline(__always)
  private mutating func append(_ number: FixedDecimal, _ naming: MBusNaming, _ record: MBusRecord) {
    var key = naming.key
    if key.name == .code { key.code = code(record) }
    let unit = unit(naming, record)
    let published =
      unit == .kelvin && naming.unit == .fahrenheit
      ? FixedDecimal.rounded(Int128(number.mantissa) * 5, over: 9, exponent: Int(number.exponent), decimals: 2)
      : unit == .none ? number : number.converted(from: naming.unit, to: unit)
    append(Field(key, published.map { .number($0) } ?? .absent(.outOfRange), unit))
  }

  @inline(__always)
  private func unit(_ naming: MBusNaming, _ record: MBusRecord) -> Unit {
    guard naming.key.name == .code else { return naming.key.name.entry.unit }
    return record.modifiers.contains(.otherUnit) ? .none : naming.unit.published
  }

  /// Adds a field; the first of a key has no ordinal, its exact duplicates count on.
  @inline(__always)
  private mutating func append(_ field: Field) {
    var field = field
    let hash = hash(field.key)
    let bit: UInt64 = 1 &<< UInt64(hash & 63)
    if seen[hash &>> 6] & bit != 0 {
      field.key.ordinal = UInt8(clamping: reading.fields.count { isDuplicate($0.key, field.key) })
    }
    seen[hash &>> 6] |= bit
    reading.fields.append(field)
  }

  /// 0 to 255.
  @inline(__always)
  private func hash(_ key: FieldKey) -> Int {
    var hash = Int(key.name.rawValue) &* 5 &+ Int(key.tariff) &* 29 &+ Int(truncatingIfNeeded: key.storage) &* 13
    hash &+= Int(key.subunit) &* 37 &+ Int(key.function.rawValue) &* 17 &+ Int(key.phase.rawValue) &* 7
    if case .mbus(let range, _) = key.code {
      for index in range.indices { hash = hash &* 31 &+ Int(reading.text[index]) }
    }
    return hash & 255
  }

  private func isDuplicate(_ one: FieldKey, _ other: FieldKey) -> Bool {
    var one = one
    one.ordinal = other.ordinal
    guard case .mbus(let mine, let count) = one.code, case .mbus(let theirs, count) = other.code else {
      return one == other
    }
    return reading.text[mine.indices] == reading.text[theirs.indices]
  }

  /// The bytes of the record's DIB and VIB, kept in the reading.
  private mutating func code(_ record: MBusRecord) -> FieldKey.Code {
    let dib = reading.keep(context.bytes[record.dib.indices])
    let vib = reading.keep(context.bytes[record.vib.indices])
    let range = ByteRange(start: dib.start, count: dib.count + vib.count)
    return .mbus(range, vib: UInt8(truncatingIfNeeded: vib.count))
  }

  /// The flags as hexadecimal digits, as many as there are, the most significant first.
  private mutating func addErrorFlags(_ key: FieldKey, _ record: MBusRecord) {
    // Data of variable length begins with its length.
    let isVariable = context.bytes[Int(record.dib.start)] & 15 == 13
    let data = context.bytes[record.data.indices].dropFirst(isVariable ? 1 : 0)
    append(Field(key, .text(reading.keep(Hexadecimal.text(data.reversed()).utf8))))
  }
}

extension MBusRecord {
  /// The meter's clock: a date with time of now.
  fileprivate var isClock: Bool {
    quantity == .dateTime && storage == 0 && function == .instantaneous && tariff == 0 && subunit == 0
      && modifiers.isEmpty
  }

  /// The maker's name for the meter.
  fileprivate var isModel: Bool { quantity == .modelVersion && storage == 0 && modifiers.isEmpty }

  /// Whether a value would be a number, were it there.
  fileprivate var isNumeric: Bool {
    switch quantity {
    case .date, .dateTime, .tariffStart, .batteryChange, .wirelessContainer, .daylightSaving: false
    default: true
    }
  }
}
