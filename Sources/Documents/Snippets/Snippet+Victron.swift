internal import Base
internal import Decoders
internal import Meters

extension Snippet {
  /// A flow for Node-RED on a GX device: it makes the document that dbus-mqtt-grid reads from each reading.
  static func victron(_ house: SnippetHouse) -> Snippet {
    let usable = house.meters.filter { $0.device.medium == .electricity && $0[.power] != nil }
    var flow = NodeREDFlow(house, title: "MeterBridge for Victron")
    flow.writeBroker()
    for meter in usable {
      let function = NodeREDFlow.id("victron \(house.topic(meter, ""))")
      let target = "\(house.baseTopic)-victron/\(meter.id)"
      flow.writeInput(house.topic(meter, "reading"), "\(meter.title): reading", as: "json", to: function)
      flow.writeFunction("grid for dbus-mqtt-grid", id: function, code: code, to: NodeREDFlow.id("out \(target)"))
      flow.writeOutput(target, target)
    }
    var notes = [
      "Import it in Node-RED of Venus OS Large. \(house.hostNote)",
      "dbus-mqtt-grid reads what it publishes: in config.ini `broker_address = \(house.host)`, `broker_port = \(house.port)`.",
    ]
    for meter in usable {
      notes.append(
        "\(meter.id): `topic = \(house.baseTopic)-victron/\(meter.id)`, `timeout = \(meter.patience.count / 1000)`.")
    }
    if usable.isEmpty { notes.append("No electricity meter with a power is known yet: let the bridge read one first.") }
    return Snippet(notes: notes, text: indented(flow.finished))
  }

  /// Units as `fields` has them, so a meter with `units: {power: kW}` stays right. Without a power there is no message.
  private static let code = """
    const scale = {W: 1, kW: 1000, MW: 1000000, Wh: 0.001, kWh: 1, MWh: 1000};
    const value = {};
    for (const field of msg.payload.fields) {
        if (typeof field.value !== "number") continue;
        value[field.name] = field.value * (scale[field.unit] || 1);
    }
    if (value.power === undefined) return null;
    const part = (end) => ({
        power: value["power" + end], voltage: value["voltage" + end], current: value["current" + end],
        energy_forward: value["energy_import" + end], energy_reverse: value["energy_export" + end]
    });
    const grid = part("");
    for (const phase of ["L1", "L2", "L3"]) {
        const of = part("_" + phase.toLowerCase());
        if (of.power !== undefined) grid[phase] = of;
    }
    return {payload: {grid: grid}};
    """
}
