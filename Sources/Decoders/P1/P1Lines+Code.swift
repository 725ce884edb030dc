/// The code before the groups of a line.
extension P1Lines {
  /// `A-B:C.D.E(` with one digit for A and for B, and at most two for the others: most codes. Nil for all others, and the
  /// index stays.
  @inline(__always)
  static func shortCode(_ bytes: Span<UInt8>, _ index: inout Int) -> Obis? {
    guard let head = bytes.word(at: index), var rest = bytes.word(at: index &+ 4) else { return nil }
    let a = UInt8(truncatingIfNeeded: head).digitValue
    let b = UInt8(truncatingIfNeeded: head &>> 16).digitValue
    // The dash and the colon.
    guard head & 0xFF00_FF00 == 0x3A00_2D00, a < 10, b < 10 else { return nil }
    var place = index &+ 4
    guard let c = shortNumber(&rest, &place, before: UInt8(ascii: ".")),
      let d = shortNumber(&rest, &place, before: UInt8(ascii: ".")),
      let e = shortNumber(&rest, &place, before: UInt8(ascii: "("))
    else { return nil }
    index = place &- 1
    return Obis(a, b, c, d, e)
  }

  /// One or two digits and the mark after them at the beginning of a word, which they leave.
  @inline(__always)
  private static func shortNumber(_ rest: inout UInt64, _ place: inout Int, before mark: UInt8) -> UInt8? {
    let first = UInt8(truncatingIfNeeded: rest).digitValue
    let next = UInt8(truncatingIfNeeded: rest &>> 8)
    guard first < 10 else { return nil }
    if next == mark {
      rest &>>= 16
      place &+= 2
      return first
    }
    guard next.isDigit, UInt8(truncatingIfNeeded: rest &>> 16) == mark else { return nil }
    rest &>>= 24
    place &+= 3
    return first &* 10 &+ next.digitValue
  }

  /// `A-B:C.D.E`, maybe with `*F` or `.F`, up to the first bracket.
  static func code(_ bytes: Span<UInt8>, _ index: inout Int) -> Obis? {
    guard let a = number(bytes, &index, before: UInt8(ascii: "-")),
      let b = number(bytes, &index, before: UInt8(ascii: ":")),
      let c = number(bytes, &index, before: UInt8(ascii: ".")),
      let d = number(bytes, &index, before: UInt8(ascii: ".")),
      let e = digits(bytes, &index)
    else { return nil }
    guard bytes[index] == UInt8(ascii: "*") || bytes[index] == UInt8(ascii: ".") else { return Obis(a, b, c, d, e) }
    index &+= 1
    guard let f = digits(bytes, &index) else { return nil }
    return Obis(a, b, c, d, e, f)
  }

  /// One to three digits up to 255 and the mark after them.
  @inline(__always)
  static func number(_ bytes: Span<UInt8>, _ index: inout Int, before mark: UInt8) -> UInt8? {
    guard let value = digits(bytes, &index), bytes[index] == mark else { return nil }
    index &+= 1
    return value
  }

  @inline(__always)
  private static func digits(_ bytes: Span<UInt8>, _ index: inout Int) -> UInt8? {
    var value = Int(bytes[index].digitValue)
    if value > 9 { return nil }
    index &+= 1
    while bytes[index].isDigit {
      value = value &* 10 &+ Int(bytes[index].digitValue)
      if value > 255 { return nil }
      index &+= 1
    }
    return UInt8(truncatingIfNeeded: value)
  }
}
