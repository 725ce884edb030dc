internal import Base
internal import Decoders

/// The page of `smartmeter-exporter` for a Japanese B-route meter.
///
/// Source: src/main.py of legnoh/smartmeter-exporter. Currents are in mA, as its README says and its HELP does not. Power has
/// its sign, and a value that the meter does not have is left out.
struct SmartmeterExporter {
  var text = ClientText()

  init(_ meter: StoredMeter) {
    add("power_consumption_watt", "Power consumption in Watt", meter.number("power", in: .watt))
    add("power_consumption_ampare_r", "Power consumption in Ampare(R)", meter.number("current_r", in: .milliampere))
    add("power_consumption_ampare_t", "Power consumption in Ampare(T)", meter.number("current_t", in: .milliampere))
  }

  private mutating func add(_ name: String, _ help: String, _ value: FixedDecimal?) {
    let name = text.family(name, .gauge, help: help)
    if let value { text.sample(name, [], value) }
  }
}
