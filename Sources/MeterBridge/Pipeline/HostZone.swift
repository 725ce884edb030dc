internal import Decoders
internal import Glibc

/// The zone of this machine, for meters that do not say theirs.
struct HostZone: Sendable {
  /// How a time without an offset is meant.
  enum Convention: Sendable {
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
    case .wall: resolved.offset = offset(of: time, daylight: -1)
    case .standard: resolved.offset = offset(of: time, daylight: 0).map { $0 + (time.isSummer ? 60 : 0) }
    }
    return resolved
  }

  /// Minutes east of UTC. `daylight` as in `tm_isdst`: 0 asks for standard time, −1 for what the calendar says.
  private func offset(of time: MeterTime, daylight: Int32) -> Int16? {
    var parts = unsafe tm()
    unsafe parts.tm_year = Int32(time.year) - 1900
    unsafe parts.tm_mon = Int32(time.month) - 1
    unsafe parts.tm_mday = Int32(time.day)
    unsafe parts.tm_hour = Int32(time.hour)
    unsafe parts.tm_min = Int32(time.minute)
    unsafe parts.tm_sec = Int32(time.second)
    unsafe parts.tm_isdst = daylight
    let moment = unsafe mktime(&parts)
    guard moment != -1 else { return nil }
    // mktime normalises: a standard time in summer comes back an hour later with its daylight flag set.
    let saving = unsafe daylight == 0 && parts.tm_isdst > 0 ? 3600 : 0
    return unsafe Int16(exactly: (parts.tm_gmtoff - saving) / 60)
  }
}
