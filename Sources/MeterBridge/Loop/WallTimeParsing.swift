extension WallTime {
  /// Reads what `description` writes: `2026-11-20T12:00:01.250+01:00`, with any number of decimals or none, and `Z` for
  /// UTC. Nil for everything else.
  init?(_ text: String) {
    var reader = Digits(rest: text.utf8[...])
    guard let year = reader.number(4), reader.skip(0x2D), let month = reader.number(2, in: 1...12), reader.skip(0x2D),
      let day = reader.number(2, in: 1...31), reader.skip(0x54), let hour = reader.number(2, in: 0...23),
      reader.skip(0x3A), let minute = reader.number(2, in: 0...59), reader.skip(0x3A),
      let second = reader.number(2, in: 0...60)
    else { return nil }
    let fraction = reader.skip(0x2E) ? reader.milliseconds() : 0
    guard let fraction, let offset = reader.offset(), reader.rest.isEmpty else { return nil }
    let minutes = (Self.days(to: year, month, day) * 24 + hour) * 60 + minute - offset
    milliseconds = Int64((minutes * 60 + second) * 1000 + fraction)
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
