/// What people call the time: milliseconds since 1970 UTC, and the offset of the zone in which it is shown.
///
/// It may jump, so nothing is measured with it. Two times are equal where they are the same moment.
package struct WallTime: Hashable, Comparable, Sendable {
  package var milliseconds: Int64
  /// Minutes east of UTC.
  var offset: Int16

  package init(milliseconds: Int64, offset: Int16 = 0) {
    self.milliseconds = milliseconds
    self.offset = offset
  }

  package static func == (left: WallTime, right: WallTime) -> Bool { left.milliseconds == right.milliseconds }
  package static func < (left: WallTime, right: WallTime) -> Bool { left.milliseconds < right.milliseconds }

  package func hash(into hasher: inout Hasher) { hasher.combine(milliseconds) }
}

extension WallTime: CustomStringConvertible {
  /// ISO 8601 with milliseconds: `2026-11-20T12:00:01.250+01:00`.
  package var description: String {
    let (day, time) = (milliseconds + Int64(offset) * 60_000).quotientAndRemainder(flooredBy: 86_400_000)
    let date = Self.date(of: Int(day))
    let seconds = Int(time) / 1000
    let clock = [seconds / 3600, seconds / 60 % 60, seconds % 60].map { Self.padded($0) }.joined(separator: ":")
    let east = abs(Int(offset))
    let zone = "\(offset < 0 ? "-" : "+")\(Self.padded(east / 60)):\(Self.padded(east % 60))"
    return "\(Self.padded(date.year, 4))-\(Self.padded(date.month))-\(Self.padded(date.day))T\(clock)"
      + ".\(Self.padded(Int(time) % 1000, 3))\(zone)"
  }

  /// The date of a day counted from 1970-01-01, in years that begin in March: the inverse of `days(to:_:_:)`.
  private static func date(of day: Int) -> (year: Int, month: Int, day: Int) {
    let (era, dayOfEra) = (day + 719_468).quotientAndRemainder(flooredBy: 146_097)
    let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let march = (5 * dayOfYear + 2) / 153
    let month = march < 10 ? march + 3 : march - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    return (year, month, dayOfYear - (153 * march + 2) / 5 + 1)
  }

  private static func padded(_ value: Int, _ width: Int = 2) -> String {
    let digits = String(value)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}

extension BinaryInteger {
  /// Division that rounds towards minus infinity, so that the remainder is never negative.
  fileprivate func quotientAndRemainder(flooredBy divisor: Self) -> (quotient: Self, remainder: Self) {
    let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
  }
}

extension WallTime {
  /// Reads what `description` writes: `2026-11-20T12:00:01.250+01:00`, with any number of decimals or none, and `Z` for
  /// UTC. Nil for everything else.
  package init?(_ text: String) {
    var reader = Digits(rest: text.utf8[...])
    guard let year = reader.number(4), reader.skip(0x2D), let month = reader.number(2, in: 1...12), reader.skip(0x2D),
      let day = reader.number(2, in: 1...31), reader.skip(0x54), let hour = reader.number(2, in: 0...23),
      reader.skip(0x3A), let minute = reader.number(2, in: 0...59), reader.skip(0x3A),
      let second = reader.number(2, in: 0...60)
    else { return nil }
    let fraction = reader.skip(0x2E) ? reader.milliseconds() : 0
    guard let fraction, let offset = reader.offset(), reader.rest.isEmpty else { return nil }
    let minutes = (Self.days(to: year, month, day) * 24 + hour) * 60 + minute - offset
    self.init(milliseconds: Int64((minutes * 60 + second) * 1000 + fraction), offset: Int16(offset))
  }

  /// Days from 1970-01-01, counted in years that begin in March, so that the leap day is the last.
  private static func days(to year: Int, _ month: Int, _ day: Int) -> Int {
    let y = month > 2 ? year : year - 1
    let m = month > 2 ? month - 3 : month + 9
    return y * 365 + y / 4 - y / 100 + y / 400 + (m * 153 + 2) / 5 + day - 719_469
  }

  private struct Digits {
    var rest: Substring.UTF8View

    mutating func skip(_ byte: UInt8) -> Bool {
      guard rest.first == byte else { return false }
      rest.removeFirst()
      return true
    }

    mutating func number(_ count: Int, in range: ClosedRange<Int> = 0...9999) -> Int? {
      guard rest.count >= count else { return nil }
      var value = 0
      for byte in rest.prefix(count) {
        guard (0x30...0x39).contains(byte) else { return nil }
        value = value * 10 + Int(byte - 0x30)
      }
      rest.removeFirst(count)
      return range.contains(value) ? value : nil
    }

    /// The decimals of a second, cut off after three; nil without a digit.
    mutating func milliseconds() -> Int? {
      let digits = rest.prefix { (0x30...0x39).contains($0) }
      guard !digits.isEmpty else { return nil }
      rest.removeFirst(digits.count)
      return digits.prefix(3).reduce(0) { $0 * 10 + Int($1 - 0x30) } * [1, 100, 10, 1][min(3, digits.count)]
    }

    /// Minutes east of UTC.
    mutating func offset() -> Int? {
      if skip(0x5A) { return 0 }
      let west = rest.first == 0x2D
      guard skip(0x2D) || skip(0x2B), let hours = number(2, in: 0...23), skip(0x3A), let minutes = number(2, in: 0...59)
      else { return nil }
      return (west ? -1 : 1) * (hours * 60 + minutes)
    }
  }
}
