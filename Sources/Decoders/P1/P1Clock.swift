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

  /// Characters of a stamp with its letter.
  static let stampCount = 13

  /// Nil for other texts, and for times outside the calendar, as of a clock that was never set.
  ///
  /// Years from 70 on are those of the last century: 700101 is how some meters say that they do not know.
  /// Where a time `isExpected`, digits without a letter or a mark between them may be one.
  func time(_ text: Span<UInt8>, isExpected: Bool) -> MeterTime? {
    let hasLetter = text.count == Self.stampCount
    guard hasLetter || text.count == Self.stampCount - 1 && isExpected,
      let time = stamp(text, at: 0, hasLetter: hasLetter)
    else {
      return P1Notation(text, isExpected: isExpected).flatMap { moment($0) }
    }
    return time
  }

  /// Twelve digits at a place and maybe the letter S or W, which the bytes contain.
  @inline(__always)
  func stamp(_ bytes: Span<UInt8>, at place: Int, hasLetter: Bool) -> MeterTime? {
    var offset: Int16?
    if hasLetter {
      switch bytes[place &+ 12] {
      case UInt8(ascii: "S"): offset = winter &+ 60
      case UInt8(ascii: "W"): offset = winter
      default: return nil
      }
    }
    guard let day = Self.pairs(bytes, at: place), let time = Self.pairs(bytes, at: place &+ 4) else { return nil }
    return MeterTime(
      year: day[0] + (day[0] < 70 ? 2000 : 1900), month: day[1], day: day[2], hour: day[3], minute: time[2],
      second: time[3], offset: override ?? offset)
  }

  /// Eight digits, read as one word, as four numbers of two digits.
  @inline(__always)
  private static func pairs(_ text: Span<UInt8>, at place: Int) -> [4 of Int]? {
    guard let word = text.word(at: place), word.otherThanDigits == 0 else { return nil }
    let digits = word ^ 0x3030_3030_3030_3030
    // The first digit of a pair is in the lower byte.
    let pairs = (digits & 0x000F_000F_000F_000F) &* 10 &+ (digits &>> 8 & 0x000F_000F_000F_000F)
    return [
      Int(truncatingIfNeeded: pairs & 0xFF), Int(truncatingIfNeeded: pairs &>> 16 & 0xFF),
      Int(truncatingIfNeeded: pairs &>> 32 & 0xFF), Int(truncatingIfNeeded: pairs &>> 48 & 0xFF),
    ]
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
