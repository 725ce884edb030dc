internal import Base

/// A date and a time of day, as a fake meter's clock shows them.
struct CivilTime: Equatable, Sendable {
  var year: Int
  /// 1 to 12.
  var month: Int
  /// 1 to 31.
  var day: Int
  /// Seconds since midnight.
  var secondOfDay: Int
  /// Days since Monday.
  var weekday: Int

  var hour: Int { secondOfDay / 3600 }
  var minute: Int { secondOfDay / 60 % 60 }
  var second: Int { secondOfDay % 60 }

  /// The calendar of Greenwich, from seconds since 1970.
  init(utc seconds: Int64) {
    let days = seconds.quotient(flooring: 86_400)
    secondOfDay = Int(seconds - days * 86_400)
    weekday = Int((days + 3) - (days + 3).quotient(flooring: 7) * 7)
    let date = CalendarDate(daysSince1970: Int(days))
    (year, month, day) = (date.year, date.month, date.day)
  }

  /// Seconds since 1970 of a midnight in Greenwich.
  static func midnight(year: Int, month: Int, day: Int) -> Int64 {
    Int64(CalendarDate(year: year, month: month, day: day).daysSince1970) * 86_400
  }
}

/// The clock on the wall of a house: standard time one hour east of Greenwich, with or without summer time.
struct LocalClock: Sendable {
  /// Swedish meters and most meters without a radio keep standard time all year.
  var hasSummerTime: Bool

  /// Central European Time with its summer time.
  static let central = LocalClock(hasSummerTime: true)
  /// One hour east of Greenwich all year.
  static let standard = LocalClock(hasSummerTime: false)

  /// The time that the clock shows.
  func time(_ seconds: Int64) -> CivilTime { CivilTime(utc: seconds + (isSummer(seconds) ? 7200 : 3600)) }

  /// Whether it shows summer time: from the last Sunday in March to that in October, 01:00 UTC (directive 2000/84/EC).
  func isSummer(_ seconds: Int64) -> Bool {
    guard hasSummerTime else { return false }
    let year = CivilTime(utc: seconds).year
    return seconds >= Self.lastSunday(of: 3, year) + 3600 && seconds < Self.lastSunday(of: 10, year) + 3600
  }

  /// Seconds since 1970 of the first moment of the month that the clock shows.
  func monthStart(_ seconds: Int64) -> Int64 {
    let now = time(seconds)
    let midnight = CivilTime.midnight(year: now.year, month: now.month, day: 1)
    return midnight - (isSummer(midnight - 7200) ? 7200 : 3600)
  }

  private static func lastSunday(of month: Int, _ year: Int) -> Int64 {
    let last = CivilTime.midnight(year: year, month: month, day: 31)
    return last - Int64((CivilTime(utc: last).weekday + 1) % 7) * 86_400
  }
}

extension Int64 {
  /// The quotient rounded towards minus infinity.
  func quotient(flooring divisor: Int64) -> Int64 { quotientAndRemainder(flooredBy: divisor).quotient }
}
