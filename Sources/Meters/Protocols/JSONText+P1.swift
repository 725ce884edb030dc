internal import Base
internal import Decoders

/// `header` and `records` of a P1 telegram in the JSON of `decode`: values and units as the meter wrote them.
extension JSONText {
  /// Writes `header`: the identification and its parts, the version if the telegram names one, and the checksum as
  /// written, or `null`.
  mutating func p1Header(_ telegram: Telegram) {
    let identification = P1Identification(telegram.bytes.span)
    func string(_ range: ByteRange) -> String { String(decoding: telegram.bytes[range.indices], as: UTF8.self) }
    let trailer = telegram.bytes.suffix(8).split(separator: 0x21, omittingEmptySubsequences: false).last ?? []
    let checksum = trailer.prefix { Hexadecimal.digit($0) != nil }
    object {
      $0.member("identification", string(identification.line))
      $0.member("manufacturer", MeterIdentity.letters(identification.manufacturer))
      $0.member("model", identification.model.isEmpty ? nil : string(identification.model))
      if let version = (telegram.content as? P1Content)?.writtenVersion { $0.member("version", string(version)) }
      $0.member("checksum", checksum.isEmpty ? nil : String(decoding: checksum, as: UTF8.self))
    }
  }

  /// Writes `records`: one object a line, with `obis`, `value`, `unit`, and `time` if the line has one.
  ///
  /// `values` holds all groups of a line that has more than a time and a value.
  mutating func p1Records(_ telegram: Telegram) {
    guard let content = telegram.content as? P1Content else { return null() }
    let (records, groups) = content.lines
    array { json in
      for record in records {
        json.object { $0.p1Record(record, groups[record.groups], telegram.bytes) }
      }
    }
  }

  private mutating func p1Record(_ record: P1Record, _ groups: ArraySlice<P1Group>, _ bytes: [UInt8]) {
    guard let first = groups.first, let last = groups.last else { return }
    member("obis", record.obis.description)
    switch groups.count {
    case 1: p1Group(first, of: record.obis, bytes)
    case 2 where first.unit.isEmpty && (record.obis.isTimed || !last.unit.isEmpty && first.time != nil):
      p1Time(first, bytes)
      p1Group(last, of: record.obis, bytes)
    case 2 where last.unit.isEmpty && (record.obis.isTimed || last.time != nil):
      p1Time(last, bytes)
      p1Group(first, of: record.obis, bytes)
    default:
      if record.obis.c == 24, record.obis.d == 3, last.unit.isEmpty {
        p1LastValue(record.obis, groups, bytes)
      } else {
        p1Group(first, of: record.obis, bytes)
      }
      array("values") { json in
        for group in groups { json.object { $0.p1Group(group, of: record.obis, bytes) } }
      }
    }
  }

  /// A sub-meter before version 4: its time first, its value last, on a line of its own, and the unit before that.
  private mutating func p1LastValue(_ obis: Obis, _ groups: ArraySlice<P1Group>, _ bytes: [UInt8]) {
    p1Time(groups[groups.startIndex], bytes)
    guard groups.count >= P1Record.lastValueGroups else {
      member("value", nil as String?)
      return member("reason", Field.Absence.noData.name)
    }
    p1Value(groups[groups.endIndex - 1], of: obis, bytes)
    member("unit", p1String(groups[groups.endIndex - 2].text, bytes))
  }

  /// Writes `value`, and `unit` and `time` if the group has them.
  mutating func p1Group(_ group: P1Group, of obis: Obis, _ bytes: [UInt8]) {
    p1Value(group, of: obis, bytes)
    if !group.unit.isEmpty { member("unit", p1String(group.unit, bytes)) }
    if let time = group.time { member("time", time.description) }
  }

  /// Writes a number with its own decimals, or else the text. `text` has the meaning of hexadecimal characters.
  private mutating func p1Value(_ group: P1Group, of obis: Obis, _ bytes: [UInt8]) {
    if let number = group.number, !obis.isText { return member("value", number) }
    if group.text.isEmpty {
      member("value", nil as String?)
      return member("reason", Field.Absence.noData.name)
    }
    member("value", p1String(group.text, bytes))
    if obis.isHexadecimalText, let text = P1Text.decoded(bytes[group.text.indices].span) {
      member("text", String(decoding: text, as: UTF8.self))
    }
  }

  /// Writes `time`. For a clock that was never set it is `null`, and `time_text` has the characters.
  mutating func p1Time(_ group: P1Group, _ bytes: [UInt8]) {
    member("time", group.time?.description)
    if group.time == nil { member("time_text", p1String(group.text, bytes)) }
  }

  /// The text of a range without the line ends inside it.
  func p1String(_ range: ByteRange, _ bytes: [UInt8]) -> String {
    String(decoding: bytes[range.indices].lazy.filter { $0 != 0x0A && $0 != 0x0D }, as: UTF8.self)
  }
}
