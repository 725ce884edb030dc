/// Reads the time stamps of one meter: `YYMMDDhhmmssX` with X = S (summer) or W (winter), without X before version 4.
struct P1Clock {
  /// Minutes east of UTC in winter; an hour more in summer.
  private var winter: Int16 = 60
  /// Minutes east of UTC with either letter.
  private var override: Int16?

  /// S and W mean Central European time, except in Lithuania and Ireland. `utcOffset` overrides that.
  init(_ meter: P1Identification, utcOffset: Int16?) {
    override = utcOffset
    if meter.isLithuanian { winter = 120 } else if meter.isIrish { winter = 0 }
  }

  /// Nil for other texts, and for times outside the calendar, as of a clock that was never set.
  ///
  /// Years from 70 on are of the last century: some meters send 700101 if they do not know the time.
  func time(_ text: Span<UInt8>) -> MeterTime? {
    guard text.count == 12 || text.count == 13 else { return nil }
    var parts = [6 of Int](repeating: 0)
    for index in 0..<12 {
      let digit = text[index].digitValue
      guard digit < 10 else { return nil }
      parts[index >> 1] = parts[index >> 1] &* 10 &+ Int(digit)
    }
    var offset: Int16?
    if text.count == 13 {
      switch text[12] {
      case UInt8(ascii: "S"): offset = winter + 60
      case UInt8(ascii: "W"): offset = winter
      default: return nil
      }
    }
    return MeterTime(
      year: parts[0] + (parts[0] < 70 ? 2000 : 1900), month: parts[1], day: parts[2], hour: parts[3], minute: parts[4],
      second: parts[5], offset: override ?? offset)
  }
}
