/// Reads the lines of a telegram: `A-B:C.D.E(group)(group)…`, where a group is `value` or `value*unit`.
///
/// Groups on a line of their own belong to the line before. A text may wrap inside its group. An unreadable line is an
/// issue, and reading goes on at the next one.
struct P1Lines {
  var records: [P1Record] = []
  var groups: [P1Group] = []
  var issues: [DecodeError] = []

  /// Reads all lines behind the identification.
  ///
  /// - Parameters:
  ///   - bytes: the telegram with the `!` at its end. It stops every search, so that none asks for the end at every byte.
  ///   - clock: which offsets the letters S and W of a time stamp stand for.
  init(_ bytes: Span<UInt8>, clock: P1Clock) {
    let end = bytes.count - 1
    records.reserveCapacity(end / 16)
    groups.reserveCapacity(end / 14)
    var index = Self.nextLine(bytes, from: 0)
    // Whether the line before was readable, so that groups on a line of their own belong to its record.
    var canContinue = false
    while true {
      while index < end, bytes[index].isLineEnd { index &+= 1 }
      if index >= end { return }
      let line = index
      let first = groups.count
      let isContinued = canContinue && bytes[line] == UInt8(ascii: "(")
      let obis =
        isContinued ? records[records.count - 1].obis : Self.shortCode(bytes, &index) ?? Self.code(bytes, &index)
      if let obis, readGroups(bytes, &index, of: obis, clock) {
        let count = UInt16(truncatingIfNeeded: groups.count &- first)
        if isContinued {
          records[records.count - 1].groupCount += count
        } else {
          records.append(P1Record(obis: obis, firstGroup: UInt16(truncatingIfNeeded: first), groupCount: count))
          canContinue = true
        }
        continue
      }
      canContinue = false
      issues.append(DecodeError(.badLine, at: line))
      groups.removeSubrange(first...)
      index = Self.nextLine(bytes, from: line)
    }
  }

  // MARK: Lines

  private static func nextLine(_ bytes: Span<UInt8>, from start: Int) -> Int {
    min(bytes.place(of: .lineFeed, from: start) + 1, bytes.count)
  }

  /// Whether a line with a code of its own begins at a position.
  private static func beginsCode(_ bytes: Span<UInt8>, at start: Int) -> Bool {
    var index = start
    return number(bytes, &index, before: UInt8(ascii: "-")) != nil
      && number(bytes, &index, before: UInt8(ascii: ":")) != nil
  }

  // MARK: Code

