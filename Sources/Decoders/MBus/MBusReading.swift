/// Makes the reading of one meter from its records.
struct MBusReadingBuilder {
  /// The vocabulary's units by raw value: its lines are too long to be made for every field.
  private static let units = FieldName.allCases.map(\.entry.unit)

  /// The same, at hand.
  private let units = MBusReadingBuilder.units

  private var reading: Reading
  /// One bit for each hash of a key that is there; only where it is set the fields are searched for the key itself.
  private var seen: [4 of UInt64] = [0, 0, 0, 0]

  /// The reading of a telegram, or of all telegrams of a readout.
  static func reading(_ header: MBusHeader, _ context: MBusContext, profile: Profile?) -> Reading {
    var builder = MBusReadingBuilder(header, context.records.count, profile)
    let rename = profile?.family.rename
    let isElectric = header.publishedMedium == .electricity
    for index in context.records.indices where context.records[index].kind == .data {
      var naming = MBusNaming(context.records[index], isElectric: isElectric)
      if let rename {
        var renamed = naming
        rename(&renamed, context.records[index], context)
        naming = renamed
      }
      builder.add(naming, index, context)
    }
    return builder.reading
  }

  private init(_ header: MBusHeader, _ count: Int, _ profile: Profile?) {
    reading = Reading(
      meter: MeterIdentity(
        number: .hexadecimal(header.identification), manufacturer: header.manufacturer & 0x7FFF,
        model: profile.map { .profile($0) } ?? .none, medium: header.publishedMedium))
    reading.fields.reserveCapacity(count + 1)
    reading.text = header.statusBytes
    append(FieldKey(.status), .text(ByteRange(from: 0, to: reading.text.count)), .none, hash: 0)
  }

  /// Adds what the record says: a field, or the meter's time or model.
  @inline(__always)
  private mutating func add(_ naming: MBusNaming, _ index: Int, _ context: MBusContext) {
    if case .number(let number) = naming.value, naming.key.name != .errorFlags {
      append(number, naming, context.records[index], context.bytes)
    } else {
      addOther(naming, context.records[index], context.bytes)
    }
  }

  /// Adds what is no number.
  private mutating func addOther(_ naming: MBusNaming, _ record: MBusRecord, _ bytes: [UInt8]) {
    switch naming.value {
    case .number, .bytes: if naming.key.name == .errorFlags { addErrorFlags(naming.key, record, bytes) }
    case .absent(let reason):
      guard naming.key.name != .code || record.isNumeric else { return }
      append(.absent(reason), naming, record, bytes, unit(naming, record))
    case .time(let time): if record.isClock, reading.time == nil { reading.time = time }
    case .text(let range):
      let text = MBusText.trimmed(MBusText.utf8(bytes, range))
      if naming.key.name == .errorFlags {
        append(naming.key, .text(reading.keep(text)), .none, hash: 0)
      } else if record.isModel, reading.meter.model == .none, !text.isEmpty {
        reading.meter.model = .text(reading.keep(text))
      }
    case .timeOfDay: break
    }
  }

  /// The number in the published unit; one that does not fit there is absent.
  @inline(__always)
  private mutating func append(
    _ number: FixedDecimal, _ naming: MBusNaming, _ record: MBusRecord, _ bytes: [UInt8]
  ) {
    let unit = unit(naming, record)
    if unit == .none || unit == naming.unit { return append(.number(number), naming, record, bytes, unit) }
    let published =
      unit == .kelvin && naming.unit == .fahrenheit
      ? FixedDecimal.rounded(Int128(number.mantissa) * 5, over: 9, exponent: Int(number.exponent), decimals: 2)
      : number.converted(from: naming.unit, to: unit)
    append(published.map { .number($0) } ?? .absent(.outOfRange), naming, record, bytes, unit)
  }

  @inline(__always)
  private func unit(_ naming: MBusNaming, _ record: MBusRecord) -> Unit {
    guard naming.key.name == .code else { return units[Int(naming.key.name.rawValue)] }
    return record.modifiers.contains(.otherUnit) ? .none : naming.unit.published
  }

  @inline(__always)
  private mutating func append(
    _ value: Field.Value, _ naming: MBusNaming, _ record: MBusRecord, _ bytes: [UInt8], _ unit: Unit
  ) {
    if naming.key.name == .code {
      appendCode(value, record, bytes, unit)
    } else {
      var hash = UInt32(naming.key.tariff) &+ UInt32(truncatingIfNeeded: record.storage) &<< 4
      hash &+= UInt32(record.subunit) &<< 8 &+ UInt32(record.function.rawValue) &<< 12
      append(naming.key, value, unit, hash: hash &+ UInt32(naming.key.phase.rawValue) &<< 14)
    }
  }

  /// A field named after the bytes of the record's DIB and VIB, which the reading keeps.
  private mutating func appendCode(_ value: Field.Value, _ record: MBusRecord, _ bytes: [UInt8], _ unit: Unit) {
    let start = reading.text.count
    if start < 32 { reading.text.reserveCapacity(128) }
    var hash: UInt32 = 0
    for part in 0..<2 {
      for index in (part == 0 ? record.dib : record.vib).indices {
        reading.text.append(bytes[index])
        hash = hash &* 31 &+ UInt32(bytes[index])
      }
    }
    var key = FieldKey(.code)
    key.code = .mbus(ByteRange(from: start, to: reading.text.count), vib: UInt8(truncatingIfNeeded: record.vib.count))
    append(key, value, unit, hash: hash)
  }

  /// Adds a field; the first of a key has no ordinal, its exact duplicates count on.
  @inline(__always)
  private mutating func append(_ key: FieldKey, _ value: Field.Value, _ unit: Unit, hash: UInt32) {
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

  private static func hexadecimal(_ digit: UInt8) -> UInt8 { digit < 10 ? digit &+ 0x30 : digit &+ 0x37 }

  /// The flags as hexadecimal digits, as many as there are, the most significant first.
  private mutating func addErrorFlags(_ key: FieldKey, _ record: MBusRecord, _ bytes: [UInt8]) {
    // Data of variable length begins with its length.
    let isVariable = bytes[Int(record.dib.start)] & 15 == 13
    let start = reading.text.count
    for index in record.data.indices.dropFirst(isVariable ? 1 : 0).reversed() {
      reading.text.append(Self.hexadecimal(bytes[index] >> 4))
      reading.text.append(Self.hexadecimal(bytes[index] & 15))
    }
    append(key, .text(ByteRange(from: start, to: reading.text.count)), .none, hash: 0)
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
