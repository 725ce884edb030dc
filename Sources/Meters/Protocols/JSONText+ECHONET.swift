internal import Base
internal import Decoders

/// `header` and `records` of an ECHONET Lite frame in the JSON of `decode`.
extension JSONText {
  mutating func echonetHeader(_ telegram: Telegram) {
    guard let frame = (telegram.content as? ECHONETContent)?.frame else { return null() }
    object { json in
      json.member(
        "tid", Hexadecimal.text([UInt8(frame.transaction >> 8), UInt8(truncatingIfNeeded: frame.transaction)]))
      json.member("seoj", Hexadecimal.text(frame.source.bytes))
      json.member("deoj", Hexadecimal.text(frame.destination.bytes))
      json.member("esv", Hexadecimal.text([frame.service.rawValue]))
      json.member("service", frame.service.name)
    }
  }

  mutating func echonetRecords(_ telegram: Telegram) {
    guard let content = telegram.content as? ECHONETContent else { return null() }
    let bytes = telegram.bytes
    array { json in
      for record in content.records {
        json.object { json in
          json.member("epc", Hexadecimal.text([record.code]))
          json.member("name", record.name)
          json.member("edt", Hexadecimal.text(bytes[record.data.indices]))
          json.key("value")
          json.echonetValue(record, bytes)
          if record.unit != .none { json.member("unit", record.unit.symbol) }
          if let time = record.time { json.member("time", time?.description) }
          if let reason = record.absence { json.member("reason", reason.name) }
        }
      }
    }
  }

  mutating func echonetValue(_ record: ECHONETRecord, _ bytes: [UInt8]) {
    switch record.value {
    case .absent: null()
    case .number(let number): value(number)
    case .phases(let r, let t):
      object { json in
        json.amount("r", r)
        json.amount("t", t)
      }
    case .stamped(_, let energy): amount(energy)
    case .stampedEnergies(_, let energies): self.energies(energies)
    case .day(let day, let slots):
      object { json in
        json.member("day", day)
        json.array("slots") { json in for slot in slots { json.amount(slot) } }
      }
    case .history(_, let step, let slots):
      object { json in
        json.member("step_minutes", step)
        json.array("slots") { json in for slot in slots { json.energies(slot) } }
      }
    case .selection(_, let count): object { $0.member("count", count) }
    case .text(let text): value(text)
    case .codes(let codes): array { json in for code in codes { json.value(Hexadecimal.text([code])) } }
    case .objects(let objects): array { json in for object in objects { json.value(Hexadecimal.text(object.bytes)) } }
    case .identification(let maker, let number):
      object { json in
        json.member("manufacturer", Hexadecimal.text(bytes[maker.indices]))
        json.member("id", Hexadecimal.text(bytes[number.indices]))
      }
    case .bytes: value(Hexadecimal.text(bytes[record.data.indices]))
    }
  }

  private mutating func amount(_ name: String, _ amount: ECHONETRecord.Amount) {
    key(name)
    self.amount(amount)
  }

  private mutating func amount(_ amount: ECHONETRecord.Amount) {
    switch amount {
    case .number(let number): value(number)
    case .absent: null()
    }
  }

  private mutating func energies(_ energies: ECHONETRecord.Energies) {
    object { json in
      json.amount("normal", energies.normal)
      json.amount("reverse", energies.reverse)
    }
  }
}

extension ECHONETRecord {
  /// The time inside the data: nil if this property does not have one, and nil inside if the meter's clock is not set.
  fileprivate var time: MeterTime?? {
    switch value {
    case .stamped(let time, _), .stampedEnergies(let time, _), .history(let time, _, _), .selection(let time, _):
      .some(time)
    default: .none
    }
  }

  /// Why the value is missing: the first of several reasons.
  fileprivate var absence: Field.Absence? {
    func reason(_ amounts: Amount...) -> Field.Absence? {
      amounts.lazy.compactMap { if case .absent(let reason) = $0 { reason } else { nil } }.first
    }
    switch value {
    case .absent(let absence): return absence
    case .phases(let r, let t): return reason(r, t)
    case .stamped(_, let energy): return reason(energy)
    case .stampedEnergies(_, let energies): return reason(energies.normal, energies.reverse)
    default: return nil
    }
  }
}
