package import Decoders

/// The time zone of this machine, for meters that do not tell theirs.
///
/// The loop passes it in, because this target does not ask the system.
package struct HostZone: Sendable {
  /// Minutes east of UTC at a local time; nil for a time that the zone skips. `isStandard` asks for standard time, also
  /// in summer.
  package typealias Offset = @Sendable (_ time: MeterTime, _ isStandard: Bool) -> Int16?

  /// The meaning of a time without an offset.
  package enum Convention: Sendable {
    /// The clock on the wall (P1 2.2 and 3).
    case wall
    /// Standard time all the year, plus an hour if the meter marks summer time (M-Bus).
    case standard
  }

  private let offset: Offset

  package init(offset: @escaping Offset) { self.offset = offset }

  /// Universal time all the year.
  static let utc = HostZone { _, _ in 0 }

  /// Adds the offset, unless the time has one already or is a day only.
  package func resolve(_ time: MeterTime, _ convention: Convention) -> MeterTime {
    guard time.offset == nil, time.precision != .day else { return time }
    var resolved = time
    switch convention {
    case .wall: resolved.offset = offset(time, false)
    case .standard: resolved.offset = offset(time, true).map { $0 + (time.isSummer ? 60 : 0) }
    }
    return resolved
  }
}
