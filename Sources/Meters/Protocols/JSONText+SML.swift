internal import Base
internal import Decoders

/// `header` and `records` of an SML file in the JSON of `decode`: codes, and values in the units of the registers.
extension JSONText {
  /// Writes `header`; `sec_index` are the seconds that the meter has run, `time` is that of its clock.
  mutating func smlHeader(_ telegram: Telegram) {
    guard let content = telegram.content as? SMLContent else { return null() }
    object { json in
      json.member("server_id", content.serverID)
      json.member("manufacturer", content.manufacturer)
      json.member("list", content.listName)
      switch content.header.time {
      case .secondsIndex(let seconds): json.member("sec_index", seconds)
      case .clock(let time): json.member("time", time.description)
      case nil: break
      }
      if let signature = content.signature { json.member("signature", signature) }
    }
  }

  /// Writes `records`: one object an entry, with `obis` and `value`, and what else the entry has.
  mutating func smlRecords(_ telegram: Telegram) {
    guard let content = telegram.content as? SMLContent else { return null() }
    array { json in
      for record in content.records { json.object { $0.smlRecord(record, content) } }
    }
  }

  private mutating func smlRecord(_ record: SMLRecord, _ content: SMLContent) {
    member("obis", record.obis.description)
    key("value")
    smlValue(record, content)
    if let reason = record.absence { member("reason", reason.name) }
    if let unit = record.unit, unit != .none { member("unit", unit.symbol) }
    switch record.content {
    case .number(let raw): smlRaw(raw, record)
    case .large(let raw): smlRaw(raw, record)
    default: break
    }
    if record.isCorrected { member("corrected", true) }
    if let status = record.status { member("status", status) }
    switch record.time {
    case .secondsIndex(let seconds): member("sec_index", seconds)
    case .clock(let time): member("time", time.description)
    case nil: break
    }
    if let signature = content.signature(of: record) { member("signature", signature) }
  }

  /// Writes the value of a record; null if it is left out, is a list or does not fit.
  mutating func smlValue(_ record: SMLRecord, _ content: SMLContent) {
    switch record.content {
    case .number: if let number = record.number { value(number) } else { null() }
    case .flag(let flag): value(flag)
    case .octets(let range): value(content.text(range))
    case .large, .list, .absent: null()
    }
  }

  private mutating func smlRaw(_ raw: some FixedWidthInteger, _ record: SMLRecord) {
    member("raw", raw)
    member("scaler", record.scaler)
  }
}
