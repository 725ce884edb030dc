package import Base
package import Decoders

/// The register of a counter at the end of one hour, as it was published.
package struct HourRow: Hashable, Sendable {
  /// The id of the meter or sub-meter.
  package var device: String
  /// The last level of its topic.
  package var level: String
  /// Hours since 1970 UTC.
  package var hour: Int64
  /// The last register of the hour, in `unit`.
  package var value: FixedDecimal
  package var unit: Unit
  /// When the telegram with this register came in.
  package var at: WallTime
  /// The newest register that was published at the end of the hour in any case.
  package var before: FixedDecimal
  /// The last register of the meter that was exchanged in this hour.
  package var rest: FixedDecimal?
  /// Whether the last telegrams of the hour had values that are held back. Then the register is an older one.
  package var isHeld = false
  /// Whether it only rises, as Home Assistant's class `total_increasing` has it.
  package var isIncreasing = true

  package init(
    device: String, level: String, hour: Int64, value: FixedDecimal, unit: Unit, at: WallTime, before: FixedDecimal,
    rest: FixedDecimal? = nil, isHeld: Bool = false, isIncreasing: Bool = true
  ) {
    self.device = device
    self.level = level
    self.hour = hour
    self.value = value
    self.unit = unit
    self.at = at
    self.before = before
    self.rest = rest
    self.isHeld = isHeld
    self.isIncreasing = isIncreasing
  }
}
