internal import Base
internal import Decoders
internal import Meters

/// The HomeWizard P1 meter, API v1.
///
/// Source: HomeWizard's API documentation for v1, and what `python-homewizard-energy` reads. Values that the meter does not
/// have are left out, as the device does.
package struct HomeWizardP1 {
  private let source: EmulatedMeter
  private let gas: StoredMeter?

  /// - Parameters:
  ///   - meter: an electricity meter.
  ///   - subMeters: the meters behind it; the first gas meter is shown.
  package init(_ meter: StoredMeter, subMeters: [StoredMeter]) {
    source = EmulatedMeter(meter: meter)
    gas = subMeters.first { $0.device.medium == .gas && $0.isOnline }
  }

  /// The answer to a GET.
  package func answer(_ path: String) -> EmulatedAnswer {
    switch path {
    case "/api", "/api/": .json(device)
    case "/api/v1/data": source.meter.isOnline ? .json(data) : .offline
    case "/api/v1/telegram": telegram
    default: .unknown
    }
  }

  private var device: [UInt8] {
    var json = JSONText()
    json.object { json in
      json.member("product_type", "HWE-P1")
      json.member("product_name", "P1 meter")
      json.member("serial", source.hardwareAddress)
      json.member("firmware_version", "5.18")
      json.member("api_version", "v1")
    }
    return json.bytes
  }

  /// Only a P1 meter has a text.
  private var telegram: EmulatedAnswer {
    guard source.meter.isOnline else { return .offline }
    guard let telegram = source.meter.lastDecoded, telegram.content is P1Content else { return .unknown }
    return .text(telegram.bytes)
  }

  private var data: [UInt8] {
    var json = JSONText()
    json.object { json in
      json.member("meter_model", source.meter.device.model)
      if let serial = source.meter.device.serial { json.member("unique_id", hexadecimal(serial)) }
      if let tariff = source.number("tariff", in: .none) { json.member("active_tariff", tariff) }
      energies("import", &json)
      energies("export", &json)
      json.add("active_power_w", source.power())
      for phase in EmulatedMeter.phases { json.add("active_power_\(phase.name)_w", source.power(phase)) }
      for (name, level, unit) in [("voltage", "voltage", Unit.volt), ("current", "current", .ampere)] {
        for phase in EmulatedMeter.phases {
          json.add("active_\(name)_\(phase.name)_\(unit.letter)", source.number("\(level)_\(phase.name)", in: unit))
        }
      }
      json.add("active_frequency_hz", source.number("frequency", in: .hertz))
      json.add("any_power_fail_count", source.number("power_failures", in: .none))
      json.add("long_power_fail_count", source.number("power_failures_long", in: .none))
      json.add("active_power_average_w", source.number("demand_import_average", in: .watt))
      // The device itself spells it so.
      json.add("montly_power_peak_w", source.number("demand_import_maximum", in: .watt))
      gasMembers(&json)
    }
    return json.bytes
  }

  /// The total, and each tariff. evcc adds up the tariffs alone, so a meter without any has all in the first.
  private func energies(_ direction: String, _ json: inout JSONText) {
    let total = source.energy(direction, in: .kilowattHour)
    json.add("total_power_\(direction)_kwh", total)
    let tariffs = (1...4).map { source.number("energy_\(direction)_t\($0)", in: .kilowattHour) }
    let hasTariffs = tariffs.contains { $0 != nil }
    for (index, tariff) in tariffs.enumerated() {
      json.add("total_power_\(direction)_t\(index + 1)_kwh", hasTariffs || index > 0 ? tariff : total)
    }
  }

  private func gasMembers(_ json: inout JSONText) {
    guard let gas, let volume = gas.number("volume", in: .cubicMetre),
      let time = gas["meter_time"].flatMap({ Int($0.payload.prefix(19).filter(\.isNumber).dropFirst(2)) })
    else { return }
    json.member("total_gas_m3", volume)
    json.member("gas_timestamp", time)
    let number = hexadecimal(gas.device.serial ?? gas.id)
    json.member("gas_unique_id", number)
    json.array("external") { list in
      list.object { external in
        external.member("unique_id", number)
        external.member("type", "gas_meter")
        external.member("timestamp", time)
        external.member("value", volume)
        external.member("unit", "m3")
      }
    }
  }

  private func hexadecimal(_ text: String) -> String { Hexadecimal.text(text.utf8, uppercase: true) }
}

extension JSONText {
  /// A number that is known.
  fileprivate mutating func add(_ name: String, _ number: FixedDecimal?) {
    if let number { member(name, number) }
  }
}

extension Unit {
  /// As it ends a name of the document.
  fileprivate var letter: String { symbol.lowercased() }
}
