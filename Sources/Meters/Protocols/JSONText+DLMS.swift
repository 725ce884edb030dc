internal import Base
internal import Decoders

/// `header` and `records` of a DLMS telegram in the JSON of `decode`: codes, scaled values, and numbers on the wire.
extension JSONText {
  /// Writes `header`. A telegram that is not enciphered has `null` for the parts of a cipher.
  mutating func dlmsHeader(_ telegram: Telegram) {
    guard let header = (telegram.content as? DLMSContent)?.header else { return null() }
    object { json in
      json.member("system_title", header.systemTitle?.hexadecimal)
      json.member("frame_counter", header.frameCounter)
      json.member("security", header.security.map { Hexadecimal.text([$0.byte]) })
      json.member("verification", header.verification.name)
      json.member("invoke_id", header.invokeID)
      json.member("time", header.time?.description)
    }
  }

  /// Writes `records`: one object a value, with `obis`, `value`, `unit`, `raw`, `scaler`, and `time` for a time.
  mutating func dlmsRecords(_ telegram: Telegram) {
    guard let content = telegram.content as? DLMSContent else { return null() }
    array { json in
      for record in content.records { json.object { $0.dlmsRecord(record, content.data) } }
    }
  }

  private mutating func dlmsRecord(_ record: DLMSRecord, _ data: [UInt8]) {
    member("obis", record.obis?.description)
    switch record.content {
    case .number, .bcd: dlmsNumber(record)
    case .flag(let flag): dlmsBoth { $0.value(flag) }
    case .text(let range): dlmsBoth { $0.value(String(decoding: data[range.indices], as: UTF8.self)) }
    case .bytes(let range), .bits(let range): dlmsBoth { $0.value(Hexadecimal.text(data[range.indices])) }
    case .time(let time), .doubtfulTime(let time):
      member("value", time.description)
      if record.isDoubtful { member("reason", Field.Absence.invalidTime.name) }
      member("time", time.description)
    case .absent(let reason):
      member("value", nil as String?)
      member("reason", reason.name)
    }
  }

  private mutating func dlmsNumber(_ record: DLMSRecord) {
    key("value")
    let isKnown = record.scalerSource != .none || record.unit == nil
    if isKnown, let number = record.number { value(number) } else { null() }
    if !isKnown { member("reason", Field.Absence.unknownScaler.name) }
    if let unit = record.unit, unit != .none { member("unit", unit.symbol) }
    key("raw")
    if case .number(let raw) = record.content { value(raw) }
    if case .bcd(let byte) = record.content { value(byte) }
    if let source = record.scalerSource.name {
      member("scaler", record.scaler)
      member("scaler_source", source)
    }
  }

  /// Writes the same content as `value` and as `raw`.
  private mutating func dlmsBoth(_ write: (inout JSONText) -> Void) {
    key("value")
    write(&self)
    key("raw")
    write(&self)
  }

  private mutating func member(_ name: String, _ number: (some FixedWidthInteger)?) {
    key(name)
    if let number { value(number) } else { null() }
  }
}

extension DLMSRecord {
  fileprivate var isDoubtful: Bool { if case .doubtfulTime = content { true } else { false } }
}
