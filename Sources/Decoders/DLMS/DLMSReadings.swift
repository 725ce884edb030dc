/// Turns the records of one telegram into readings, and finds scalers and units where the telegram does not give them.
struct DLMSReadings: ~Escapable {
  /// The application data that places in the records are in.
  private let bytes: Span<UInt8>
  private let header: DLMSHeader
  private let settings: DLMSDecoder.Configuration
  private(set) var records: [DLMSRecord]
  private(set) var issues: [DecodeError]
  private var fields = P1Fields(Reading(meter: MeterIdentity(medium: .electricity)))
  /// A bit for each code that may have a field already.
  private var seen: UInt64 = 0

  @_lifetime(copy bytes)
  init(
    _ bytes: Span<UInt8>, header: DLMSHeader, records: [DLMSRecord], issues: [DecodeError],
    settings: DLMSDecoder.Configuration
  ) {
    self.bytes = bytes
    self.header = header
    self.records = records
    self.issues = issues
    self.settings = settings
  }

  /// The meter's reading first, then those of the meters behind it, in order of channel.
  ///
  /// - Parameters:
  ///   - layoutMaker: whose layout the list has, nil for lists with codes.
  ///   - hasObjectList: the list began with attribute descriptors. Meters that do so and do not say who made them have the
  ///     habits of Landis+Gyr, which most of them are.
  @_lifetime(self: copy self)
  mutating func all(layoutMaker: DLMSMaker?, hasObjectList: Bool) -> [Reading] {
    let identity = identify()
    let maker =
      settings.maker ?? DLMSMaker(manufacturer: identity.manufacturer) ?? layoutMaker
      ?? (hasObjectList ? .landisGyr : nil)
    fields.reading.meter.manufacturer = identity.manufacturer != 0 ? identity.manufacturer : layoutMaker?.manufacturer ?? 0
    fields.reading.fields.reserveCapacity(records.count)
    fields.reading.time = clock()
    scale(DLMSScaling(settings.scalers, maker: maker, largestVoltage: largestVoltage()))
    for index in records.indices { add(records[index]) }
    keep(identity)
    return [fields.reading] + subMeters()
  }

  // MARK: Who and when

  /// The texts that tell who the meter is, by their places.
  private struct Identity {
    var rank = 0
    var number: DLMSRecord?
    var model: ByteRange?
    var manufacturer: UInt16 = 0
  }

  private func identify() -> Identity {
    var identity = Identity()
    identity.manufacturer = header.systemTitle?.manufacturer ?? 0
    for record in records {
      guard let obis = record.obis else { continue }
      let rank = Self.numberRank(obis)
      if rank > identity.rank, isNumber(record) {
        identity.rank = rank
        identity.number = record
      }
      guard case .text(let range) = record.content, !range.isEmpty else { continue }
      if Self.isModel(obis), !isZeros(range) { identity.model = range }
      if identity.manufacturer == 0 { identity.manufacturer = manufacturer(range, of: obis) }
    }
    return identity
  }

  /// Which of several identifications is the meter's number: that of the highest rank. 0 for other records.
  private static func numberRank(_ obis: Obis) -> Int {
    switch (obis.a, obis.cde) {
    case (0, 0x60_01_00): 6  // 96.1.0
    case (1, 0x00_00_05): 5  // 1-1:0.0.5, the GS1 number of Kamstrup
    case (0, 0x60_01_01): 4  // 96.1.1
    case (0, 0x2A_00_00): 3  // 42.0.0, the logical device name
    case (1, 0x00_00_00): 2  // 0.0.0
    case (1, 0x00_00_01): 1  // 0.0.1
    default: 0
    }
  }

  /// 96.1.7, of Kamstrup 1-1:96.1.1.
  private static func isModel(_ obis: Obis) -> Bool {
    obis.a == 0 && obis.cde == 0x60_01_07 || obis.a == 1 && obis.cde == 0x60_01_01
  }

  private func isNumber(_ record: DLMSRecord) -> Bool {
    switch record.content {
    case .text(let range), .bytes(let range): !range.isEmpty
    case .number: true
    default: false
    }
  }

  private func isZeros(_ range: ByteRange) -> Bool { range.indices.allSatisfy { bytes[$0] == 0x30 } }

