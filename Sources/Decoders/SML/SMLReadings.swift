/// Turns the records of one meter into readings: the meter's first, then those of meters of another medium behind it.
struct SMLReadings: ~Copyable, ~Escapable {
  /// Bytes of a number, a status and its word.
  private static let usualText = 32

  /// The file; places in the records refer to it.
  let bytes: Span<UInt8>
  private let header: SMLHeader
  let records: [SMLRecord]
  let status: SMLStatus?
  /// Whether the meter has sent a register of export, now or before.
  let knowsExport: Bool
  var issues: [DecodeError] = []
  private var fields = ReadingFields(Reading(meter: MeterIdentity(medium: .electricity)))
  /// A bit for each code that may already have a field.
  private var seen: UInt64 = 0

  @_lifetime(copy bytes)
  init(_ bytes: Span<UInt8>, _ header: SMLHeader, _ records: [SMLRecord], _ status: SMLStatus?, knowsExport: Bool) {
    self.bytes = bytes
    self.header = header
    self.records = records
    self.status = status
    self.knowsExport = knowsExport
  }

  @_lifetime(self: copy self)
  mutating func all() -> [Reading] {
    fields.reading.fields.reserveCapacity(records.count + 2)
    fields.reading.text.reserveCapacity(Self.usualText)
    let server = SMLServerID(bytes, header.serverID)
    let own = server.medium.flatMap { Obis($0, 0, 0, 0, 0).otherMedium }
    identify(server, own)
    fields.reading.time = header.time?.clock
    var others: [UInt16] = []
    for (index, record) in records.enumerated() where !isSecond(record, index) {
      if let medium = record.obis.otherMedium, medium != own {
        let place = UInt16(record.obis.a) << 8 | UInt16(record.obis.b)
        if !others.contains(place), quantity(record) != nil { others.append(place) }
      } else if own != nil, record.obis.otherMedium != nil {
        addOther(record)
      } else {
        add(record)
      }
    }
    addStatus()
    // Exchanged, because a copy would count references.
    var all = [Reading(meter: MeterIdentity(medium: .electricity))]
    swap(&all[0], &fields.reading)
    if !others.isEmpty { all += others.sorted().map { otherMeter($0) } }
    return all
  }

  // MARK: The meter

  @_lifetime(self: copy self)
  private mutating func identify(_ server: borrowing SMLServerID, _ medium: Medium?) {
    if let medium { fields.reading.meter.medium = medium }
    let letters = server.letters ?? SMLRecord.maker(records, bytes)
    if let letters {
      let start = Int(letters.start)
      if letters.count == 3, let code = MeterIdentity.manufacturer(bytes[start], bytes[start + 1], bytes[start + 2]) {
        fields.reading.meter.manufacturer = code
      } else {
        fields.reading.meter.maker = keep(letters)
      }
    }
    guard !header.serverID.isEmpty else { return }
    let place = fields.reading.text.count
    server.write(into: &fields.reading.text)
    fields.reading.meter.number = .text(ByteRange(from: place, to: fields.reading.text.count))
  }

  @_lifetime(self: copy self)
  private mutating func keep(_ range: ByteRange) -> ByteRange {
    let start = fields.reading.text.count
    for index in range.indices { fields.reading.text.append(bytes[index]) }
    return ByteRange(from: start, to: fields.reading.text.count)
  }

  /// The first of two records with the same code counts.
  @_lifetime(self: copy self)
  private mutating func isSecond(_ record: SMLRecord, _ index: Int) -> Bool {
    let obis = record.obis
    let hash = UInt64(obis.a) &* 3 &+ UInt64(obis.c) &+ UInt64(obis.d) &* 11 &+ UInt64(obis.e) &* 17 &+ UInt64(obis.f)
    let bit: UInt64 = 1 << (hash & 63)
    defer { seen |= bit }
    return seen & bit != 0 && records[..<index].contains { $0.obis == obis }
  }

  // MARK: Fields

  @_lifetime(self: copy self)
  private mutating func add(_ record: SMLRecord) {
    guard record.content != .absent, record.content != .list else { return }
    switch record.obis.a == 1 ? record.obis.cde : 0 {
    // Absolute power.
    case 0x0F_07_00 where record.obis.f == 255 && !has(0x10_07_00): return addAbsolutePower(record)
    // Hager and EMH eHZ361: signed power under an odd code.
    case 0x01_07_01 where record.obis.f == 255 && record.isSigned && !has(0x10_07_00) && !has(0x0F_07_00):
      return fields.add(FieldKey(.power), value(record, in: .watt), .watt)
    // The status word has fields of its own.
    case 0x60_05_00: return
    default: break
    }
    switch ObisMeaning.of(record.obis, isLithuanian: false) {
    case .quantity(let key, let unit):
      guard key.name == .power else { return fields.add(key, value(record, in: unit), unit) }
      fields.add(key, directed(value(record, in: unit), key.phase), unit)
    case .plain(let key): if let number = record.number { fields.add(key, .number(number)) }
    case .tariff: if let number = record.number { fields.add(FieldKey(.tariff), .number(number)) }
    case .text, .record: break
    default: addCode(record)
    }
  }

