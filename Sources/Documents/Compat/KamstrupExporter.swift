internal import Base
internal import Decoders

/// The page of the fork of `prometheus-mbus-exporter` for a Kamstrup MULTICAL 303.
///
/// Source: prometheus-mbus-exporter.py of RichieB2B/prometheus-mbus-exporter. Its README still shows the prefix `kamstrump_`
/// of its first five days; here as in its code since then. HELP and TYPE of the temperatures stand once, as promtool wants.
struct KamstrupExporter {
  var text = ClientText()
  private let meter: StoredMeter

  init(_ meter: StoredMeter) {
    self.meter = meter
    family("kamstrup_energy_kwh_total", "Energy in kWh", "counter", [("", "energy")], .kilowattHour)
    family("kamstrup_volume_m3_total", "Volume in m^3", "counter", [("", "volume")], .cubicMetre)
    family("kamstrup_on_time_hours_total", "On time in hours", "counter", [("", "on_time")], .hour)
    family(
      "kamstrup_temperature_celcius", "Temperature in Celsius", "gauge",
      [("flow", "flow_temperature"), ("return", "return_temperature")], .celsius)
    sample("kamstrup_temperature_celcius", "difference", "temperature_difference", .kelvin)
    family("kamstrup_power_w", "Power in W", "gauge", [("", "power")], .watt)
    family("kamstrup_volume_flow_l_h", "Volume flow in l/h", "gauge", [("", "volume_flow")], .litrePerHour)
  }

  private mutating func family(
    _ name: String, _ help: String, _ kind: String, _ samples: [(type: String, level: String)], _ unit: Unit
  ) {
    text.family(name, help: help, type: kind)
    for one in samples { sample(name, one.type, one.level, unit) }
  }

  /// Adds a sample. An empty type has no label.
  private mutating func sample(_ name: String, _ type: String, _ level: String, _ unit: Unit) {
    guard let value = meter.number(level, in: unit) else { return }
    if type.isEmpty {
      text.sample(name, ["location": meter.location], value)
    } else {
      text.sample(name, ["location": meter.location, "type": type], value)
    }
  }
}
