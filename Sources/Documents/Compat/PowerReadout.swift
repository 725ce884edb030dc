internal import Base
internal import Decoders
internal import Meters

/// The JSON of `power-readout`: the texts of a P1 telegram as they stand on the wire, under 38 keys.
///
/// Source: src/PowerReadOut/DataRecord.cs and RecordUnit.cs of nvanlaerebeke/power-readout. Powers are in W with the decimals
/// of the wire, values are strings, what the telegram does not have is `null`. Unlike there, energies have the unit
/// KilowattHour, the third phase is filled, and the gas meter is found on any channel and by its older code too.
struct PowerReadout {
  static func answer(for meter: StoredMeter) -> CompatAnswer {
    guard meter.device.protocolName == "p1" else { return .unsuitable("this document is made of P1 telegrams only") }
    guard meter.received != nil, let telegram = meter.lastDecoded else { return .nothingYet }
    guard meter.isOnline else { return .unavailable("the meter is offline: its last telegram is too old") }
    guard let readout = PowerReadout(telegram) else { return .nothingYet }
    return .document(readout.document, contentType: "application/json; charset=utf-8")
  }

  private let bytes: [UInt8]
  private let records: [P1Record]
  private let groups: [P1Group]
  /// The channel of the gas meter, which states type 3.
  private let gasChannel: UInt8?

  /// Nil for a telegram of another protocol.
  private init?(_ telegram: Telegram) {
    guard let content = telegram.content as? P1Content else { return nil }
    bytes = telegram.bytes
    (records, groups) = content.lines
    gasChannel =
      records.first { [groups] record in
        record.obis.isDeviceType && groups[record.firstGroup].number?.isEqual(to: FixedDecimal(3)) == true
      }?.obis.b
  }

  // MARK: Keys

  private var document: [UInt8] {
    var json = JSONText()
    json.object { json in
      member("device_name", .string, identification(1..<4), &json)
      member("device_id", .string, identification(6..<bytes.count), &json)
      member("device_type", .string, gas(24, 1, 0), &json)
      member("protocol_version", .string, text(Obis(1, 3, 0, 2, 8)) ?? text(Obis(0, 0, 96, 1, 4)), &json)
      member("power_breaker_state", .boolean, text(Obis(0, 0, 96, 3, 10)), &json)
      member("power_device_serial_number", .string, text(Obis(0, 0, 96, 1, 1)), &json)
      for (name, code) in [("usage", 21), ("generated", 22)] as [(String, UInt8)] {
        for phase in 0..<3 as Range<UInt8> {
          member("l\(phase + 1)_power_\(name)", .watt, watts(Obis(1, 0, code + 20 * phase, 7, 0)), &json)
        }
      }
      for (name, unit, code) in [("amperage", .ampere, 31), ("voltage", .volt, 32)] as [(String, Kind, UInt8)] {
        for phase in 0..<3 as Range<UInt8> {
          member("l\(phase + 1)_\(name)", unit, number(Obis(1, 0, code + 20 * phase, 7, 0)), &json)
        }
      }
      member("current_tariff", .integer, text(Obis(0, 0, 96, 14, 0)), &json)
      for (name, code) in [("generated", 2), ("used", 1)] as [(String, UInt8)] {
        for tariff in 1...2 as ClosedRange<UInt8> {
          member("power_\(name)_tariff_\(tariff)", .kilowattHour, number(Obis(1, 0, code, 8, tariff)), &json)
        }
      }
      member("total_power_used", .watt, watts(Obis(1, 0, 1, 7, 0)), &json)
      member("total_power_generated", .watt, watts(Obis(1, 0, 2, 7, 0)), &json)
      member("max_phase_power", .kilowatt, number(Obis(0, 0, 17, 0, 0)), &json)
      member("l1_fuse_threshold", .ampere, number(Obis(1, 0, 31, 4, 0)), &json)
      member("power_failure_count", .integer, text(Obis(0, 0, 96, 7, 21)), &json)
      member("power_failure_log", .string, text(Obis(1, 0, 99, 97, 0)), &json)
      member("long_power_failure_count", .integer, text(Obis(0, 0, 96, 7, 9)), &json)
      gasMembers(&json)
      member("devices_on_bus", .integer, text(Obis(0, 1, 24, 1, 0)), &json)
      member("timestamp", .timestamp, text(Obis(0, 0, 1, 0, 0)), &json)
      member("text_message", .string, text(Obis(0, 0, 96, 13, 0)), &json)
    }
    return json.bytes
  }

