/// Makes the reading of one meter from its records.
///
/// It writes its fields into room made before, one for each record and one for the status: an append for each would ask each
/// time whether the array is shared.
struct MBusReadingBuilder: ~Copyable, ~Escapable {
  let family: (any MeterFamily.Type)?
  private let rewritesKeys: Bool
  /// Tariff 1 is cooling.
  private let booksCooling: Bool
  /// A bit for each quantity whose plain records have another field than the standard's.
  private let renamed: UInt128
  let table: MBusFieldTable
  var reading: Reading
  private var fields: MutableSpan<Field>
  private(set) var count = 0
  /// The date of a storage is empty.
  var hasEmptyDate = false
  /// One bit for each hash of a key that is there; only where it is set the fields are searched for the key itself.
  private var seen: [4 of UInt64] = [0, 0, 0, 0]

  /// Room for fields.
  private static let room = [Field](repeating: Field(FieldKey(.status), .absent(.noData)), count: 64)

  /// The reading of a telegram, or of all telegrams of a readout.
  static func reading(_ header: MBusHeader, _ context: MBusContext, profile: Profile?) -> Reading {
    var fields = Array(room[..<min(room.count, context.records.count + 1)])
    while fields.count <= context.records.count { fields.append(contentsOf: room) }
    var reading = Reading(meter: MeterIdentity(medium: header.publishedMedium))
    var hasEmptyDate = false
    var count = 0
    do {
      var builder = MBusReadingBuilder(
        header, profile, booksCooling: HeatAndCooling.isBooked(header, context), fields.mutableSpan)
      builder.add(context)
      (hasEmptyDate, count) = (builder.hasEmptyDate, builder.count)
      // It is moved: a copy would count the owners of its arrays up and down.
      swap(&reading, &builder.reading)
    }
    if hasEmptyDate, let used = context.withoutUnusedStorages() {
      return Self.reading(header, used, profile: profile)
    }
    fields.removeLast(fields.count - count)
    swap(&reading.fields, &fields)
    return reading
  }

  @_lifetime(copy fields)
  private init(_ header: MBusHeader, _ profile: Profile?, booksCooling: Bool, _ fields: consuming MutableSpan<Field>) {
    family = profile?.family
    rewritesKeys = family?.rewritesKeys == true
    self.booksCooling = booksCooling
    let cooling: UInt128 = booksCooling ? 1 << UInt128(MBusQuantity.energy.rawValue) : 0
    renamed = (profile?.plainQuantities ?? 0) | cooling
    table = .of(header.publishedMedium)
    reading = Reading(
      meter: MeterIdentity(
        number: .hexadecimal(header.identification), manufacturer: header.manufacturer & 0x7FFF,
        model: profile.map { .profile($0) } ?? .none, medium: header.publishedMedium))
    self.fields = fields
    if !header.hasIdentification { reading.meter.number = .none }
    guard header.structure != .none else { return }
    reading.text = header.statusBytes
    append(FieldKey(.status), .text(ByteRange(from: 0, to: reading.text.count)), .none)
  }

  /// Adds the fields of all records. A plain one goes straight to its field, all others by way of `MBusNaming`.
  @_lifetime(self: copy self)
  private mutating func add(_ context: MBusContext) {
    let renames = family != nil || booksCooling
    let records = context.records.span
    for index in records.indices where records[index].kind == .data {
      let quantity = records[index].quantity
      guard case .number(let number) = records[index].value, quantity != .errorFlags else {
        addOther(index, context)
        continue
      }
      let plain = table.plain(quantity)
      if plain.name != .code, records[index].isPlain, renamed &>> UInt128(quantity.rawValue) & 1 == 0 {
        var key = FieldKey(
          plain.name, tariff: UInt16(truncatingIfNeeded: records[index].tariff), function: records[index].function,
          storage: records[index].storage, subunit: records[index].subunit)
        if rewritesKeys { family?.rewrite(&key) }
        add(key, number, records[index].unit, to: plain.unit)
        continue
      }
      var naming = MBusNaming(records[index], number, table)
      if renames {
        rename(&naming, records[index], context)
        if naming.isState { addState(&naming, index, context); continue }
      }
      add(&naming, index, context)
    }
  }

  /// Adds a number by its naming. It only reads it, in its place: `MeterFamily` says what a copy would cost.
  @inline(__always) @_lifetime(self: copy self)
  mutating func add(_ naming: inout MBusNaming, _ index: Int, _ context: MBusContext) {
    guard naming.key.name != .code else { return addCode(&naming, index, context) }
    // Without its code, so that the compiler reads the storage alone: with both in one load it would wait.
    let key = FieldKey(
      naming.key.name, phase: naming.key.phase, tariff: naming.key.tariff, function: naming.key.function,
      storage: naming.key.storage, subunit: naming.key.subunit)
    add(key, naming.number, naming.unit, to: table.unit(naming.key.name))
  }

