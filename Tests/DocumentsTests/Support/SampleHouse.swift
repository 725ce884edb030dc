import Base
import Decoders
import Meters
import Publishing
import TestSupport

@testable import Documents

extension SnippetHouse {
  /// The meters of `deploy/node-red` and `deploy/grafana`: a P1 meter with gas behind it, a heat meter and a water meter.
  static var sample: SnippetHouse {
    SnippetHouse(
      host: "localhost", port: 1883, baseTopic: "meterbridge",
      meters: [
        Meter(
          Device(id: "grid", name: "Grid", medium: .electricity, protocolName: "p1"), fields: grid,
          heartbeat: .minutes(5), interval: .seconds(1)),
        Meter(
          Device(id: "grid_gas", parent: "grid", name: "Gas", medium: .gas, protocolName: "p1"),
          fields: [described(FieldKey(.volume)), .lastTelegram], heartbeat: .minutes(5)),
        Meter(
          Device(id: "heat", name: "Heat", medium: .heat, protocolName: "mbus"),
          fields: [.energy, .volume, .power, .volumeFlow, .flowTemperature, .returnTemperature].map {
            described(FieldKey($0))
          } + [.lastTelegram], heartbeat: .minutes(5), interval: .minutes(15)),
        Meter(
          Device(id: "water", name: "Water", medium: .water, protocolName: "mbus"),
          fields: [described(FieldKey(.volume)), described(FieldKey(.volumeFlow)), .lastTelegram],
          heartbeat: .minutes(5), interval: .minutes(15)),
      ])
  }

  private static var grid: [FieldDescription] {
    let totals: [FieldDescription] = [.energyImport, .energyExport].flatMap { name in
      [described(FieldKey(name))] + (1...2).map { described(FieldKey(name, tariff: $0)) }
    }
    let phases: [FieldDescription] = [.power, .voltage, .current].flatMap { name in
      [FieldKey.Phase.l1, .l2, .l3].map { described(FieldKey(name, phase: $0)) }
    }
    return [described(FieldKey(.power))] + totals + phases
      + [described(FieldKey(.tariff), isNumber: false), .lastTelegram]
  }
}