  private func gasMembers(_ json: inout JSONText) {
    let reading = gasChannel.flatMap { record(Obis(0, $0, 24, 2, 3)) ?? record(Obis(0, $0, 24, 2, 1)) }
    member("gas_device_id", .string, gas(96, 1, 0), &json)
    member("gas_device_serial_number", .string, gas(96, 1, 1), &json)
    member("gas_breaker_state", .boolean, gas(24, 4, 0), &json)
    member("gas_used", .cubicMeter, reading.flatMap { groups[$0.groups].last }.map { text($0.text) }, &json)
    let time = reading.flatMap { $0.groupCount > 1 ? groups[$0.firstGroup] : nil }
    member("gas_usage_timestamp", .timestamp, time.map { text($0.text) }, &json)
  }

  // MARK: Values

  /// Its units, by the words of the document.
  private enum Kind: String {
    case ampere = "Ampere"
    case boolean = "Boolean"
    case integer = "Integer"
    case kilowatt = "Kilowatt"
    case kilowattHour = "KilowattHour"
    case cubicMeter = "CubicMeter"
    case string = "String"
    case timestamp = "Timestamp"
    case volt = "Volt"
    case watt = "Watt"
  }

  private func member(_ name: String, _ kind: Kind, _ value: String?, _ json: inout JSONText) {
    json.key(name)
    guard let value else { return json.null() }
    json.object { json in
      json.member("unit", kind.rawValue)
      json.member("value", value)
    }
  }

  private func record(_ obis: Obis) -> P1Record? { records.first { $0.obis == obis } }

  /// Everything between the first bracket of a line and its last.
  private func text(_ obis: Obis) -> String? {
    guard let record = record(obis), let last = groups[record.groups].last else { return nil }
    let end = last.unit.isEmpty ? last.text : last.unit
    let start = groups[record.firstGroup].text.indices.lowerBound
    return String(decoding: bytes[start..<end.indices.upperBound], as: UTF8.self)
  }

  /// The digits in front of the unit.
  private func number(_ obis: Obis) -> String? {
    record(obis).map { groups[$0.firstGroup] }.flatMap { $0.number == nil ? nil : text($0.text) }
  }

  /// kW as W, with the decimals of the wire: 00.234 becomes 234.000.
  private func watts(_ obis: Obis) -> String? {
    guard let number = record(obis).flatMap({ groups[$0.firstGroup].number }),
      let watts = number.multiplied(by: FixedDecimal(1000))
    else { return nil }
    return watts.description
  }

  private func gas(_ c: UInt8, _ d: UInt8, _ e: UInt8) -> String? { gasChannel.flatMap { text(Obis(0, $0, c, d, e)) } }

  private func text(_ range: ByteRange) -> String { String(decoding: bytes[range.indices], as: UTF8.self) }

  /// A part of the first line, `/ISK5\2M550T-1013`.
  private func identification(_ range: Range<Int>) -> String? {
    let line = bytes.prefix { $0 != 0x0D && $0 != 0x0A }
    let part = line.dropFirst(range.lowerBound).prefix(range.count)
    return part.isEmpty ? nil : String(decoding: part, as: UTF8.self)
  }
}

extension Obis {
  /// `0-n:24.1.0`.
  fileprivate var isDeviceType: Bool { (a, c, d, e) == (0, 24, 1, 0) }
}

extension [P1Group] {
  fileprivate subscript(_ index: UInt16) -> P1Group { self[Int(index)] }
}