  private func has(_ cde: UInt32) -> Bool { records.contains { $0.obis.a == 1 && $0.obis.cde == cde } }

  /// The value in its published unit, or the reason for its absence.
  @_lifetime(self: copy self)
  private mutating func value(_ record: SMLRecord, in published: Unit) -> Field.Value {
    guard let number = record.number else { return .absent(record.absence ?? .notANumber) }
    guard let unit = record.unit, unit.dimension == published.dimension else {
      issues.append(DecodeError(.badUnit, at: Int(record.place.start), found: Int(record.unitCode)))
      return .absent(.dataError)
    }
    return number.converted(from: unit, to: published).map { .number($0) } ?? .absent(.outOfRange)
  }

  /// Some mME meters send the power without its sign, and tell the direction in the status word.
  private func directed(_ value: Field.Value, _ phase: FieldKey.Phase) -> Field.Value {
    guard case .number(let number) = value, number.mantissa > 0, let status, status.isOfBasicMeter,
      status.isExport(phase)
    else { return value }
    return .number(FixedDecimal(-number.mantissa, exponent: number.exponent))
  }

  /// 15.7.0 never has a sign: the direction is in the status word. Without one only a meter without export has a direction.
  @_lifetime(self: copy self)
  private mutating func addAbsolutePower(_ record: SMLRecord) {
    var value = value(record, in: .watt)
    if case .number(let number) = value, number.mantissa > 0 {
      if let status {
        if status.isExport(.none) { value = .number(FixedDecimal(-number.mantissa, exponent: number.exponent)) }
      } else if knowsExport {
        value = .absent(.directionUnknown)
      }
    }
    fields.add(FieldKey(.power), value, .watt)
  }

  /// Adds a number without a name under its code, in the published unit of its kind.
  @_lifetime(self: copy self)
  private mutating func addCode(_ record: SMLRecord) {
    guard let number = record.number else { return }
    let unit = record.unit ?? .none
    fields.add(FieldKey(code: record.obis), number: number, from: unit, to: unit.published)
  }

  @_lifetime(self: copy self)
  private mutating func addStatus() {
    guard let status else { return }
    if status.isOfBasicMeter {
      if status.isWell {
        fields.addState("ok", FieldKey(.status))
      } else {
        let start = fields.reading.text.count
        status.writeFaults(into: &fields.reading.text)
        fields.add(FieldKey(.status), .text(ByteRange(from: start, to: fields.reading.text.count)))
      }
    }
    let start = fields.reading.text.count
    status.write(into: &fields.reading.text)
    fields.add(FieldKey(.errorFlags), .text(ByteRange(from: start, to: fields.reading.text.count)))
  }

  // MARK: Meters of another medium

  /// What a record of another medium measures, and in which unit; nil for anything else.
  private func quantity(_ record: SMLRecord) -> (name: FieldName, unit: Unit)? {
    let obis = record.obis
    guard let medium = obis.otherMedium, obis.measuresOtherMedium, record.number != nil else { return nil }
    let unit = record.unit ?? .none
    return obis.name(of: medium, in: unit).map { ($0, unit) }
  }

  @_lifetime(self: copy self)
  private mutating func addOther(_ record: SMLRecord) {
    guard let number = record.number else { return }
    guard let quantity = quantity(record) else { return addCode(record) }
    let key = FieldKey(quantity.name, storage: record.obis.f == 255 ? 0 : UInt64(record.obis.f))
    fields.add(key, number: number, from: quantity.unit, to: quantity.unit.published)
  }

  /// The reading of the meter whose codes have this A and B.
  @_lifetime(self: copy self)
  private mutating func otherMeter(_ place: UInt16) -> Reading {
    let medium = Obis(UInt8(place >> 8), 0, 0, 0, 0).otherMedium ?? .other
    fields = ReadingFields(Reading(meter: MeterIdentity(medium: medium)))
    var numbered = (rank: UInt8(0), range: ByteRange())
    for (index, record) in records.enumerated() {
      guard UInt16(record.obis.a) << 8 | UInt16(record.obis.b) == place,
        !records[..<index].contains(where: { $0.obis == record.obis })
      else { continue }
      let rank = record.obis.numberRankOfOtherMedium
      if rank > numbered.rank, case .octets(let range) = record.content { numbered = (rank, range) }
      if rank == 0 {
        addOther(record)
        if let time = record.time?.clock, fields.reading.time == nil { fields.reading.time = time }
      }
    }
    if numbered.rank > 0 {
      let start = fields.reading.text.count
      let server = SMLServerID(bytes, numbered.range)
      server.write(into: &fields.reading.text)
      if let place = server.letters.map({ Int($0.start) }),
        let code = MeterIdentity.manufacturer(bytes[place], bytes[place + 1], bytes[place + 2])
      {
        fields.reading.meter.manufacturer = code
      }
      fields.reading.meter.number = .text(ByteRange(from: start, to: fields.reading.text.count))
      fields.reading.meter.numberRank = numbered.rank
    }
    return fields.reading
  }
}
