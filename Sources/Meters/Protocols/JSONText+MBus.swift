internal import Base
internal import Decoders

/// `header` and `records` of an M-Bus telegram in the JSON of `decode`.
extension JSONText {
  mutating func mbusHeader(_ telegram: Telegram) {
    guard let header = telegram.mbusContent?.header else { return null() }
    object { $0.mbusHeaderMembers(header) }
  }

  /// The members of `header`; the access number of the link layer stands for one that the header does not have.
  mutating func mbusHeaderMembers(_ header: MBusHeader, accessNumber: UInt8? = nil) {
    member("manufacturer", header.hasMaker ? header.manufacturerLetters : nil)
    let digits = Hexadecimal.text([24, 16, 8, 0].map { UInt8(header.identification >> $0 & 255) })
    member("id", header.hasIdentification ? digits : nil)
    key("version")
    if header.hasMaker { value(header.version) } else { null() }
    member("medium", header.mediumName)
    let isShort = header.structure == .none
    key("access_no")
    if let number = isShort ? accessNumber : header.accessNumber { value(number) } else { null() }
    key("status")
    if isShort { null() } else { value(header.status) }
  }

  mutating func mbusRecords(_ telegram: Telegram) {
    guard let content = telegram.mbusContent else { return null() }
    array { json in
      let bytes = content.ordered(telegram.bytes)
      for record in content.records { json.mbusRecord(record, bytes) }
    }
  }

  private mutating func mbusRecord(_ record: MBusRecord, _ bytes: [UInt8]) {
    object { json in
      json.member("dib", Hexadecimal.text(bytes[record.dib.indices]))
      json.member("vib", Hexadecimal.text(bytes[record.vib.indices]))
      json.member("function", record.functionName)
      json.member("storage", record.storage)
      json.member("tariff", record.tariff)
      json.member("subunit", record.subunit)
      json.member("quantity", record.quantity.name)
      json.member("unit", record.unitText(bytes).map { MBusText.string(bytes, $0) } ?? record.recordUnit)
      json.key("value")
      json.mbusValue(record, bytes)
      if let reason = record.absence { json.member("reason", reason.name) }
    }
  }

  mutating func mbusValue(_ record: MBusRecord, _ bytes: [UInt8]) {
    switch record.value {
    case .number(let number) where record.isIdentifier: value(number.description)
    case .digits(let range): value(MBusText.digits(bytes, range))
    case .number(let number):
      if let number = record.inRecordUnit(number) { value(number) } else { null() }
    case .time(var time):
      // A time without seconds means the full minute.
      if time.precision == .minute { time.precision = .second }
      value(time.description)
    case .timeOfDay(let hour, let minute, let second):
      value([hour, minute, second].map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(separator: ":"))
    case .text(let range): value(MBusText.string(bytes, range))
    case .bytes(let range): value(Hexadecimal.text(bytes[range.indices]))
    case .absent: null()
    }
  }
}

extension MBusRecord {
  var functionName: String {
    switch kind {
    case .manufacturerSpecific: "manufacturer_specific"
    case .moreRecordsFollow: "more_records_follow"
    case .data:
      switch function {
      case .instantaneous: "instantaneous"
      case .maximum: "maximum"
      case .minimum: "minimum"
      case .error: "error"
      }
    }
  }

  /// The unit in the JSON. Durations are in seconds or months, except for the days of a battery. Cubic metres are
  /// written without a superscript.
  var recordUnit: String {
    switch unit {
    case .minute, .hour: Unit.second.symbol
    case .day: quantity == .batteryRemaining ? "day" : Unit.second.symbol
    case .year: Unit.month.symbol
    case .cubicMetre: "m3"
    case .cubicMetrePerHour: "m3/h"
    case .cubicMetrePerMinute: "m3/min"
    case .cubicMetrePerSecond: "m3/s"
    case .cubicFoot: "ft3"
    default: unit.symbol
    }
  }

  /// Why the value is `null`.
  fileprivate var absence: Field.Absence? {
    switch value {
    case .absent(let reason): reason
    case .number(let number): inRecordUnit(number) == nil ? .outOfRange : nil
    default: nil
    }
  }

  /// The number in `recordUnit`; nil if it does not fit into 64 bits.
  fileprivate func inRecordUnit(_ number: FixedDecimal) -> FixedDecimal? {
    let factor: Int64 =
      switch unit {
      case .minute: 60
      case .hour: 3600
      case .day where quantity != .batteryRemaining: 86400
      case .year: 12
      default: 1
      }
    let (product, overflow) = number.mantissa.multipliedReportingOverflow(by: factor)
    return overflow ? nil : FixedDecimal(product, exponent: number.exponent)
  }
}
