/// Reads the lines of a telegram: `A-B:C.D.E(group)(group)…`, where a group is `value` or `value*unit`.
///
/// Groups on a line of their own belong to the line before. A text may wrap inside its group. An unreadable line is an
/// issue, and reading goes on at the next one.
struct P1Lines {
  private(set) var records: [P1Record] = []
  private(set) var groups: [P1Group] = []
  private(set) var issues: [DecodeError] = []
  /// Where the next line begins, maybe with line ends before it.
  private var index: Int
  private let clock: P1Clock
  private let isWhole: Bool

  /// Begins behind the identification.
  ///
  /// - Parameters:
  ///   - bytes: the telegram with the `!` at its end. It stops every search, so that none asks for the end at every byte.
  ///   - clock: which offsets the letters S and W of a time stamp stand for.
  ///   - isWhole: false for readings, which use neither histories and logs nor the numbers that identifications may be.
  init(_ bytes: Span<UInt8>, clock: P1Clock, isWhole: Bool) {
    self.clock = clock
    self.isWhole = isWhole
    index = Self.nextLine(bytes, from: 0)
    skipLineEnds(bytes)
    records.reserveCapacity(bytes.count / 32)
    groups.reserveCapacity(bytes.count / 24)
  }

  /// Reads all the lines that are left.
  mutating func readAll(_ bytes: Span<UInt8>) {
    while next(bytes) {}
  }

  /// Reads the next line that can be read, and what belongs to it; false at the end. It is the last of the records.
  mutating func next(_ bytes: Span<UInt8>) -> Bool {
    while index < bytes.count - 1 {
      let line = index
      let first = groups.count
      let obis = Self.shortCode(bytes, &index) ?? Self.code(bytes, &index)
      if !isWhole, let obis, obis.isList, let end = P1PlainLine.end(bytes, from: index) {
        index = end
        continue
      }
      if let obis, readGroups(bytes, of: obis) {
        records.append(
          P1Record(
            obis: obis, firstGroup: UInt16(truncatingIfNeeded: first),
            groupCount: UInt16(truncatingIfNeeded: groups.count &- first)))
        skipLineEnds(bytes)
        if bytes[index] == UInt8(ascii: "(") { readContinuations(bytes) }
        return true
      }
      reject(bytes, line: line, firstGroup: first)
    }
    return false
  }

  /// Takes the next line if it is a usual value of electricity and nothing else: `1-0:1.8.1(000123.456*kWh)`. Its field is
  /// all that remains of it.
  mutating func nextField(_ bytes: Span<UInt8>) -> Field? {
    guard let (field, length) = P1PlainLine.field(bytes, at: index) else { return nil }
    index &+= length
    return field
  }

  /// Groups on a line of their own belong to the last record.
  @inline(never)
  private mutating func readContinuations(_ bytes: Span<UInt8>) {
    while index < bytes.count - 1, bytes[index] == UInt8(ascii: "(") {
      let line = index
      let first = groups.count
      guard readGroups(bytes, of: records[records.count - 1].obis) else {
        return reject(bytes, line: line, firstGroup: first)
      }
      records[records.count - 1].groupCount += UInt16(truncatingIfNeeded: groups.count &- first)
      skipLineEnds(bytes)
    }
  }

  /// The line cannot be read; the next one may.
  @inline(never)
  private mutating func reject(_ bytes: Span<UInt8>, line: Int, firstGroup: Int) {
    issues.append(DecodeError(.badLine, at: line))
    groups.removeSubrange(firstGroup...)
    index = Self.nextLine(bytes, from: line)
    skipLineEnds(bytes)
  }

  // MARK: Lines

  /// The `!` at the end stops it.
  @inline(__always)
  private mutating func skipLineEnds(_ bytes: Span<UInt8>) {
    while index < bytes.count, bytes[index].isLineEnd { index &+= 1 }
  }

  private static func nextLine(_ bytes: Span<UInt8>, from start: Int) -> Int {
    min(bytes.place(of: .lineFeed, from: start) + 1, bytes.count)
  }

  /// Whether a line with a code of its own begins at a position.
  private static func beginsCode(_ bytes: Span<UInt8>, at start: Int) -> Bool {
    var index = start
    return number(bytes, &index, before: UInt8(ascii: "-")) != nil
      && number(bytes, &index, before: UInt8(ascii: ":")) != nil
  }

  // MARK: Groups

