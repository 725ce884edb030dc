internal import Base
internal import Decoders
internal import Meters

/// The JSON of MBusPico, for Loxone: HTTP and UDP alike.
///
/// Source: raven-worx/MBusPico, `python/dist/mbus/meterdata.py`, and its README. Loxone finds each value by its key with one
/// blank behind the colon, so spelling, order and blanks matter. Keys whose value the meter does not have are left out: its
/// program wrote 0 for them.
package enum MBusPicoDocument {
  /// A key with its number, in the order of the document. `make docs` makes the templates in `deploy/loxone` from them too.
  struct Number {
    let key: String
    let level: String
    let unit: Unit
  }

  static let numbers = [
    Number(key: "activePowerPlus", level: "power_import", unit: .watt),
    Number(key: "activePowerMinus", level: "power_export", unit: .watt),
    Number(key: "activeEnergyPlus", level: "energy_import", unit: .wattHour),
    Number(key: "activeEnergyMinus", level: "energy_export", unit: .wattHour),
    Number(key: "voltageL1", level: "voltage_l1", unit: .volt),
    Number(key: "voltageL2", level: "voltage_l2", unit: .volt),
    Number(key: "voltageL3", level: "voltage_l3", unit: .volt),
    Number(key: "currentL1", level: "current_l1", unit: .ampere),
    Number(key: "currentL2", level: "current_l2", unit: .ampere),
    Number(key: "currentL3", level: "current_l3", unit: .ampere),
    Number(key: "powerFactor", level: "power_factor", unit: .none),
  ]

  static func answer(for meter: StoredMeter) -> CompatAnswer {
    guard meter.received != nil else { return .nothingYet }
    guard let text = text(of: meter) else { return .unavailable("the meter is offline: its last values are too old") }
    return .document(Array((text + "\n").utf8), contentType: "application/json")
  }

  /// The datagram: the document without a line end; nil while the meter is offline.
  package static func datagram(of meter: StoredMeter) -> [UInt8]? { text(of: meter).map { Array($0.utf8) } }

  private static func text(of meter: StoredMeter) -> String? {
    guard meter.isOnline else { return nil }
    var lines: [String] = []
    if let time = meter["meter_time"].flatMap({ LocalTime($0.payload) }) {
      lines.append("\"timestamp\": \"\(time.text)Z\"")
      lines.append("\"lxTimestamp\": \(time.secondsSince2009)")
    }
    if let serial = meter.device.serial { lines.append("\"meterNumber\": \(quoted(serial))") }
    for number in numbers {
      guard let value = meter.number(number.level, in: number.unit) else { continue }
      lines.append("\"\(number.key)\": \(twoDecimals(scaled(value, of: number, meter)))")
    }
    return "{\n\(lines.joined(separator: ",\n"))\n}"
  }

  private static func quoted(_ text: String) -> String {
    var json = JSONText()
    json.value(text)
    return json.text
  }

  /// Its program does not apply the scaler −3 of a Kaifa, so that Loxone has always seen thousandths there.
  private static func scaled(_ value: FixedDecimal, of number: Number, _ meter: StoredMeter) -> FixedDecimal {
    let isRaw = number.level == "power_factor" && meter.device.manufacturer == "KFM"
    return isRaw ? value.scaled(by: 3) : value
  }

  /// Like `%.2f`; halves go away from zero.
  static func twoDecimals(_ value: FixedDecimal) -> String {
    let rounded = value.rounded(to: FixedDecimal(1, exponent: -2)) ?? value
    let parts = rounded.description.split(separator: ".")
    let fraction = parts.count > 1 ? String(parts[1]) : ""
    return "\(parts[0]).\(fraction)\(String(repeating: "0", count: max(0, 2 - fraction.count)))"
  }

  /// The meter's own clock without its zone.
  private struct LocalTime {
    /// `2022-11-20T19:03:40`.
    let text: String
    /// Seconds of the same clock since its 2009-01-01T00:00:00.
    let secondsSince2009: Int64

    init?(_ payload: String) {
      text = String(payload.prefix(19))
      guard text.utf8.count == 19, let time = WallTime(text + "Z") else { return nil }
      secondsSince2009 = time.milliseconds / 1000 - 1_230_768_000
    }
  }
}
