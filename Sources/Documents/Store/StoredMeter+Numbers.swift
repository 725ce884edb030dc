internal import Base
internal import Decoders
internal import Meters

extension StoredMeter {
  /// The number of a field in a unit of the document; nil if it is not fresh, held back, or no number of that kind.
  func number(_ level: String, in unit: Unit) -> FixedDecimal? {
    guard isOnline, let stored = self[level], !stored.isHeld else { return nil }
    return stored.number?.converted(from: stored.field.unit, to: unit)
  }

  /// The name that the user gave the meter, else its id.
  var location: String { device.name ?? id }
}
