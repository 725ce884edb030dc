extension DLMSReadings {
  /// The meaning of a code. Landis+Gyr ZMF100 write electricity with medium 0.
  static func meaning(_ obis: Obis) -> ObisMeaning {
    var obis = obis
    if obis.a == 0, (1...80).contains(obis.c), (6...8).contains(obis.d) { obis.a = 1 }
    // Channels of electricity are inside the meter. Those of medium 0 are other meters, except for Kamstrup's clock.
    guard obis.a != 0 || obis.b == 0 || obis.c == 1 else { return .unknown }
    return ObisMeaning.of(obis, isLithuanian: false)
  }

  /// Adds the field of a record.
  @_lifetime(self: copy self)
  mutating func add(_ record: DLMSRecord) {
    guard let obis = record.obis, !isSecond(record), Self.volume(record) == nil else { return }
    switch Self.meaning(obis) {
    case .quantity(let key, let unit): fields.add(key, value(record, in: unit), unit)
    case .plain(let key):
      if let value = plain(record) { fields.add(key, value) }
    case .currentLimit(let phase):
      fields.add(FieldKey(.currentLimit, phase: phase), value(record, in: .ampere), .ampere)
    case .powerLimit:
      guard record.unit?.dimension == .power else { return addCode(record, obis) }
      fields.add(FieldKey(.powerLimit), value(record, in: .watt), .watt)
    case .tariff: addTariff(record)
    case .breaker: addBreaker(record)
    case .message:
      if case .bytes(let range) = record.content, isFilledWithZeros(range) {
        return fields.add(FieldKey(.message), .absent(.noData))
      }
      addText(record, FieldKey(.message))
    case .text:
      switch record.content {
      case .text, .bytes, .bits: addText(record, FieldKey(.code, code: .obis(obis)))
      default: addCode(record, obis)
      }
    case .record: break
    case .unknown: addCode(record, obis)
    }
  }

  /// The first of two values with the same code counts.
  @_lifetime(self: copy self)
  private mutating func isSecond(_ record: DLMSRecord) -> Bool {
    guard let obis = record.obis else { return true }
    // The top byte of the product depends on every bit (Knuth's multiplicative hash).
    let slot = ((UInt32(obis.b) &<< 24 | obis.cde) &* 0x9E37_79B1) &>> 24
    let bit: UInt64 = 1 &<< UInt64(slot & 63)
    let word = Int(slot &>> 6)
    defer { seen[word] |= bit }
    return seen[word] & bit != 0 && records.first { $0.obis == obis } != record
  }

  /// The value in its published unit, or the reason for its absence.
  @_lifetime(self: copy self)
  mutating func value(_ record: DLMSRecord, in published: Unit) -> Field.Value {
    guard record.content.isNumeric else { return .absent(record.content.absence) }
    guard record.scalerSource != .none || record.unitCode == COSEMUnit.absent else { return .absent(.unknownScaler) }
    guard let number = record.number else { return .absent(.outOfRange) }
    guard let unit = record.unit, unit.dimension == published.dimension else {
      issues.append(DecodeError(.badUnit, at: 0, found: Int(record.unitCode)))
      return .absent(.dataError)
    }
    guard let value = number.converted(from: unit, to: published),
      Self.isPlausible(value, published, header.verification)
    else {
      return .absent(.outOfRange)
    }
    return .number(value)
  }

  func plain(_ record: DLMSRecord) -> Field.Value? {
    if let number = shortNumber(record) { return .number(FixedDecimal(number)) }
    guard record.content.isNumeric else { return .absent(record.content.absence) }
    guard record.scalerSource != .none || record.unitCode == COSEMUnit.absent else { return .absent(.unknownScaler) }
    guard (record.unit ?? Unit.none) == Unit.none, let number = record.number else { return .absent(.outOfRange) }
    if record.obis?.c ?? 0 < 81, (record.obis?.c ?? 0) % 20 == 13, !Self.isWithin(number, 1) {
      return .absent(.outOfRange)
    }
    return .number(number)
  }

  /// Without a tag a flipped bit of the cipher is a flipped bit of a value. So values that a house cannot have are absent.
  /// Meters send angles beyond a full turn if they lack the value. It is static, because the readings would be copied for it.
  private static func isPlausible(_ value: FixedDecimal, _ unit: Unit, _ verification: DLMSVerification) -> Bool {
    if unit == .degree { return isWithin(value, 360) }
    switch verification {
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

  private static func isWithin(_ value: FixedDecimal, _ limit: Int64) -> Bool {
    guard value.mantissa != .min else { return false }
    // With few decimals the digits alone tell it mostly.
    if (-6...0).contains(value.exponent), abs(value.mantissa) <= limit { return true }
    let size = FixedDecimal(abs(value.mantissa), exponent: value.exponent)
    return (FixedDecimal(limit) - size).map { $0.mantissa >= 0 } ?? false
  }

  // MARK: Texts, states and codes

  @_lifetime(self: copy self)
  private mutating func addText(_ record: DLMSRecord, _ key: FieldKey) {
    guard let kept = keepOctets(record) else { return fields.add(key, .absent(.noData)) }
    fields.add(key, .text(kept))
  }

  /// Keeps what an octet string says: its text, else the number in one or two octets, else its digits in hexadecimal.
  /// Nil for other values and an empty string.
  @_lifetime(self: copy self)
  mutating func keepOctets(_ record: DLMSRecord) -> ByteRange? {
    if let number = shortNumber(record) { return fields.reading.keep(number.description.utf8) }
    switch record.content {
    case .text(let range): return range.isEmpty ? nil : keep(range)
    case .bytes(let range), .bits(let range):
      return fields.reading.keep(Hexadecimal.text(range.indices.map { bytes[$0] }).utf8)
    default: return nil
    }
  }

  /// The number in one or two octets that are no text.
  private func shortNumber(_ record: DLMSRecord) -> Int64? {
    guard case .bytes(let range) = record.content, (1...2).contains(range.count) else { return nil }
    return range.indices.reduce(0) { $0 << 8 | Int64(bytes[$1]) }
  }

  /// Whether no byte says anything.
  func isFilledWithZeros(_ range: ByteRange) -> Bool { range.indices.allSatisfy { bytes[$0] == 0 } }

  /// A number, also in octets, or a text that ends in one: `2`, `T3`, `0002`. Another text or string stays as it is.
  @_lifetime(self: copy self)
  private mutating func addTariff(_ record: DLMSRecord) {
    var tariff: Int64?
    switch record.content {
    case .number(let number): tariff = number.exponent == 0 ? number.mantissa : nil
    case .text(let range):
      let text = bytes.extracting(range.indices)
      var start = text.count
      while start > 0, text[start - 1].isDigit { start -= 1 }
      if start < text.count, text.count - start <= 18 {
        tariff = (start..<text.count).reduce(0) { $0 * 10 + Int64(text[$1].digitValue) }
      }
    default: tariff = shortNumber(record)
    }
    guard let tariff, (0..<1000).contains(tariff) else { return addText(record, FieldKey(.tariff)) }
    fields.add(FieldKey(.tariff), .number(FixedDecimal(tariff)))
  }

  /// Output state (a flag) or control state of a disconnector (Blue Book 4.5.8).
  @_lifetime(self: copy self)
  private mutating func addBreaker(_ record: DLMSRecord) {
    var content = record.content
    if let number = shortNumber(record) { content = .number(FixedDecimal(number)) }
    let state: String? =
      switch content {
      case .flag(let isOn): isOn ? "connected" : "disconnected"
      case .number(FixedDecimal(0)): "disconnected"
      case .number(FixedDecimal(1)): "connected"
      case .number(FixedDecimal(2)): "ready"
      default: nil
      }
    guard let state else { return addText(record, FieldKey(.breaker)) }
    fields.add(FieldKey(.breaker), .text(fields.reading.keep(state.utf8)))
  }

  /// Adds a number without a name under its code, in the published unit of its kind.
  @_lifetime(self: copy self)
  private mutating func addCode(_ record: DLMSRecord, _ obis: Obis) {
    guard let value = codeValue(record) else { return }
    let storage: UInt64 = (1...126).contains(obis.f) ? UInt64(obis.f) : 0
    let key = FieldKey(.code, storage: storage, code: .obis(obis))
    fields.add(key, value, (record.unit ?? Unit.none).published)
  }

  /// A number without a name in the published unit of its kind; nil for other values.
  func codeValue(_ record: DLMSRecord) -> Field.Value? {
    guard record.content.isNumeric, let number = record.number else { return nil }
    let unit = record.unit ?? Unit.none
    return number.converted(from: unit, to: unit.published).map { .number($0) } ?? .absent(.outOfRange)
  }
}

extension DLMSRecord.Content {
  fileprivate var isNumeric: Bool {
    switch self {
    case .number, .bcd: true
    default: false
    }
  }

  /// Why the number is absent.
  fileprivate var absence: Field.Absence {
    if case .absent(let reason) = self { reason } else { .notANumber }
  }
}
