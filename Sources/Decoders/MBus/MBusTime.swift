/// The date and time types of EN 13757-3, annex A. A stamp outside the calendar is absent, never corrected.
enum MBusTime {
  /// The number of bytes tells the type: G (2), J (3), F (4), I (6). Other lengths are not times.
  static func value(_ raw: UInt64, _ count: Int, at start: Int) -> MBusRecord.Value {
    switch count {
    case 2: date(raw)
    case 3: timeOfDay(raw)
    case 4: minutes(raw)
    case 6: seconds(raw)
    default: .bytes(ByteRange(from: start, to: start + count))
    }
  }

  /// Type G, the lowest byte first:
  ///
  ///     yyyddddd YYYYmmmm
  ///     y  low bits of the year
  ///     d  day
  ///     Y  high bits of the year
  ///     m  month
  private static func date(_ raw: UInt64) -> MBusRecord.Value {
    guard let year = year(raw, century: 0) else { return .absent(absence(raw)) }
    return value(
      MeterTime(year: year, month: Int(raw >> 8 & 15), day: Int(raw & 31), precision: .day), orNo: raw)
  }

  /// Type J, the lowest byte first:
  ///
  ///     --ssssss --mmmmmm ---hhhhh
  ///     s  second
  ///     m  minute
  ///     h  hour
  private static func timeOfDay(_ raw: UInt64) -> MBusRecord.Value {
    let (second, minute, hour) = (UInt8(raw & 63), UInt8(raw >> 8 & 63), UInt8(raw >> 16 & 31))
    guard hour < 24, minute < 60, second < 60 else { return .absent(.invalidTime) }
    return .timeOfDay(hour, minute, second)
  }

  /// Type F, the lowest byte first:
  ///
  ///     I-mmmmmm Scchhhhh GGGGGGGG GGGGGGGG
  ///     I  the stamp is invalid
  ///     m  minute
  ///     S  summer time
  ///     c  century
  ///     h  hour
  ///     G  date as in type G
  private static func minutes(_ raw: UInt64) -> MBusRecord.Value {
    guard raw & 0x80 == 0 else { return .absent(.invalidTime) }
    guard let year = year(raw >> 16, century: Int(raw >> 13 & 3)) else { return .absent(absence(raw >> 16)) }
    return value(
      MeterTime(
        year: year, month: Int(raw >> 24 & 15), day: Int(raw >> 16 & 31), hour: Int(raw >> 8 & 31),
        minute: Int(raw & 63), precision: .minute, isSummer: raw & 0x8000 != 0), orNo: raw >> 16)
  }

  /// Type I, the lowest byte first:
  ///
  ///     -Sssssss I-mmmmmm wwwhhhhh GGGGGGGG GGGGGGGG --WWWWWW
  ///     S  summer time
  ///     s  second
  ///     I  the stamp is invalid
  ///     m  minute
  ///     w  day of the week
  ///     h  hour
  ///     G  date as in type G
  ///     W  week
  private static func seconds(_ raw: UInt64) -> MBusRecord.Value {
    guard raw & 0x8000 == 0 else { return .absent(.invalidTime) }
    guard let year = year(raw >> 24, century: 0) else { return .absent(absence(raw >> 24)) }
    return value(
      MeterTime(
        year: year, month: Int(raw >> 32 & 15), day: Int(raw >> 24 & 31), hour: Int(raw >> 16 & 31),
        minute: Int(raw >> 8 & 63), second: Int(raw & 63), precision: .second, isSummer: raw & 0x40 != 0),
      orNo: raw >> 24)
  }

  /// Twelve decimal digits, the stamp of ABB meters: ss mm hh DD MM YY, a byte each.
  static func decimal(_ raw: UInt64) -> MBusRecord.Value {
    var pairs: [6 of Int] = [0, 0, 0, 0, 0, 0]
    for index in 0..<6 {
      let byte = Int(raw >> (UInt64(index) * 8) & 255)
      guard byte >> 4 <= 9, byte & 15 <= 9 else { return .absent(.invalidDigits) }
      pairs[index] = byte >> 4 * 10 + byte & 15
    }
    let time = MeterTime(
      year: fullYear(pairs[5]), month: pairs[4], day: pairs[3], hour: pairs[2], minute: pairs[1], second: pairs[0])
    return time.map { .time($0) } ?? .absent(.invalidTime)
  }

  /// The year of a date's two bytes; nil if it has three digits. Only type F names the century.
  private static func year(_ date: UInt64, century: Int) -> Int? {
    let year = Int(date >> 5 & 7 | date >> 9 & 0x78)
    guard year <= 99 else { return nil }
    return century == 0 ? fullYear(year) : 1900 + 100 * century + year
  }

  /// Two digits from 81 on are of the last century.
  private static func fullYear(_ year: Int) -> Int { year < 81 ? 2000 + year : 1900 + year }

  private static func value(_ time: MeterTime?, orNo date: UInt64) -> MBusRecord.Value {
    time.map { .time($0) } ?? .absent(absence(date))
  }

  /// Why the two bytes of a date, or the time beside them, are no moment. Year 127 is every year, month 0 or 15 every month,
  /// day 0 every day. Bits that are all the same were never set.
  private static func absence(_ date: UInt64) -> Field.Absence {
    let date = date & 0xFFFF
    if date == 0 || date == 0xFFFF { return .invalidTime }
    let month = date >> 8 & 15
    return date & 0xF0E0 == 0xF0E0 || month == 0 || month == 15 || date & 31 == 0 ? .recurring : .invalidTime
  }
}
