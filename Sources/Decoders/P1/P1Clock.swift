/// How to read the time stamps of one meter: `YYMMDDhhmmssX` with X = S (summer) or W (winter), or without X before
/// version 4. Some meters write another notation: `P1Clock+Notations.swift` has those.
struct P1Clock {
  /// Minutes east of UTC in winter; an hour more in summer.
  private var winter: Int16 = 60
  /// Minutes east of UTC with either letter.
  private var override: Int16?

  /// The rule for a meter: S and W count from Central European time, except in Lithuania. `utcOffset` holds instead of
  /// all that.
  init(_ meter: P1Identification, utcOffset: Int16?) {
    override = utcOffset
    if meter.isLithuanian { winter = 120 }
  }

  /// Nil for other texts, and for times outside the calendar, as of a clock that was never set.
  ///
  /// Years from 70 on are those of the last century: 700101 is how some meters say that they do not know.
  /// Where a time `isExpected`, digits without a letter or a mark between them may be one.
  func time(_ text: Span<UInt8>, isExpected: Bool) -> MeterTime? {
    guard text.count == 13 || text.count == 12 && isExpected, let time = stamp(text) else {
      return P1Notation(text, isExpected: isExpected).flatMap { moment($0) }
    }
    return time
  }

  private func stamp(_ text: Span<UInt8>) -> MeterTime? {
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

  private func moment(_ notation: P1Notation) -> MeterTime? {
    var time = notation.time
    switch notation.zone {
    case .local: break
    case .summer: time?.offset = winter + 60
    case .winter: time?.offset = winter
    case .offset(let minutes): time?.offset = minutes
    }
    if let override { time?.offset = override }
    return time
  }
}

extension MeterTime {
  /// A time without a letter has the offset of the meter's clock on the same day. The week in which Europe changes its
  /// clocks is left out.
  mutating func takeOffset(of clock: MeterTime) {
    let isSameDay = year == clock.year && month == clock.month && day == clock.day
    if offset == nil, isSameDay, day < 25 || month != 3 && month != 10 { offset = clock.offset }
  }
}