  /// The maker's letters in the name of a list, in a logical device name, or behind the first digit of a number that
  /// follows DIN 43863-5.
  private func manufacturer(_ range: ByteRange, of obis: Obis) -> UInt16 {
    let text = bytes.extracting(range.indices)
    guard text.count >= 7 else { return 0 }
    switch (obis.a, obis.cde) {
    case (1, 0x00_02_81):  // 0.2.129
      switch text[0] {
      case 0x41: return DLMSMaker.aidon.manufacturer  // AIDON_V0001
      case 0x4B: return text[1] == 0x61 ? DLMSMaker.kamstrup.manufacturer : DLMSMaker.kaifa.manufacturer
      default: return 0
      }
    case (0, 0x2A_00_00): return MeterIdentity.manufacturer(text[0], text[1], text[2]) ?? 0
    case (0, 0x60_01_00) where (0x30...0x39).contains(text[0]):
      return MeterIdentity.manufacturer(text[1], text[2], text[3]) ?? 0
    default: return 0
    }
  }

  @_lifetime(self: copy self)
  private mutating func keep(_ identity: Identity) {
    if let model = identity.model { fields.reading.meter.model = .text(keep(model)) }
    switch identity.number?.content {
    case .text(let range): fields.reading.meter.number = .text(keep(range))
    case .bytes(let range):
      let digits = Hexadecimal.text(range.indices.map { bytes[$0] })
      fields.reading.meter.number = .text(fields.reading.keep(digits.utf8))
    case .number(let number):
      fields.reading.meter.number = .text(fields.reading.keep(number.description.utf8))
    default:
      guard let title = header.systemTitle else { return }
      fields.reading.meter.number = .text(fields.reading.keep(title.description.utf8))
    }
  }

  @_lifetime(self: copy self)
  private mutating func keep(_ range: ByteRange) -> ByteRange {
    let start = fields.reading.text.count
    for index in range.indices { fields.reading.text.append(bytes[index]) }
    return ByteRange(from: start, to: fields.reading.text.count)
  }

  /// The meter's clock if the list has it, else the time of the notification. Not that of a clock which the meter itself
  /// does not believe.
  private func clock() -> MeterTime? {
    for record in records where record.obis?.a == 0 && record.obis?.cde == 0x01_00_00 {
      switch record.content {
      case .time(let time): return corrected(time)
      case .doubtfulTime: return nil
      default: break
      }
    }
    return header.time.map { corrected($0) }
  }

  private func corrected(_ time: MeterTime) -> MeterTime {
    guard let offset = settings.utcOffset else { return time }
    var time = time
    time.offset = offset
    return time
  }

  // MARK: Scalers and units

  private func largestVoltage() -> UInt64 {
    var largest: UInt64 = 0
    for record in records where record.scalerSource == .none {
      guard let obis = record.obis, obis.a <= 1, obis.d == 7, case .number(let number) = record.content else { continue }
      if (obis.c &- 1) % 20 == 11, number.exponent == 0, number.mantissa > 0 {
        largest = max(largest, UInt64(number.mantissa))
      }
    }
    return largest
  }

  /// Scalers and units for records that came without.
  @_lifetime(self: copy self)
  private mutating func scale(_ scaling: DLMSScaling) {
    for index in records.indices where records[index].scalerSource != .telegram {
      guard let obis = records[index].obis, case .number(let number) = records[index].content else { continue }
      let meaning = Self.meaning(obis)
      guard let quantity = DLMSQuantity(meaning) else { continue }
      if case .quantity(_, let unit) = meaning {
        records[index].unitCode = DLMSUnit.code(unit.counted)
      } else {
        records[index].unitCode = DLMSUnit.code(quantity == .current ? .ampere : .none)
      }
      if let scaler = scaling.configured(quantity) {
        records[index].scaler = scaler
        records[index].scalerSource = .configured
      } else if records[index].scalerSource == .none,
        let scaler = scaling.assumed(quantity, number.exponent == 0 ? number.mantissa.magnitude : 0)
      {
        records[index].scaler = scaler
        records[index].scalerSource = .assumed
      }
    }
  }

  // MARK: Fields

