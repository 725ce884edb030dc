internal import Base
internal import Decoders
internal import Meters

/// What all emulated devices need of a meter.
struct EmulatedMeter {
  let meter: StoredMeter

  static let phases: [FieldKey.Phase] = [.l1, .l2, .l3]

  /// A current value; nil if it is unknown, held back or too old.
  func number(_ level: String, in unit: Unit) -> FixedDecimal? { meter.number(level, in: unit) }

  /// Watts from the grid; negative into the grid. Nil without a power.
  ///
  /// The pipeline has made one value of both directions. A meter that never told of the other direction has only this one.
  func power(_ phase: FieldKey.Phase = .none) -> FixedDecimal? {
    let suffix = phase == .none ? "" : "_\(phase.name)"
    if let power = number("power\(suffix)", in: .watt) { return power }
    return meter["power_export\(suffix)"] == nil ? number("power_import\(suffix)", in: .watt) : nil
  }

  /// The energy in one direction over all tariffs: the meter's register, or the sum that the pipeline makes.
  func energy(_ direction: String, in unit: Unit) -> FixedDecimal? { number("energy_\(direction)", in: unit) }

  /// Twelve hexadecimal digits that stay: those of a local network address that no device has.
  var hardwareAddress: String {
    "02" + String(stableHash(meter.id.utf8) & 0xFF_FFFF_FFFF, width: 10, radix: 16)
  }
}
