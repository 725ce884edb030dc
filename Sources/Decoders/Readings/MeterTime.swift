/// A time of a meter's clock: fields of a calendar, and the offset to UTC if the wire has it.
package struct MeterTime: Hashable, Sendable, BitwiseCopyable {
  /// The finest field on the wire.
  package enum Precision: UInt8, Sendable, BitwiseCopyable { case day, minute, second }

  package var year: UInt16
  /// 1 to 12.
  package var month: UInt8
  /// 1 to 31.
  package var day: UInt8
  /// 0 to 23.
  package var hour: UInt8
  /// 0 to 59.
  package var minute: UInt8
  /// 0 to 59.
  package var second: UInt8
  /// The finest field on the wire; finer ones are 0.
  package var precision: Precision
  /// The meter marks summer time (M-Bus types F and I); the offset is still unknown.
  package var isSummer: Bool
  /// Minutes east of UTC; nil if the wire does not have it.
  package var offset: Int16?

  /// Nil for times outside the calendar: February 30th, 24:00, second 60.
  package init?(
    year: Int, month: Int, day: Int, hour: Int = 0, minute: Int = 0, second: Int = 0, precision: Precision = .second,
    isSummer: Bool = false, offset: Int16? = nil
  ) {
    guard (1...9999).contains(year), (1...12).contains(month), day >= 1, day <= Self.days(in: month, of: year),
      (0...23).contains(hour), (0...59).contains(minute), (0...59).contains(second)
    else { return nil }
    self.year = UInt16(year)
    self.month = UInt8(month)
    self.day = UInt8(day)
    self.hour = UInt8(hour)
    self.minute = UInt8(minute)
    self.second = UInt8(second)
    self.precision = precision
    self.isSummer = isSummer
    self.offset = offset
  }

  private static func days(in month: Int, of year: Int) -> Int {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }
}

extension MeterTime {
  /// Whether a clock that was set can show it. Meters that lost their time stand at 1970 or at 2000-01-01.
  package var isOfSetClock: Bool { year > 2000 || year == 2000 && (month > 1 || day > 1) }
}

extension MeterTime: CustomStringConvertible {
  /// ISO 8601 as fine as the wire, with a known offset: `2022-11-20T19:03:40+01:00`.
  package var description: String {
    var text: [UInt8] = []
    func two(_ value: Int) {
      text.append(UInt8(truncatingIfNeeded: value / 10 % 10) + UInt8(ascii: "0"))
      text.append(UInt8(truncatingIfNeeded: value % 10) + UInt8(ascii: "0"))
    }
    two(Int(year) / 100)
    two(Int(year) % 100)
    text.append(UInt8(ascii: "-"))
    two(Int(month))
    text.append(UInt8(ascii: "-"))
    two(Int(day))
    if precision != .day {
      text.append(UInt8(ascii: "T"))
      two(Int(hour))
      text.append(UInt8(ascii: ":"))
      two(Int(minute))
      if precision == .second {
        text.append(UInt8(ascii: ":"))
        two(Int(second))
      }
      if let offset {
        text.append(offset < 0 ? UInt8(ascii: "-") : UInt8(ascii: "+"))
        two(abs(Int(offset)) / 60)
        text.append(UInt8(ascii: ":"))
        two(abs(Int(offset)) % 60)
      }
    }
    return String(decoding: text, as: UTF8.self)
  }
}
