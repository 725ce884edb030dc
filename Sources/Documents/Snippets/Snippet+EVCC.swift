internal import Base
internal import Decoders
internal import Meters

extension Snippet {
  /// `meters` of `evcc.yaml`: electricity meters of type `custom`, each value from its own topic.
  static func evcc(_ house: SnippetHouse) -> Snippet {
    let usable = house.meters.filter { $0.device.medium == .electricity && $0[.power]?.scale != nil }
    var lines = ["mqtt:", "  broker: \(house.host):\(house.port)"]
    if house.usesTLS { lines[1] = "  broker: tls://\(house.host):\(house.port)" }
    lines += usable.isEmpty ? [] : ["meters:"]
    for meter in usable {
      lines += ["  - name: \(meter.id)", "    type: custom"]
      for (key, name) in [
        ("power", FieldName.power), ("energy", .energyImport), ("returnenergy", .energyExport),
      ] {
        guard let field = meter[name], field.scale != nil else { continue }
        lines += ["    \(key):"] + source(house, meter, field, indent: "      ")
      }
      for (key, name) in [("powers", FieldName.power), ("currents", .current), ("voltages", .voltage)] {
        let phases = [FieldKey.Phase.l1, .l2, .l3].compactMap { meter[name, phase: $0] }.filter { $0.scale != nil }
        // evcc takes all three or none.
        guard phases.count == 3 else { continue }
        lines.append("    \(key):")
        for phase in phases {
          var item = source(house, meter, phase, indent: "        ")
          item[0] = "      - " + item[0].drop { $0 == " " }
          lines += item
        }
      }
    }
    if let first = usable.first { lines += ["site:", "  meters:", "    grid: \(first.id)"] }
    return Snippet(notes: evccNotes(house, usable), lines: lines)
  }

  private static func source(
    _ house: SnippetHouse, _ meter: SnippetHouse.Meter, _ field: FieldDescription, indent: String
  ) -> [String] {
    var lines = [
      "source: mqtt", "topic: \(quoted(house.topic(meter, field.level)))", "timeout: \(meter.patience.inWords)",
    ]
    if let scale = field.scale, scale != "1" { lines.append("scale: \(scale)") }
    return lines.map { indent + $0 }
  }

  private static func evccNotes(_ house: SnippetHouse, _ usable: [SnippetHouse.Meter]) -> [String] {
    var notes = ["Parts of evcc.yaml. \(house.hostNote)"]
    if usable.isEmpty {
      notes.append("No electricity meter with a power is known yet: let the bridge read one first.")
    }
    for meter in usable where meter.heartbeat > .seconds(10) {
      notes.append(
        "\(meter.id): with `heartbeat: 10s` at the meter evcc notices a lost meter after 30s instead of \(meter.patience.inWords)."
      )
    }
    return notes
  }
}

extension FieldDescription {
  /// The power of ten from the unit that `units` set to W or kWh; nil for another unit.
  fileprivate var scale: String? {
    switch unit {
    case .watt, .kilowattHour, .volt, .ampere: "1"
    case .kilowatt, .megawattHour: "1000"
    case .megawatt: "1000000"
    case .wattHour, .milliampere, .millivolt: "0.001"
    default: nil
    }
  }
}
