extension P1Readings {
  /// Data of the meter behind one channel, from its lines.
  private struct Channel {
    /// M-Bus device type (EN 13757-3); nil if the lines lack it.
    var deviceType: Int?
    var identification = ByteRange()
    /// That of 96.1.1, the number only where 96.1.0 has none.
    var secondIdentification = ByteRange()
    /// That of the identification; 2 for 96.1.0.
    var numberRank: UInt8 = 2
    var valve: P1Group?
  }

  /// The reading of a gas, water, heat or other meter behind the P1 meter; nil if the channel is not linked.
  ///
  /// The value of an unlinked channel is missing, or lacks a unit. The lines of a channel come in any order, so only all of
  /// them together tell the meaning of its value. They are among the records `places`.
  func subMeter(_ number: UInt8, in places: Range<Int>, issues: inout [DecodeError]) -> Reading? {
    let records = lines.records[places]
    let channel = channel(number, records)
    var fields = ReadingFields(Reading(meter: MeterIdentity(medium: .other)))
    fields.reading.fields.reserveCapacity(4)
    var isLinked = false
    for record in records where record.obis.isOfChannel(number) && record.obis.isLastValue {
      guard let value = lastValue(record, of: channel, issues: &issues) else { continue }
      if !isLinked {
        isLinked = true
        fields.reading.time = value.time
        fields.reading.meter.medium = Self.medium(channel.deviceType, value.unit)
      }
      add(value, record, to: &fields)
      for index in record.groups where index != value.index && !lines.groups[index].unit.isEmpty {
        addCode(lines.groups[index], record.obis, to: &fields, issues: &issues)
      }
    }
    guard isLinked else { return nil }
    if !channel.identification.isEmpty {
      fields.reading.meter.number = .text(fields.keep(text(channel.identification)))
      fields.reading.meter.numberRank = channel.numberRank
    }
    addValve(channel.valve, to: &fields, issues: &issues)
    for record in records where record.obis.isOfChannel(number) && !Self.isKnown(record.obis) {
      addCode(record, to: &fields, issues: &issues)
    }
    return fields.reading
  }

  /// Adds what a channel without a meter behind it measures all the same: it is the meter's own.
  func addUnlinked(_ number: UInt8, to main: inout ReadingFields, issues: inout [DecodeError]) {
    for record in lines.records where record.obis.isOfChannel(number) && !Self.isKnown(record.obis) {
      for index in record.groups where !lines.groups[index].unit.isEmpty {
        addCode(lines.groups[index], record.obis, to: &main, issues: &issues)
      }
    }
  }

  private func channel(_ number: UInt8, _ records: ArraySlice<P1Record>) -> Channel {
    var channel = Channel()
    for record in records where record.obis.isOfChannel(number) {
      let group = group(record)
      switch record.obis.cde {
      case 0x18_01_00:  // 24.1.0
        if let type = group.number, type.exponent == 0, (1...255).contains(type.mantissa) {
          channel.deviceType = Int(type.mantissa)
        }
      case 0x60_01_00: channel.identification = group.text  // 96.1.0
      case 0x60_01_01: channel.secondIdentification = group.text  // 96.1.1, in Belgium the only one
      case 0x18_04_00: channel.valve = group  // 24.4.0
      default: break
      }
    }
    if channel.identification.isEmpty {
      channel.identification = channel.secondIdentification
      channel.numberRank = 1
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
    /// The index of its group.
    var index: Int
  }

  /// `(value*unit)` with a time before or behind it, and before version 4 `(time)(status)(minutes)(1)(code)(unit)(value)`.
  private func lastValue(_ record: P1Record, of channel: Channel, issues: inout [DecodeError]) -> LastValue? {
    let all = record.groups
    var index = all.upperBound - 1
    while index > all.lowerBound, lines.groups[index].unit.isEmpty { index -= 1 }
    if lines.groups[index].unit.isEmpty { index = all.upperBound - 1 }
    var last = lines.groups[index]
    let other = lines.groups[index == all.lowerBound ? min(index + 1, all.upperBound - 1) : all.lowerBound]
    if last.text.isEmpty || all.count == 1 && P1Notation.isTime(text(last.text)) { return nil }
    if record.obis.d == 3, last.unit.isEmpty {
      guard all.count >= P1Record.lastValueGroups else { return nil }
      last.unit = lines.groups[all.upperBound - 2].text
    }
    guard let number = last.number else {
      issues.append(DecodeError(.badNumber, at: Int(last.text.start)))
      return nil
    }
    if last.unit.isEmpty {
      guard let time = other.time, time.isOfSetClock else { return nil }
      switch channel.deviceType {
      case 8: return LastValue(time: time, unit: .none, number: number, index: index)
      case 3, 6, 7:
        // The standards count gas and water in cubic metres.
        guard number.exponent < 0 else { return nil }
        return LastValue(time: time, unit: .cubicMetre, number: number, index: index)
      default: return nil
      }
    }
    guard let wire = WrittenUnit(text(last.unit)) else {
      issues.append(DecodeError(.badUnit, at: Int(last.unit.start)))
      return nil
    }
    return LastValue(
      time: all.count > 1 ? time(other, issues: &issues) : nil, unit: wire.unit, number: wire.base(number), index: index
    )
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
    fields.add(key, number: value.number, from: value.unit, to: value.unit.published)
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

  /// 24.4.0. A valve that is ready to be opened is still closed.
  func addValve(_ group: P1Group?, to fields: inout ReadingFields, issues: inout [DecodeError]) {
    guard let group else { return }
    if group.text.isEmpty { return fields.add(FieldKey(.valve), .absent(.noData)) }
    guard let state = state(group) else {
      issues.append(DecodeError(.badNumber, at: Int(group.text.start)))
      return
    }
    fields.addState(state == 1 ? "open" : "closed", FieldKey(.valve))
  }
}

/// The channels of a telegram.
struct P1Channels {
  /// A bit for each.
  private var present = [4 of UInt64](repeating: 0)
  private(set) var count = 0
  /// The records from the first to the last one of a channel.
  private(set) var lines = 0..<0

  mutating func insert(_ channel: UInt8, at line: Int) {
    lines = (lines.isEmpty ? line : lines.lowerBound)..<line &+ 1
    let bit: UInt64 = 1 &<< UInt64(channel & 63)
    if present[Int(channel >> 6)] & bit == 0 { count += 1 }
    present[Int(channel >> 6)] |= bit
  }

  /// Takes out the lowest one.
  mutating func popFirst() -> UInt8? {
    for index in present.indices where present[index] != 0 {
      let bit = present[index].trailingZeroBitCount
      present[index] &= present[index] &- 1
      return UInt8(index &* 64 &+ bit)
    }
    return nil
  }
}

extension Obis {
  func isOfChannel(_ number: UInt8) -> Bool { a == 0 && b == number }

  /// 24.2.x, and 24.3.x before version 4.
  var isLastValue: Bool { c == 24 && (d == 2 || d == 3) }
}
