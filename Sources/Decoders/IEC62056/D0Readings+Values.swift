extension D0Readings {
  /// Adds the value of a set. A maximum of 0 whose time was never set has not been reached yet; a number with decimals in the
  /// second bracket is no time, but the value once more.
  func addValue(
    _ record: D0Record, _ key: FieldKey, _ unit: Unit, implied: WrittenUnit?, to fields: inout ReadingFields,
    issues: inout [DecodeError]
  ) {
    let group = groups[Int(record.firstGroup)]
    if record.groupCount == 2, let number = group.number, number.mantissa == 0 {
      let time = groups[Int(record.firstGroup) + 1]
      if time.unit.isEmpty, time.time == nil, time.number.map({ $0.exponent >= 0 }) ?? true {
        return fields.add(key, .absent(.noData), unit)
      }
    }
    addValue(group, key, unit, implied: implied, to: &fields, issues: &issues)
  }

  /// Adds a value in a unit of the same kind, or why there is none.
  @inline(__always)
  func addValue(
    _ group: P1Group, _ key: FieldKey, _ unit: Unit, implied: WrittenUnit?, to fields: inout ReadingFields,
    issues: inout [DecodeError]
  ) {
    if case .number(let number) = group.content, group.usualUnit == unit, unit != .none {
      return fields.add(key, .number(number), unit)
    }
    addRareValue(group, key, unit, implied: implied, to: &fields, issues: &issues)
  }

  @inline(never)
  private func addRareValue(
    _ group: P1Group, _ key: FieldKey, _ unit: Unit, implied: WrittenUnit?, to fields: inout ReadingFields,
    issues: inout [DecodeError]
  ) {
    guard case .number(let number) = group.content else {
      if let reason = absence(group, issues: &issues) { fields.add(key, .absent(reason), unit) }
      return
    }
    var wire = group.unit.isEmpty ? implied : self.unit(group)
    // A difference of degrees Celsius is one of kelvins.
    if unit == .kelvin, wire?.unit == .celsius { wire?.unit = .kelvin }
    guard let wire, wire.unit.dimension == unit.dimension else {
      return issues.append(DecodeError(.badUnit, at: Int(group.unit.start)))
    }
    fields.add(key, number: wire.base(number), from: wire.unit, to: unit)
  }

  /// A record without a name: a number under its code, in the published unit of its kind.
  func addCode(_ group: P1Group, _ code: Obis, to fields: inout ReadingFields, issues: inout [DecodeError]) {
    guard let number = group.number else { return }
    let key = FieldKey(code: code)
    if group.unit.isEmpty { return fields.add(key, .number(number)) }
    guard let wire = unit(group) else { return issues.append(DecodeError(.badUnit, at: Int(group.unit.start))) }
    fields.add(key, number: wire.base(number), from: wire.unit, to: wire.unit.published)
  }

  /// The unit of a value; nil for none and for an unknown one. Heat meters write `m` for minutes, and MWh in any case.
  func unit(_ group: P1Group) -> WrittenUnit? {
    let symbol = bytes.extracting(group.unit.indices)
    switch WrittenUnit.letters(symbol) {
    case 0x6D: return WrittenUnit(.minute)
    case 0x6D_77_68: return WrittenUnit(.megawattHour)
    default: return WrittenUnit(symbol)
    }
  }

  /// Why a bracket that should have a number has none; nil where it is an issue. Meters write `?` and `-` for digits that
  /// they do not know.
  func absence(_ group: P1Group, issues: inout [DecodeError]) -> Field.Absence? {
    if group.text.isEmpty { return .noData }
    if group.content == .longNumber { return .outOfRange }
    if group.isUnknown(bytes) { return .invalidDigits }
    issues.append(DecodeError(.badNumber, at: Int(group.text.start)))
    return nil
  }
}

extension P1Group {
  /// Whether a text is a number some of whose digits the meter does not know: `????`, `-----`, `0012?.3`.
  package func isUnknown(_ bytes: Span<UInt8>) -> Bool {
    guard content == .text, !text.isEmpty else { return false }
    var hasMark = false
    var hasDigit = false
    for index in text.indices {
      switch bytes[index] {
      case UInt8(ascii: "?"): hasMark = true
      case UInt8(ascii: "."), UInt8(ascii: ","), UInt8(ascii: "-"): break
      case let byte where byte.isDigit: hasDigit = true
      default: return false
      }
    }
    return hasMark || !hasDigit
  }
}
