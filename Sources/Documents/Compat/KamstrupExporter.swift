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
    family("energy_kwh", .counter, "Energy in kWh", [Source("energy", .kilowattHour)])
    family("volume_m3", .counter, "Volume in m^3", [Source("volume", .cubicMetre)])
    family("on_time_hours", .counter, "On time in hours", [Source("on_time", .hour)])
    family(
      "temperature_celcius", .gauge, "Temperature in Celsius",
      [
        Source("flow_temperature", .celsius, type: "flow"), Source("return_temperature", .celsius, type: "return"),
        Source("temperature_difference", .kelvin, type: "difference"),
      ])
    family("power_w", .gauge, "Power in W", [Source("power", .watt)])
    family("volume_flow_l_h", .gauge, "Volume flow in l/h", [Source("volume_flow", .litrePerHour)])
  }

  /// The field of a sample.
  private struct Source {
    var level: String
    var unit: Unit
    /// The label `type`; nil for none.
    var type: String?

    init(_ level: String, _ unit: Unit, type: String? = nil) {
      self.level = level
      self.unit = unit
      self.type = type
    }
  }

  private mutating func family(_ name: String, _ kind: MetricsText.Kind, _ help: String, _ sources: [Source]) {
    let name = text.family("kamstrup_\(name)", kind, help: help)
    for source in sources {
      guard let value = meter.number(source.level, in: source.unit) else { continue }
      text.sample(name, [("location", meter.location), ("type", source.type)], value)
    }
  }
}
