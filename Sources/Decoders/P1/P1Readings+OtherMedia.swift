/// Meters of another medium that have no channel: A of their codes is the medium (IEC 62056-61, EN 13757-1).
extension P1Readings {
  /// Whether a code is one of such a meter. The first such code has all lines read: together they tell.
  @inline(never)
  mutating func isOfOtherMedium(_ obis: Obis, from first: Int, _ media: inout [UInt16]?) -> Bool {
    if media == nil {
      lines.readAll(bytes)
      media = otherMedia(from: first)
    }
    return media?.contains(UInt16(obis.a) << 8 | UInt16(obis.b)) == true
  }

  /// A and B of such meters, in one number each. Codes with another A that measure nothing of their medium are the meter's.
  private func otherMedia(from first: Int) -> [UInt16] {
    var found: [UInt16] = []
    for record in lines.records[first...] where record.obis.a > 1 {
      let place = UInt16(record.obis.a) << 8 | UInt16(record.obis.b)
      if !found.contains(place), quantity(record) != nil { found.append(place) }
    }
    if found.count > 1 { found.sort() }
    return found
  }

  /// The reading of a meter with this A and B.
  func subMeter(of a: UInt8, _ b: UInt8, issues: inout [DecodeError]) -> Reading {
    var fields = ReadingFields(Reading(meter: MeterIdentity(medium: Obis(a, b, 0, 0, 0).otherMedium ?? .other)))
    var number = (rank: UInt8(0), text: ByteRange())
    for record in lines.records where record.obis.a == a && record.obis.b == b {
      let group = group(record)
      let rank = record.obis.numberRankOfOtherMedium
      if rank > number.rank, !group.text.isEmpty { number = (rank, group.text) }
      if rank > 0 { continue }
      switch record.obis.cde {
      case 0x18_04_00, 0x60_03_0A: addValve(group, to: &fields, issues: &issues)  // 24.4.0, 96.3.10
      default:
        if let quantity = quantity(record) {
          add(quantity, record, to: &fields, issues: &issues)
        } else {
          addCode(record, to: &fields, issues: &issues)
        }
      }
    }
    if number.rank > 0 {
      fields.reading.meter.number = .text(fields.keep(text(number.text)))
      fields.reading.meter.numberRank = number.rank
    }
    return fields.reading
  }

  // MARK: Quantities

  private struct Quantity {
    var name: FieldName
    var wire: WrittenUnit
    var number: FixedDecimal
  }

  /// What a record measures, by its unit; nil where its medium has no such quantity.
  private func quantity(_ record: P1Record) -> Quantity? {
    let obis = record.obis
    let group = lines.groups[mainGroup(record)]
    guard let medium = obis.otherMedium, obis.measuresOtherMedium, let number = group.number
    else { return nil }
    let wire = group.unit.isEmpty ? Self.implied(number, obis, medium) : WrittenUnit(text(group.unit))
    guard let wire, let name = obis.name(of: medium, in: wire.unit) else { return nil }
    return Quantity(name: name, wire: wire, number: number)
  }

  /// The unit of a register that came without one. A whole number may be of any unit.
  private static func implied(_ number: FixedDecimal, _ obis: Obis, _ medium: Medium) -> WrittenUnit? {
    switch medium {
    case .heatCostAllocator where obis.c == 1: WrittenUnit(.none)
    case .gas where number.exponent < 0 && obis.c < 40 && obis.d < 4: WrittenUnit(.cubicMetre)
    case .water where number.exponent < 0 && obis.c == 1: WrittenUnit(.cubicMetre)
    default: nil
    }
  }

  private func add(
    _ quantity: Quantity, _ record: P1Record, to fields: inout ReadingFields, issues: inout [DecodeError]
  ) {
    let main = mainGroup(record)
    let key = FieldKey(quantity.name, storage: record.obis.f == 255 ? 0 : UInt64(record.obis.f))
    fields.add(
      key, number: quantity.wire.base(quantity.number), from: quantity.wire.unit, to: quantity.wire.unit.published)
    for index in record.groups where index != main {
      if !lines.groups[index].unit.isEmpty {
        addCode(lines.groups[index], record.obis, to: &fields, issues: &issues)
      } else if key.storage == 0, fields.reading.time == nil {
        fields.reading.time = lines.groups[index].number == nil ? time(lines.groups[index], issues: &issues) : nil
      }
    }
  }
}
