extension MeterTime {
  /// A time that counts seconds since 1970 UTC, shown with an offset in minutes; nil beyond the year 9999.
  ///
  /// Years begin in March here, so that the leap day is the last. An era of 400 such years always has 146 097 days.
  init?(secondsSince1970 seconds: UInt64, offset: Int16) {
    guard seconds < 1 << 38 else { return nil }
    let local = Int(seconds) + Int(offset) * 60 + 719_468 * 86_400
    let (days, second) = local.quotientAndRemainder(dividingBy: 86_400)
    let (era, day) = days.quotientAndRemainder(dividingBy: 146_097)
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365
    let dayOfYear = day - (365 * year + year / 4 - year / 100)
    let fromMarch = (5 * dayOfYear + 2) / 153
    let month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9
    self.init(
      year: era * 400 + year + (month <= 2 ? 1 : 0), month: month, day: dayOfYear - (153 * fromMarch + 2) / 5 + 1,
      hour: second / 3600, minute: second / 60 % 60, second: second % 60, offset: offset)
  }
}
