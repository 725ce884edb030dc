package import Base
internal import Glibc

/// The two clocks of the machine. Only the loops read them; all other code gets the time as an argument.
package enum Clock {
  package static func now() -> Instant { Instant(milliseconds: read(CLOCK_BOOTTIME)) }

  /// The date and time, with the current offset of the host's zone.
  package static func wall() -> WallTime {
    let milliseconds = read(CLOCK_REALTIME)
    var seconds = time_t(milliseconds / 1000)
    var parts = unsafe tm()
    unsafe localtime_r(&seconds, &parts)
    return unsafe WallTime(milliseconds: milliseconds, offset: Int16(parts.tm_gmtoff / 60))
  }

  private static func read(_ clock: clockid_t) -> Int64 {
    var time = timespec()
    unsafe clock_gettime(clock, &time)
    return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
  }
}
