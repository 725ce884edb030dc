internal import Decoders

/// The date and time that people use: milliseconds since 1970 UTC, and the offset of the zone that shows them.
///
/// It may jump, so timeouts use `Instant`. Two times are equal if they are the same moment.
package struct WallTime: Hashable, Comparable, Sendable {
  package var milliseconds: Int64
  /// Minutes east of UTC.
  var offset: Int16

  package init(milliseconds: Int64, offset: Int16 = 0) {
    self.milliseconds = milliseconds
    self.offset = offset
  }

  /// The time so many milliseconds ago, in the same zone.
  package func back(_ age: Int64) -> WallTime { WallTime(milliseconds: milliseconds - age, offset: offset) }

  package static func == (left: WallTime, right: WallTime) -> Bool { left.milliseconds == right.milliseconds }
  package static func < (left: WallTime, right: WallTime) -> Bool { left.milliseconds < right.milliseconds }

  package func hash(into hasher: inout Hasher) { hasher.combine(milliseconds) }
}

extension WallTime: CustomStringConvertible {
  /// ISO 8601 with milliseconds: `2026-11-20T12:00:01.250+01:00`.
  package var description: String {
    var text = text(between: UInt8(ascii: "T"))
    let east = abs(Int(offset))
    text.append(UInt8(ascii: offset < 0 ? "-" : "+"))
    Self.append(east / 60, 2, UInt8(ascii: ":"), to: &text)
    Self.append(east % 60, 2, to: &text)
    return String(decoding: text, as: UTF8.self)
  }

  /// The time without the zone, for people: `2026-11-20 12:00:01.250`.
  package var local: String {
    String(decoding: text(between: UInt8(ascii: " ")), as: UTF8.self)
  }

  /// The bytes of date and time. It makes no texts of their parts: every reading has a time.
  private func text(between: UInt8) -> [UInt8] {
    let (day, time) = (milliseconds + Int64(offset) * 60_000).quotientAndRemainder(flooredBy: 86_400_000)
    let date = CalendarDate(daysSince1970: Int(day))
    let seconds = Int(time) / 1000
    var text: [UInt8] = []
    text.reserveCapacity(32)
    Self.append(date.year, 4, UInt8(ascii: "-"), to: &text)
    Self.append(date.month, 2, UInt8(ascii: "-"), to: &text)
    Self.append(date.day, 2, between, to: &text)
    Self.append(seconds / 3600, 2, UInt8(ascii: ":"), to: &text)
    Self.append(seconds / 60 % 60, 2, UInt8(ascii: ":"), to: &text)
    Self.append(seconds % 60, 2, UInt8(ascii: "."), to: &text)
    Self.append(Int(time) % 1000, 3, to: &text)
    return text
  }

  /// Appends a number with zeros in front, and what stands behind it.
  private static func append(_ number: Int, _ width: Int, _ end: UInt8? = nil, to text: inout [UInt8]) {
    var place = width == 4 ? 1000 : width == 3 ? 100 : 10
    if number < 0 || number >= place * 10 {
      text += String(number, width: width).utf8
    } else {
      while place > 0 {
        text.append(UInt8(ascii: "0") + UInt8(number / place % 10))
        place /= 10
      }
    }
    if let end { text.append(end) }
  }
}

extension WallTime {
  /// Reads what `description` writes: `2026-11-20T12:00:01.250+01:00`; nil for other texts.
  ///
  /// Any number of decimals may stand behind the seconds, and `Z` for UTC.
  package init?(_ text: String) {
    var reader = Digits(rest: text.utf8[...])
    guard let year = reader.number(4), reader.skip(0x2D), let month = reader.number(2, in: 1...12), reader.skip(0x2D),
      let day = reader.number(2, in: 1...31), reader.skip(0x54), let hour = reader.number(2, in: 0...23),
      reader.skip(0x3A), let minute = reader.number(2, in: 0...59), reader.skip(0x3A),
      let second = reader.number(2, in: 0...60)
    else { return nil }
    let fraction = reader.skip(0x2E) ? reader.milliseconds() : 0
    guard let fraction, let offset = reader.offset(), reader.rest.isEmpty else { return nil }
    let days = CalendarDate(year: year, month: month, day: day).daysSince1970
    let minutes = (days * 24 + hour) * 60 + minute - offset
    self.init(milliseconds: Int64((minutes * 60 + second) * 1000 + fraction), offset: Int16(offset))
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

    /// The decimals of a second, at most three of them; nil without a digit.
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