  /// One group or more and the line end; false for anything else.
  @inline(__always)
  private mutating func readGroups(_ bytes: Span<UInt8>, of obis: Obis) -> Bool {
    let first = groups.count
    let isText = obis.isText
    var needsLook = false
    repeat {
      guard bytes[index] == UInt8(ascii: "(") else { return false }
      index &+= 1
      if !isText, let time = Self.time(bytes, at: index, clock) {
        groups.append(time)
        index &+= 14
      } else if !isText, let value = P1PlainValue(bytes, at: index, takesComma: false), value.isNumber {
        groups.append(value.group)
        index = value.end
      } else if obis.isIdentification, !isWhole, let text = Self.identification(bytes, &index) {
        groups.append(text)
      } else {
        guard let group = Self.group(bytes, &index) else { return false }
        if group.unit.isEmpty, group.mayBeMore { needsLook = true }
        groups.append(group)
      }
    } while bytes[index] == UInt8(ascii: "(")
    while bytes[index] == UInt8(ascii: " ") { index &+= 1 }
    guard bytes[index].isLineEnd || index == bytes.count - 1 else { return false }
    if needsLook, !isText { look(bytes, from: first, of: obis) }
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

  /// A text behind its bracket, if none of its characters means anything.
  @inline(__always)
  private static func identification(_ bytes: Span<UInt8>, _ index: inout Int) -> P1Group? {
    let end = P1PlainLine.end(ofText: bytes, from: index, before: UInt8(ascii: "+"))
    guard bytes[end] == UInt8(ascii: ")") else { return nil }
    let text = ByteRange(from: index, to: end)
    index = end &+ 1
    return P1Group(text: text, unit: ByteRange(from: end, to: end), content: .text, usualUnit: .none)
  }

  /// Any group behind its bracket. Blanks around a number and its unit do not count.
  @inline(never)
  private static func group(_ bytes: Span<UInt8>, _ index: inout Int) -> P1Group? {
    let start = index
    skipBlanks(bytes, &index)
    var text = index..<index
    var content = number(bytes, &index)
    text = text.lowerBound..<index
    skipBlanks(bytes, &index)
    if bytes[index] != UInt8(ascii: "*"), bytes[index] != UInt8(ascii: ")") {
      content = .text
      guard skip(bytes, &index, toUnit: true) else { return nil }
    }
    if content == .text { text = start..<index }
    var unit = index..<index
    if bytes[index] == UInt8(ascii: "*") {
      index &+= 1
      skipBlanks(bytes, &index)
      let first = index
      guard skip(bytes, &index, toUnit: false) else { return nil }
      unit = first..<index
    }
    index &+= 1
    return P1Group(
      bytes, text: ByteRange(from: text.lowerBound, to: text.upperBound), unit: withoutBlanks(bytes, unit),
      content: content)
  }

  static func skipBlanks(_ bytes: Span<UInt8>, _ index: inout Int) {
    while bytes[index] == UInt8(ascii: " ") { index &+= 1 }
  }

  /// The range without the blanks at its end.
  static func withoutBlanks(_ bytes: Span<UInt8>, _ range: Range<Int>) -> ByteRange {
    var end = range.upperBound
    while end > range.lowerBound, bytes[end &- 1] == UInt8(ascii: " ") { end &-= 1 }
    return ByteRange(from: range.lowerBound, to: end)
  }

  /// The number at the beginning of a group: a sign, digits and a point, or a comma where a meter may write one.
  static func number(_ bytes: Span<UInt8>, _ index: inout Int, takesComma: Bool = false) -> P1Group.Content {
    let isNegative = bytes[index] == UInt8(ascii: "-")
    if isNegative || bytes[index] == UInt8(ascii: "+") { index &+= 1 }
    var start = index
    let read = P1Digits.read(bytes, &index, takesComma: takesComma)
    var digits = read.count
    if digits == 0 { return .text }
    // Eighteen digits always fit. Leading zeros do not count.
    while digits > 18, bytes[start] == UInt8(ascii: "0") || !bytes[start].isDigit {
      if bytes[start] == UInt8(ascii: "0") { digits &-= 1 }
      start &+= 1
    }
    guard digits <= 18, read.decimals < 100 else { return .longNumber }
    let value = Int64(bitPattern: read.mantissa)
    let exponent = Int8(truncatingIfNeeded: 0 &- read.decimals)
    return .number(FixedDecimal(isNegative ? 0 &- value : value, exponent: exponent))
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
  private mutating func look(_ bytes: Span<UInt8>, from first: Int, of obis: Obis) {
    for index in first..<groups.count where groups[index].unit.isEmpty && groups[index].mayBeMore {
      look(bytes, at: index, from: first, of: obis)
    }
  }

  /// A time stamp is told by its letter or its marks. Digits alone are one at the place of a time, and beside a value with
  /// a unit, in whichever order the two come.
  private mutating func look(_ bytes: Span<UInt8>, at index: Int, from first: Int, of obis: Obis) {
    let text = groups[index].text
    let other = index == first ? first + 1 : first
    let isExpected =
      index == first && obis.isTimed && obis.a < 2 || groups.count - first == 2 && groups[other].hasUnit(bytes)
    if let time = clock.time(bytes.extracting(text.indices), isExpected: isExpected) {
      groups[index].content = .time(time)
    } else if groups[index].content == .text, obis.isMeasured, obis.a > 1 || obis.cde != 0x01_00_00,
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
    // The S or W of a clock that was never set is no unit, and no small letter in its place.
    guard index < text.upperBound, WrittenUnit(bytes.extracting(index..<text.upperBound)) != nil,
      !P1Notation.isTime(bytes.extracting(text)), text.count != P1Clock.stampCount || index != text.upperBound &- 1
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