  /// What a code means. Landis+Gyr ZMF100 write electricity with medium 0.
  static func meaning(_ obis: Obis) -> P1Meaning {
    var obis = obis
    if obis.a == 0, (1...99).contains(obis.c), (6...8).contains(obis.d) { obis.a = 1 }
    // Channels of a medium are places in the meter; those of medium 0 are what lies behind it.
    guard obis.a != 0 || obis.b <= 1 || obis.c == 1 else { return .unknown }
    return P1Meaning.of(obis, isLithuanian: false)
  }

  @_lifetime(self: copy self)
  private mutating func add(_ record: DLMSRecord) {
    guard let obis = record.obis, !isSecond(record), !Self.isSubMeter(obis) else { return }
    switch Self.meaning(obis) {
    case .quantity(let key, let unit): fields.add(key, value(record, in: unit, at: obis), unit)
    case .plain(let key):
      if let value = plain(record) { fields.add(key, value) }
    case .currentLimit(let phase):
      fields.add(FieldKey(.currentLimit, phase: phase), value(record, in: .ampere, at: obis), .ampere)
    case .powerLimit:
      guard record.unit?.dimension == .power else { return addCode(record, obis) }
      fields.add(FieldKey(.powerLimit), value(record, in: .watt, at: obis), .watt)
    case .tariff: addTariff(record)
    case .breaker: addBreaker(record)
    case .message: addText(record, FieldKey(.message))
    case .text:
      if case .text = record.content { addText(record, FieldKey(.code, code: .obis(obis))) } else { addCode(record, obis) }
    case .record: break
    case .unknown: addCode(record, obis)
    }
  }

  /// Of two values with one code the first counts.
  @_lifetime(self: copy self)
  private mutating func isSecond(_ record: DLMSRecord) -> Bool {
    guard let obis = record.obis else { return true }
    let hash = UInt64(obis.b) &* 5 &+ UInt64(obis.c) &+ UInt64(obis.d) &* 11 &+ UInt64(obis.e) &* 17
    let bit: UInt64 = 1 << (hash & 63)
    defer { seen |= bit }
    return seen & bit != 0 && records.first { $0.obis == obis } != record
  }

  /// The value in its published unit, or why there is none.
  @_lifetime(self: copy self)
  private mutating func value(_ record: DLMSRecord, in published: Unit, at obis: Obis) -> Field.Value {
    guard record.content.isNumeric else { return .absent(record.content.absence) }
    guard record.scalerSource != .none || record.unitCode == DLMSUnit.absent else { return .absent(.unknownScaler) }
    guard let number = record.number else { return .absent(.outOfRange) }
    guard let unit = record.unit, unit.dimension == published.dimension else {
      issues.append(DecodeError(.badUnit, at: 0, found: Int(record.unitCode)))
      return .absent(.dataError)
    }
    guard let value = number.converted(from: unit, to: published), isPlausible(value, published) else {
      return .absent(.outOfRange)
    }
    return .number(value)
  }

  private func plain(_ record: DLMSRecord) -> Field.Value? {
    guard record.content.isNumeric else { return .absent(record.content.absence) }
    guard record.scalerSource != .none || record.unitCode == DLMSUnit.absent else { return .absent(.unknownScaler) }
    guard (record.unit ?? Unit.none) == Unit.none, let number = record.number else { return .absent(.outOfRange) }
    if record.obis?.c ?? 0 < 81, (record.obis?.c ?? 0) % 20 == 13, !isWithin(number, 1) { return .absent(.outOfRange) }
    return .number(number)
  }

  /// Where nothing vouches for a text, a flipped bit of the cipher is a flipped bit of a value: what no house has is no
  /// value. Angles beyond a full turn are how meters say that there is none.
  private func isPlausible(_ value: FixedDecimal, _ unit: Unit) -> Bool {
    if unit == .degree { return isWithin(value, 360) }
    switch header.verification {
    case .plain, .verified: return true
    case .noTag, .unchecked: break
    }
    return switch unit {
    case .volt: value.mantissa >= 0 && isWithin(value, 1000)
    case .ampere: isWithin(value, 10_000)
    case .hertz: value.mantissa >= 0 && isWithin(value, 100)
    case .watt, .reactiveVar, .voltAmpere: isWithin(value, 10_000_000)
    case .kilowattHour, .kilovarHour, .kilovoltAmpereHour: isWithin(value, 1_000_000_000)
    default: true
    }
  }