  /// Adds a number in its published unit, or as absent if it does not fit.
  @inline(__always) @_lifetime(self: copy self)
  private mutating func add(_ key: FieldKey, _ number: FixedDecimal, _ wire: Unit, to unit: Unit) {
    var exponent = number.exponent
    if unit != .none, unit != wire {
      let conversion = table.conversion(wire)
      guard conversion.isShift, unit == conversion.unit else { return addConverted(key, number, wire, to: unit) }
      exponent &+= conversion.shift
    }
    append(key, .number(FixedDecimal(number.mantissa, exponent: exponent)), unit)
  }

  /// Adds a number whose conversion has to round.
  @inline(never) @_lifetime(self: copy self)
  private mutating func addConverted(_ key: FieldKey, _ number: FixedDecimal, _ wire: Unit, to unit: Unit) {
    reading.rounded.append(Reading.WireNumber(field: count, number: number, unit: wire))
    append(key, converted(number, from: wire, to: unit), unit)
  }

  @inline(never)
  func converted(_ number: FixedDecimal, from wire: Unit, to unit: Unit) -> Field.Value {
    let published =
      unit == .kelvin && wire == .fahrenheit
      ? FixedDecimal.rounded(Int128(number.mantissa) * 5, over: 9, exponent: Int(number.exponent), decimals: 2)
      : number.converted(from: wire, to: unit)
    return published.map { .number($0) } ?? .absent(.outOfRange)
  }

  /// Changes the field of a record by the family, or to energy of cooling.
  @inline(__always)
  func rename(_ naming: inout MBusNaming, _ record: MBusRecord, _ context: MBusContext) {
    if rewritesKeys, naming.key.name != .code { family?.rewrite(&naming.key) }
    family?.rename(&naming, record, context)
    if booksCooling, naming.absence == nil { HeatAndCooling.rename(&naming, record) }
  }

  /// Makes room for more texts at once than the status, whose text all readings share.
  @_lifetime(self: copy self)
  mutating func makeRoomForText() { if reading.text.capacity < 64 { reading.text.reserveCapacity(128) } }

  /// A field named after the bytes of the record's DIB and VIB, which the reading keeps.
  @_lifetime(self: copy self)
  mutating func appendCode(_ value: Field.Value, _ index: Int, _ context: MBusContext, _ unit: Unit) {
    let record = context.records[index]
    makeRoomForText()
    let start = reading.text.count
    var hash: UInt64 = 0
    // Byte by byte: a slice of the bytes would count their owners up and down.
    for part in 0..<2 {
      for index in (part == 0 ? record.dib : record.vib).indices {
        reading.text.append(context.bytes[index])
        hash = hash &* 31 &+ UInt64(context.bytes[index])
      }
    }
    var key = FieldKey(.code)
    key.code = .mbus(ByteRange(from: start, to: reading.text.count), vib: UInt8(truncatingIfNeeded: record.vib.count))
    append(key, value, unit, salt: hash)
  }

  /// Adds a field. The first of a key has the ordinal 0, and its exact duplicates count on.
  @inline(__always) @_lifetime(self: copy self)
  mutating func append(_ key: FieldKey, _ value: Field.Value, _ unit: Unit, salt: UInt64 = 0) {
    let suffixes = UInt64(key.function.rawValue) &<< 8 | UInt64(key.phase.rawValue) &<< 12
    let numbers = UInt64(key.subunit) &<< 16 | UInt64(key.tariff) &<< 32
    let hash = (UInt64(key.name.rawValue) | suffixes | numbers) ^ salt &<< 8 &+ key.storage &* 0xFF51_AFD7_ED55_8CCD
    // The top byte of the product depends on every bit (Knuth's multiplicative hash).
    let slot = (hash &* 0x9E37_79B9_7F4A_7C15) &>> 56
    let bit: UInt64 = 1 &<< (slot & 63)
    let word = Int(truncatingIfNeeded: slot &>> 6)
    fields[count] = Field(key, value, unit)
    count &+= 1
    if seen[word] & bit != 0 { countDuplicates() }
    seen[word] |= bit
  }

  /// Gives the last field its ordinal.
  @inline(never) @_lifetime(self: copy self)
  private mutating func countDuplicates() {
    let key = fields[count - 1].key
    var before = 0
    for index in 0..<count - 1 where isDuplicate(fields[index].key, key) { before += 1 }
    fields[count - 1].key.ordinal = UInt8(clamping: before)
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
}

extension MBusRecord {
  /// Nothing but the quantity tells its name.
  @inline(__always)
  fileprivate var isPlain: Bool {
    modifiers.isEmpty && quadrant == 0 && phase == .none && function != .error && tariff <= UInt16.max
  }
}
