extension P1Readings {
  /// Data of the meter behind one channel, from its lines.
  private struct Channel {
    /// M-Bus device type (EN 13757-3); nil if the lines lack it.
    var deviceType: Int?
    var identification = ByteRange()
    var valve: P1Group?
  }

  /// The reading of a gas, water, heat or other meter behind the P1 meter; nil if the channel is not linked.
  ///
  /// The value of an unlinked channel is missing, or lacks a unit. The lines of a channel come in any order, so only all of
  /// them together tell the meaning of its value.
  func subMeter(_ number: UInt8, issues: inout [DecodeError]) -> Reading? {
    let lines = records.filter { $0.obis.a == 0 && $0.obis.b == number }
    let channel = channel(lines)
    var fields = ReadingFields(Reading(meter: MeterIdentity(medium: .other)))
    var isLinked = false
    for record in lines where record.obis.c == 24 && (record.obis.d == 2 || record.obis.d == 3) {
      guard let value = lastValue(record, of: channel, issues: &issues) else { continue }
      if !isLinked {
        isLinked = true
        fields.reading.time = value.time
        fields.reading.meter.medium = Self.medium(channel.deviceType, value.unit)
      }
      add(value, record, to: &fields)
    }
    guard isLinked else { return nil }
    if !channel.identification.isEmpty {
      fields.reading.meter.number = .text(fields.keep(text(channel.identification)))
    }
    addValve(channel, to: &fields, issues: &issues)
    for record in lines where !Self.isKnown(record.obis) { addCode(record, to: &fields) }
    return fields.reading
  }

  private func channel(_ lines: [P1Record]) -> Channel {
    var channel = Channel()
    for record in lines {
      let group = group(record)
      switch record.obis.cde {
      case 0x18_01_00:  // 24.1.0
        if let type = group.number, type.exponent == 0, (1...255).contains(type.mantissa) {
          channel.deviceType = Int(type.mantissa)
        }
      case 0x60_01_00, 0x60_01_01:  // 96.1.0, in Belgium 96.1.1
        if channel.identification.isEmpty { channel.identification = group.text }
      case 0x18_04_00: channel.valve = group  // 24.4.0
      default: break
      }
    }
    return channel
  }

  private static func isKnown(_ obis: Obis) -> Bool {
    switch (obis.c, obis.d) {
    case (24, 1), (24, 2), (24, 3), (24, 4), (96, 1), (96, 3): true
    default: false
    }
  }

  // MARK: Values

  /// The last value of a sub-meter, and its time.
  private struct LastValue {
    var time: MeterTime?
    /// The unit on the wire; `none` for units of a heat cost allocator.
    var unit: Unit
    var number: FixedDecimal
  }

  /// `(time)(value*unit)` or `(value*unit)`, and before version 4 `(time)(status)(minutes)(1)(code)(unit)(value)`.
  private func lastValue(_ record: P1Record, of channel: Channel, issues: inout [DecodeError]) -> LastValue? {
    let all = groups[record.groups]
    guard let first = all.first, var last = all.last, all.count > 1 || last.number != nil else { return nil }
    if record.obis.d == 3 {
      guard all.count >= 7 else { return nil }
      last.unit = all[all.endIndex - 2].text
    }
    if last.text.isEmpty { return nil }
    guard let number = last.number else {
      issues.append(DecodeError(.badNumber, at: Int(last.text.start)))
      return nil
    }
    if last.unit.isEmpty {
      guard channel.deviceType == 8, let time = first.time, time.year >= 2000 else { return nil }
      return LastValue(time: time, unit: .none, number: number)
    }
    guard let unit = Unit(p1: text(last.unit)) else {
      issues.append(DecodeError(.badUnit, at: Int(last.unit.start)))
      return nil
    }
    return LastValue(time: all.count > 1 ? time(first, issues: &issues) : nil, unit: unit, number: number)
  }

  private func add(_ value: LastValue, _ record: P1Record, to fields: inout ReadingFields) {
    let name: FieldName? =
      switch value.unit.dimension {
      case .volume: .volume
      case .energy: fields.reading.meter.medium == .electricity ? .energyImport : .energy
      case .power: .power
      case .none: .heatCostUnits
      default: nil
      }
    let key = name.map { FieldKey($0) } ?? FieldKey(.code, code: .obis(record.obis))
    let unit = value.unit.published
    if value.unit.shift(to: unit) == nil { fields.reading.willRound(value.number, from: value.unit) }
    let number = value.number.converted(from: value.unit, to: unit)
    fields.add(key, number.map { .number($0) } ?? .absent(.outOfRange), unit)
  }

  /// The medium by the M-Bus device type. Without it joules mean heat, and gas and water look alike.
  private static func medium(_ deviceType: Int?, _ unit: Unit) -> Medium {
    switch deviceType {
    case 2: .electricity
    case 3: .gas
    case 4, 12, 13: .heat
    case 6, 7, 21, 22, 23: .water
    case 8: .heatCostAllocator
    case 10, 11: .cooling
    case 40: .wasteWater
    default: unit == .gigajoule || unit == .megajoule ? .heat : .other
    }
  }

  // MARK: Valve

  /// 24.4.0. A valve that is ready to open is still closed.
  private func addValve(_ channel: Channel, to fields: inout ReadingFields, issues: inout [DecodeError]) {
    guard let group = channel.valve else { return }
    if group.text.isEmpty { return fields.add(FieldKey(.valve), .absent(.noData)) }
    guard let state = state(group) else {
      issues.append(DecodeError(.badNumber, at: Int(group.text.start)))
      return
    }
    fields.addState(state == 1 ? "open" : "closed", FieldKey(.valve))
  }
}