  private func isWithin(_ value: FixedDecimal, _ limit: Int64) -> Bool {
    guard value.mantissa != .min, let rest = FixedDecimal(limit) - FixedDecimal(abs(value.mantissa), exponent: value.exponent)
    else { return false }
    return rest.mantissa >= 0
  }

  // MARK: Texts, states and codes

  @_lifetime(self: copy self)
  private mutating func addText(_ record: DLMSRecord, _ key: FieldKey) {
    guard case .text(let range) = record.content, !range.isEmpty else { return fields.add(key, .absent(.noData)) }
    let kept = keep(range)
    fields.add(key, .text(kept))
  }

  /// A number, or a text that ends in one: `2`, `T3`, `0002`.
  @_lifetime(self: copy self)
  private mutating func addTariff(_ record: DLMSRecord) {
    var tariff: Int64?
    switch record.content {
    case .number(let number): tariff = number.exponent == 0 ? number.mantissa : nil
    case .text(let range):
      let text = bytes.extracting(range.indices)
      var start = text.count
      while start > 0, (0x30...0x39).contains(text[start - 1]) { start -= 1 }
      if start < text.count, text.count - start <= 4 {
        tariff = (start..<text.count).reduce(0) { $0 * 10 + Int64(text[$1] - 0x30) }
      }
    default: break
    }
    guard let tariff, (0..<1000).contains(tariff) else { return fields.add(FieldKey(.tariff), .absent(.noData)) }
    fields.add(FieldKey(.tariff), .number(FixedDecimal(tariff)))
  }

  /// Output state (a flag) or control state of a disconnector (Blue Book 4.5.8).
  @_lifetime(self: copy self)
  private mutating func addBreaker(_ record: DLMSRecord) {
    let state: String? =
      switch record.content {
      case .flag(let isOn): isOn ? "connected" : "disconnected"
      case .number(FixedDecimal(0)): "disconnected"
      case .number(FixedDecimal(1)): "connected"
      case .number(FixedDecimal(2)): "ready"
      default: nil
      }
    guard let state else { return fields.add(FieldKey(.breaker), .absent(.noData)) }
    fields.add(FieldKey(.breaker), .text(fields.reading.keep(state.utf8)))
  }

  /// A number without a name, in the published unit of its kind, under its code.
  @_lifetime(self: copy self)
  private mutating func addCode(_ record: DLMSRecord, _ obis: Obis) {
    guard record.content.isNumeric, let number = record.number else { return }
    let storage: UInt64 = (1...126).contains(obis.f) ? UInt64(obis.f) : 0
    let key = FieldKey(.code, storage: storage, code: .obis(obis))
    let unit = record.unit ?? Unit.none
    let value = number.converted(from: unit, to: unit.published)
    fields.add(key, value.map { .number($0) } ?? .absent(.outOfRange), unit.published)
  }

  // MARK: Meters behind the meter

  /// 0-n:24.2.1, the last value of channel n.
  private static func isSubMeter(_ obis: Obis) -> Bool { obis.a == 0 && obis.b > 0 && obis.c == 24 && obis.d == 2 }

  /// A reading for each channel with a volume. Only gas is counted at standard conditions; nothing else tells one medium
  /// from another.
  private func subMeters() -> [Reading] {
    var readings: [Reading] = []
    for record in records {
      guard let obis = record.obis, Self.isSubMeter(obis), obis.e == 1, let number = record.number,
        let unit = record.unit, let value = number.converted(from: unit, to: .cubicMetre)
      else { continue }
      let medium: Medium = record.unitCode == DLMSUnit.correctedVolume ? .gas : .other
      readings.append(
        Reading(
          meter: MeterIdentity(medium: medium), time: fields.reading.time,
          fields: [Field(FieldKey(.volume), .number(value), .cubicMetre)]))
    }
    return readings
  }
}

extension DLMSRecord.Content {
  fileprivate var isNumeric: Bool {
    switch self {
    case .number, .bcd: true
    default: false
    }
  }

  /// Why there is no number.
  fileprivate var absence: Field.Absence {
    if case .absent(let reason) = self { reason } else { .notANumber }
  }
}
