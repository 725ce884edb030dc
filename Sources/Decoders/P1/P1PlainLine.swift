/// Lines that need no record: most values, which become their field at once, and lists, of which no reading is made.
enum P1PlainLine {
  /// No such line is longer, with the first character of the next.
  private static let limit = 40
  /// `0-0:96.7`, the first character in the lowest byte.
  private static let counter: UInt64 = 0x372E_3639_3A30_2D30

  /// The field of `1-0:1.8.1(000123.456*kWh)` or `0-0:96.7.21(00004)` at a place, and the length of the line with its end.
  /// Nil for all other lines, and near the end of the telegram.
  ///
  /// The field is the one that `P1Readings` makes of the record and group of the line.
  static func field(_ bytes: Span<UInt8>, at start: Int) -> (Field, length: Int)? {
    guard start >= 0, start <= bytes.count &- limit else { return nil }
    let line = bytes.extracting(start..<start &+ limit)
    guard line[0] == UInt8(ascii: "1") || line.word(at: 0) == counter else { return nil }
    var place = 0
    guard let obis = P1Lines.shortCode(line, &place), let (key, unit) = ObisMeaning.usual(obis),
      let digits = P1Digits(line, at: place &+ 1, takesComma: false)
    else { return nil }
    place &+= 1 &+ digits.count
    var number = digits.number
    if unit == .none {
      // More digits may be a time.
      guard line[place] == UInt8(ascii: ")"), digits.count < 10 else { return nil }
      place &+= 1
    } else {
      guard line[place] == UInt8(ascii: "*"), let word = line.word(at: place &+ 1),
        let (wire, count) = WrittenUnit.bracketed(word)
      else { return nil }
      if wire == .kilowatt, unit == .watt {
        number = number.scaled(by: 3)
      } else if wire != unit {
        return nil
      }
      place &+= count &+ 2
    }
    return isEnd(line, &place) ? (Field(key, .number(number), unit), place) : nil
  }

  /// The beginning of the line behind the groups from a place on. Nil if they are not as simple as those of most lists.
  @inline(never)
  static func end(_ bytes: Span<UInt8>, from start: Int) -> Int? {
    guard bytes[start] == UInt8(ascii: "(") else { return nil }
    var place = start
    repeat {
      place = self.end(ofText: bytes, from: place &+ 1, before: UInt8(ascii: "*"))
      guard bytes[place] == UInt8(ascii: ")") else { return nil }
      place &+= 1
    } while bytes[place] == UInt8(ascii: "(")
    return place &+ 2 < bytes.count && isEnd(bytes, &place) ? place : nil
  }

  /// The first character of a text that is before another one in the table of characters, as the brackets are before
  /// letters, digits and most marks; or a place near the end of the telegram.
  @inline(__always)
  static func end(ofText bytes: Span<UInt8>, from start: Int, before character: UInt8) -> Int {
    var place = start
    while let word = bytes.word(at: place) {
      let count = word.below(character).trailingZeroBitCount &>> 3
      place &+= count
      if count < 8 { break }
    }
    return place
  }

  /// Whether one line end follows, and then a line with a code: no groups that belong to this line.
  @inline(__always)
  private static func isEnd(_ bytes: Span<UInt8>, _ place: inout Int) -> Bool {
    guard bytes[place].isLineEnd else { return false }
    place &+= 1
    if bytes[place].isLineEnd { place &+= 1 }
    return bytes[place].isDigit
  }
}
