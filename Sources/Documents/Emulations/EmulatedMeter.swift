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
  func power(_ phase: FieldKey.Phase = .none) -> FixedDecimal? {
    let suffix = phase == .none ? "" : "_\(phase.name)"
    if let power = number("power\(suffix)", in: .watt) { return power }
    guard let taken = number("power_import\(suffix)", in: .watt) else { return nil }
    return taken - (number("power_export\(suffix)", in: .watt) ?? FixedDecimal(0))
  }

  /// The energy in one direction over all tariffs.
  func energy(_ direction: String, in unit: Unit) -> FixedDecimal? {
    if let total = number("energy_\(direction)", in: unit) { return total }
    let tariffs = (1...4).compactMap { number("energy_\(direction)_t\($0)", in: unit) }
    guard var sum = tariffs.first else { return nil }
    for tariff in tariffs.dropFirst() {
      guard let more = sum + tariff else { return nil }
      sum = more
    }
    return sum
  }

  /// Twelve hexadecimal digits that stay: those of a local network address that no device has.
  var hardwareAddress: String {
    "02" + String(stableHash(meter.id.utf8) & 0xFF_FFFF_FFFF, width: 10, radix: 16)
  }
}
