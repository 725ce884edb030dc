internal import Glibc

/// The two clocks of the machine. Only the loops read them; all other code gets the time as an argument.
enum Clock {
  static func now() -> Instant { Instant(milliseconds: read(CLOCK_BOOTTIME)) }
  static func wall() -> WallTime { WallTime(milliseconds: read(CLOCK_REALTIME)) }

  private static func read(_ clock: clockid_t) -> Int64 {
    var time = timespec()
    unsafe clock_gettime(clock, &time)
    return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
  }
}

extension WallTime: CustomStringConvertible {
  /// ISO 8601 in the host's zone: `2026-11-20T12:00:01.250+01:00`.
  var description: String {
    var seconds = time_t(milliseconds >= 0 ? milliseconds / 1000 : (milliseconds - 999) / 1000)
    let fraction = Int(milliseconds) - Int(seconds) * 1000
    var parts = unsafe tm()
    unsafe localtime_r(&seconds, &parts)
    func padded(_ value: Int32, _ width: Int = 2) -> String {
      let digits = String(value)
      return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
    let date = unsafe "\(padded(parts.tm_year + 1900, 4))-\(padded(parts.tm_mon + 1))-\(padded(parts.tm_mday))"
    let time = unsafe "\(padded(parts.tm_hour)):\(padded(parts.tm_min)):\(padded(parts.tm_sec))"
    let east = unsafe Int32(parts.tm_gmtoff / 60)
    let offset = "\(east < 0 ? "-" : "+")\(padded(abs(east) / 60)):\(padded(abs(east) % 60))"
    return "\(date)T\(time).\(padded(Int32(fraction), 3))\(offset)"
  }
}
