internal import Decoders

/// The page of `prometheus-mbus-exporter`: the two tariff registers of an inepro PRO380 in Wh.
///
/// Source: prometheus-mbus-exporter.py of zajdee/prometheus-mbus-exporter, and the example in its README. A meter that did
/// not answer has no samples.
struct PRO380Exporter {
  var text = ClientText()

  init(_ meter: StoredMeter) {
    let name = text.family("power_consumption", .counter, help: "Power consumption")
    for tariff in ["1", "2"] {
      guard let energy = meter.number("energy_import_t\(tariff)", in: .wattHour) else { continue }
      text.sample(name, [("location", meter.location), ("tariff", tariff)], energy)
    }
  }
}
