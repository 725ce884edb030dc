internal import Base
internal import Decoders

/// The EcoTracker of everHome, `/v1/json`.
///
/// Source: spec of the local interface as batteries and bridges read it: power in W, counters in Wh, `powerPhase1` to 3.
package struct EcoTracker {
  private let source: EmulatedMeter

  package init(_ meter: StoredMeter) { source = EmulatedMeter(meter: meter) }

  /// The answer to a GET.
  package func answer(_ path: String) -> EmulatedAnswer {
    guard path == "/v1/json" else { return .unknown }
    guard source.meter.isOnline, let power = source.power() else { return .offline }
    var json = JSONText()
    json.object { json in
      json.member("power", power)
      for (index, phase) in EmulatedMeter.phases.enumerated() {
        if let power = source.power(phase) { json.member("powerPhase\(index + 1)", power) }
      }
      if let energy = source.energy("import", in: .wattHour) { json.member("energyCounterIn", energy) }
      if let energy = source.energy("export", in: .wattHour) { json.member("energyCounterOut", energy) }
    }
    return .json(json.bytes)
  }
}