  /// `A-B:C.D.E(` with one digit for A and for B, and at most two for the others: most codes. Nil for all others, and the
  /// index stays.
  @inline(__always)
  private static func shortCode(_ bytes: Span<UInt8>, _ index: inout Int) -> Obis? {
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
  private static func number(_ bytes: Span<UInt8>, _ index: inout Int, before mark: UInt8) -> UInt8? {
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

  // MARK: Groups

  /// One group or more and the line end; false for anything else.
  @inline(__always)
  private mutating func readGroups(_ bytes: Span<UInt8>, _ index: inout Int, of obis: Obis, _ clock: P1Clock) -> Bool {
    let first = groups.count
    let isText = obis.isText
    var needsLook = false
    repeat {
      guard bytes[index] == UInt8(ascii: "(") else { return false }
      index &+= 1
      if !isText, let time = Self.time(bytes, at: index, clock) {
        groups.append(time)
        index &+= 14
      } else if !isText, let value = P1PlainValue(bytes, at: index, takesComma: false),
        !value.unit.isEmpty || value.text.count < 10
      {
        groups.append(value.group)
        index = value.end
      } else {
        guard let group = Self.group(bytes, &index) else { return false }
        if group.unit.isEmpty, group.mayBeMore { needsLook = true }
        groups.append(group)
      }
    } while bytes[index] == UInt8(ascii: "(")
    while bytes[index] == UInt8(ascii: " ") { index &+= 1 }
    guard bytes[index].isLineEnd || index == bytes.count - 1 else { return false }
    if needsLook, !isText { look(bytes, from: first, of: obis, clock) }
    return true
  }

  /// A time behind its bracket that is told by its letter.
  @inline(__always)
  private static func time(_ bytes: Span<UInt8>, at start: Int, _ clock: P1Clock) -> P1Group? {
    let end = start &+ 13
    guard end < bytes.count, bytes[end] == UInt8(ascii: ")"), let time = clock.stamp(bytes, at: start, hasLetter: true)
    else { return nil }
    let unit = ByteRange(from: end, to: end)
    return P1Group(text: ByteRange(from: start, to: end), unit: unit, content: .time(time), usualUnit: .none)
  }

  /// Any group behind its bracket.
  @inline(never)
  private static func group(_ bytes: Span<UInt8>, _ index: inout Int) -> P1Group? {
    let start = index
    var content = number(bytes, &index)
    if bytes[index] != UInt8(ascii: "*"), bytes[index] != UInt8(ascii: ")") {
      content = .text
      guard skip(bytes, &index, toUnit: true) else { return nil }
    }
    let end = index
    if bytes[index] == UInt8(ascii: "*") {
      index &+= 1
      guard skip(bytes, &index, toUnit: false) else { return nil }
    }
    let unit = ByteRange(from: min(end &+ 1, index), to: index)
    index &+= 1
    return P1Group(bytes, text: ByteRange(from: start, to: end), unit: unit, content: content)
  }

  /// The number at the beginning of a group: a sign, digits and a point, or a comma where a meter may write one.
  static func number(_ bytes: Span<UInt8>, _ index: inout Int, takesComma: Bool = false) -> P1Group.Content {
    let isNegative = bytes[index] == UInt8(ascii: "-")
    if isNegative || bytes[index] == UInt8(ascii: "+") { index &+= 1 }
    var start = index
    var mantissa: UInt64 = 0
    P1PlainValue.readDigits(bytes, &index, appendingTo: &mantissa)
    var digits = index &- start
    var decimals = 0
    if bytes[index] == UInt8(ascii: ".") || takesComma && bytes[index] == UInt8(ascii: ",") {
      index &+= 1
      let point = index
      P1PlainValue.readDigits(bytes, &index, appendingTo: &mantissa)
      decimals = index &- point
      digits &+= decimals
    }
    if digits == 0 { return .text }
    // Eighteen digits always fit. Leading zeros do not count.
    while digits > 18, bytes[start] == UInt8(ascii: "0") || !bytes[start].isDigit {
      if bytes[start] == UInt8(ascii: "0") { digits &-= 1 }
      start &+= 1
    }
    guard digits <= 18, decimals < 100 else { return .longNumber }
    let value = Int64(bitPattern: mantissa)
    return .number(FixedDecimal(isNegative ? 0 &- value : value, exponent: Int8(truncatingIfNeeded: 0 &- decimals)))
  }

  /// Skips to the closing bracket or to the `*` before a unit. False if the group does not end: another one opens, or the
  /// line ends and the next one is not part of this text.
  private static func skip(_ bytes: Span<UInt8>, _ index: inout Int, toUnit: Bool) -> Bool {
    while index < bytes.count {
      switch bytes[index] {
      case UInt8(ascii: ")"): return true
      case UInt8(ascii: "*") where toUnit: return true
      case UInt8(ascii: "("): return false
      case .lineFeed:
        let next = index &+ 1
        if next == bytes.count - 1 || bytes[next] == UInt8(ascii: "(") || beginsCode(bytes, at: next) { return false }
      default: break
      }
      index &+= 1
    }
    return false
  }

  // MARK: Times

  /// Finds times and numbers with a unit among what looked like a text. Few groups need the closer look.
  @inline(never)
  private mutating func look(_ bytes: Span<UInt8>, from first: Int, of obis: Obis, _ clock: P1Clock) {
    for index in first..<groups.count where groups[index].unit.isEmpty && groups[index].mayBeMore {
      look(bytes, at: index, from: first, of: obis, clock)
    }
  }

  /// A time stamp is told by its letter or its marks. Digits alone are one at the place of a time, and beside a value with
  /// a unit, in whichever order the two come.
  private mutating func look(_ bytes: Span<UInt8>, at index: Int, from first: Int, of obis: Obis, _ clock: P1Clock) {
    let text = groups[index].text
    let other = index == first ? first + 1 : first
    let isExpected =
      index == first && obis.isTimed && obis.a < 2 || groups.count - first == 2 && groups[other].hasUnit(bytes)
    if let time = clock.time(bytes.extracting(text.indices), isExpected: isExpected) {
      groups[index].content = .time(time)
    } else if groups[index].content == .text, obis.c < 96, obis.a > 1 || obis.cde != 0x01_00_00,
      let value = P1Group(withUnitIn: text, bytes)
    {
      groups[index] = value
    }
  }
}

extension P1Group {
  /// A value whose unit follows without a `*`, as in `234.5V` and `0000000 kWh`; nil for every other text.
  init?(withUnitIn text: ByteRange, _ bytes: Span<UInt8>, takesComma: Bool = false) {
    let text = text.indices
    var index = text.lowerBound
    let number = P1Lines.number(bytes, &index, takesComma: takesComma)
    guard number != .text, index < text.upperBound else { return nil }
    let end = index
    while bytes[index] == UInt8(ascii: " ") { index &+= 1 }
    // The S or W of a clock that was never set is no unit.
    guard index < text.upperBound, WrittenUnit(bytes.extracting(index..<text.upperBound)) != nil,
      !P1Notation.isTime(bytes.extracting(text))
    else { return nil }
    self.init(
      bytes, text: ByteRange(from: text.lowerBound, to: end), unit: ByteRange(from: index, to: text.upperBound),
      content: number)
  }

  /// Whether a group without a unit may be a time, or a number whose unit follows without a `*`.
  @inline(__always)
  fileprivate var mayBeMore: Bool {
    switch content {
    case .time: false
    case .text: text.count > 1
    case .number, .longNumber: text.count >= 10
    }
  }

  /// Whether a unit follows the value, with a `*` or without.
  fileprivate func hasUnit(_ bytes: Span<UInt8>) -> Bool {
    !unit.isEmpty || content == .text && P1Group(withUnitIn: text, bytes) != nil
  }
}
