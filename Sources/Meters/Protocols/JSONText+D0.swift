internal import Base
internal import Decoders

/// `header` and `records` of a D0 readout in the JSON of `decode`: values and units as the meter wrote them.
extension JSONText {
  /// Writes `header`: the identification and its parts, and the check character in hexadecimal, or `null`.
  mutating func d0Header(_ telegram: Telegram) {
    let identification = D0Identification(telegram.bytes.span)
    func string(_ range: ByteRange) -> String { String(decoding: telegram.bytes[range.indices], as: UTF8.self) }
    object {
      $0.member("identification", string(identification.line))
      $0.member("manufacturer", MeterIdentity.letters(identification.manufacturer))
      $0.member("model", identification.model.isEmpty ? nil : string(identification.model))
      $0.member("checksum", telegram.protection == .none ? nil : Hexadecimal.text(telegram.bytes.suffix(1)))
    }
  }

  /// Writes `records`: one object a set, with `obis` as sent, `value`, `unit`, and `time` of a maximum.
  ///
  /// `values` holds all values of a set that has more.
  mutating func d0Records(_ telegram: Telegram) {
    guard let content = telegram.content as? D0Content else { return null() }
    let bytes = telegram.bytes
    array { json in
      for record in content.records {
        let groups = content.groups[record.groups]
        guard let first = groups.first, let last = groups.last else { continue }
        json.object {
          $0.member("obis", $0.p1String(record.address, bytes))
          $0.d0Group(first, of: record.obis, bytes)
          if groups.count == 2, last.time != nil || record.obis.isTimed { return $0.p1Time(last, bytes) }
          if groups.count == 1 { return }
          $0.array("values") { json in
            for group in groups { json.object { $0.d0Group(group, of: record.obis, bytes) } }
          }
        }
      }
    }
  }

  /// Writes `value`, and `unit` if there is one. Of a number with unknown digits the value is `null`.
  private mutating func d0Group(_ group: P1Group, of obis: Obis, _ bytes: [UInt8]) {
    if group.isUnknown(bytes.span) {
      member("value", nil as String?)
      member("reason", Field.Absence.invalidDigits.name)
      if !group.unit.isEmpty { member("unit", p1String(group.unit, bytes)) }
    } else {
      p1Group(group, of: obis, bytes)
    }
  }
}
