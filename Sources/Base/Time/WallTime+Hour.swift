extension WallTime {
  /// Milliseconds of an hour.
  package static let hourLength: Int64 = 3_600_000

  /// The hour that it is in, counted from 1970 UTC.
  package var hour: Int64 { milliseconds.quotientAndRemainder(flooredBy: Self.hourLength).quotient }

  /// The start of an hour, counted from 1970 UTC.
  package init(hour: Int64) { self.init(milliseconds: hour * Self.hourLength) }

  /// The hour for people and for Home Assistant: `2026-10-24T14:00:00Z`.
  package var hourText: String { WallTime(hour: hour).description.prefix(19) + "Z" }
}
