package import Decoders

/// The zone of this machine, for meters that do not say theirs. The loop hands it in: nothing here asks the system.
package struct HostZone: Sendable {
  /// Minutes east of UTC at a local time of this zone; nil for a time that the zone does not have. `isStandard` asks for
  /// standard time, whatever the calendar says.
  package typealias Offset = @Sendable (_ time: MeterTime, _ isStandard: Bool) -> Int16?

  private let offset: Offset

  /// - Parameter offset: looks the offset up.
  package init(offset: @escaping Offset) { self.offset = offset }

  /// Universal time all the year.
  static let utc = HostZone { _, _ in 0 }

  /// How a time without an offset is meant.
  package enum Convention: Sendable {
    /// As the clock on the wall (P1 2.2 and 3).
    case wall
    /// Standard time all the year, an hour more where the meter says that it shows summer time (M-Bus).
    case standard
  }

  /// The time with its offset; unchanged where the wire told it, or where the wire has no time of day.
  func resolve(_ time: MeterTime, _ convention: Convention) -> MeterTime {
    guard time.offset == nil, time.precision != .day else { return time }
    var resolved = time
    switch convention {
    case .wall: resolved.offset = offset(time, false)
    case .standard: resolved.offset = offset(time, true).map { $0 + (time.isSummer ? 60 : 0) }
    }
    return resolved
  }
}
