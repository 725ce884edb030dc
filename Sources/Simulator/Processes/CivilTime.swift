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
    // The era of 400 years, counted from March, so that the leap day is a year's last.
    let shifted = days + 719_468
    let era = shifted.quotient(flooring: 146_097)
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let fromMarch = (5 * dayOfYear + 2) / 153
    day = Int(dayOfYear - (153 * fromMarch + 2) / 5 + 1)
    month = Int(fromMarch < 10 ? fromMarch + 3 : fromMarch - 9)
    year = Int(yearOfEra + era * 400) + (month <= 2 ? 1 : 0)
  }

  /// Seconds since 1970 of a midnight in Greenwich.
  static func midnight(year: Int, month: Int, day: Int) -> Int64 {
    let shiftedYear = Int64(month <= 2 ? year - 1 : year)
    let era = shiftedYear.quotient(flooring: 400)
    let yearOfEra = shiftedYear - era * 400
    let dayOfYear = (153 * Int64(month > 2 ? month - 3 : month + 9) + 2) / 5 + Int64(day) - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return (era * 146_097 + dayOfEra - 719_468) * 86_400
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
  func quotient(flooring divisor: Int64) -> Int64 {
    let quotient = self / divisor
    return self % divisor < 0 ? quotient - 1 : quotient
  }
}
