internal import Decoders

/// Home Assistant's list of units for each device class.
///
/// Home Assistant drops an entity with another unit. So a field with such a unit is published without a class.
enum DeviceClass {
  /// Units, and the first version of Home Assistant that accepts them for the class. Nil: every version with device
  /// discovery does.
  struct Units: Sendable {
    var units: [Unit]
    var since: HomeAssistantSettings.Version?

    init(_ units: [Unit], since year: Int? = nil, _ month: Int = 1) {
      self.units = units
      since = year.map { HomeAssistantSettings.Version(year: $0, month: month) }
    }
  }

  /// Whether a version accepts a sensor of this class and unit. Nil is the newest version.
  static func accepts(_ deviceClass: String, _ unit: Unit, in version: HomeAssistantSettings.Version?) -> Bool {
    guard let lines = units[deviceClass] else { return false }
    return lines.contains { line in
      guard line.units.contains(unit) else { return false }
      guard let since = line.since, let version else { return true }
      return since <= version
    }
  }

  /// An entry may name a later version than necessary. An earlier version then gets the entity without a class.
  static let units: [String: [Units]] = [
    "energy": [
      Units([.joule, .kilojoule, .megajoule, .gigajoule, .wattHour, .kilowattHour, .megawattHour]),
      Units([.calorie, .kilocalorie, .megacalorie]),
    ],
    "reactive_energy": [Units([.varHour, .kilovarHour], since: 2025, 6)],
    "power": [Units([.watt, .kilowatt, .megawatt])],
    "reactive_power": [Units([.reactiveVar]), Units([.kilovar], since: 2025, 11)],
    "apparent_power": [Units([.voltAmpere]), Units([.kilovoltAmpere], since: 2025, 10)],
    "power_factor": [Units([.none, .percent])],
    "voltage": [Units([.volt, .millivolt])],
    "current": [Units([.ampere, .milliampere])],
    "frequency": [Units([.hertz])],
    "gas": [Units([.cubicMetre, .cubicFoot]), Units([.litre], since: 2025, 11)],
    "water": [Units([.cubicMetre, .litre, .cubicFoot, .gallon])],
    "volume": [Units([.cubicMetre, .litre, .cubicFoot, .gallon])],
    "volume_flow_rate": [
      Units([.cubicMetrePerHour, .gallonPerMinute]),
      Units([.litrePerHour, .cubicMetrePerSecond], since: 2025, 5),
      Units([.cubicMetrePerMinute, .gallonPerHour], since: 2025, 11),
    ],
    "weight": [Units([.kilogram])],
    "temperature": [Units([.celsius, .fahrenheit, .kelvin])],
    "temperature_delta": [Units([.celsius, .fahrenheit, .kelvin], since: 2025, 11)],
    "pressure": [Units([.bar])],
    "humidity": [Units([.percent])],
    "duration": [Units([.day, .hour, .minute, .second])],
    "signal_strength": [Units([.decibelMilliwatt])],
  ]
}
