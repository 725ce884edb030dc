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
      if bytes[line] == UInt8(ascii: "("), canContinue {
        if readGroups(bytes, &index) {
          let last = records.count - 1
          readTimes(bytes, from: first, of: records[last].obis, clock)
          records[last].groupCount += UInt16(truncatingIfNeeded: groups.count - first)
          continue
        }
      } else if let obis = Self.code(bytes, &index), readGroups(bytes, &index) {
        readTimes(bytes, from: first, of: obis, clock)
        records.append(
          P1Record(
            obis: obis, firstGroup: UInt16(truncatingIfNeeded: first),
            groupCount: UInt16(truncatingIfNeeded: groups.count &- first)))
        canContinue = true
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
    var index = start
    while index < bytes.count, bytes[index] != .lineFeed { index &+= 1 }
    return min(index + 1, bytes.count)
  }

  /// Whether a line with a code of its own begins at a position.
  private static func beginsCode(_ bytes: Span<UInt8>, at start: Int) -> Bool {
    var index = start
    return number(bytes, &index, before: UInt8(ascii: "-")) != nil
      && number(bytes, &index, before: UInt8(ascii: ":")) != nil
  }

  // MARK: Code

  /// `A-B:C.D.E`, maybe with `*F` or `.F`, up to the first bracket.
  @inline(__always)
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
  private mutating func readGroups(_ bytes: Span<UInt8>, _ index: inout Int) -> Bool {
    repeat {
      guard let group = Self.group(bytes, &index) else { return false }
      groups.append(group)
    } while bytes[index] == UInt8(ascii: "(")
    while bytes[index] == UInt8(ascii: " ") { index &+= 1 }
    return bytes[index].isLineEnd || index == bytes.count - 1
  }

  /// `(text)`, `(number)` or `(number*unit)`.
  @inline(__always)
  private static func group(_ bytes: Span<UInt8>, _ index: inout Int) -> P1Group? {
    guard bytes[index] == UInt8(ascii: "(") else { return nil }
    index &+= 1
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
    index &+= 1
    let unit = min(end &+ 1, index &- 1)
    return P1Group(
      text: ByteRange(from: start, to: end), unit: ByteRange(from: unit, to: index &- 1), content: content)
  }

  /// The number at the beginning of a group: a sign, digits and a point, or a comma where a meter may write one.
  @inline(__always)
  static func number(_ bytes: Span<UInt8>, _ index: inout Int, takesComma: Bool = false) -> P1Group.Content {
    let isNegative = bytes[index] == UInt8(ascii: "-")
    if isNegative || bytes[index] == UInt8(ascii: "+") { index &+= 1 }
    var start = index
    var mantissa: UInt64 = 0
    var digit = bytes[index].digitValue
    while digit < 10 {
      mantissa = mantissa &* 10 &+ UInt64(digit)
      index &+= 1
      digit = bytes[index].digitValue
    }
    var digits = index &- start
    var decimals = 0
    if bytes[index] == UInt8(ascii: ".") || takesComma && bytes[index] == UInt8(ascii: ",") {
      index &+= 1
      let point = index
      digit = bytes[index].digitValue
      while digit < 10 {
        mantissa = mantissa &* 10 &+ UInt64(digit)
        index &+= 1
        digit = bytes[index].digitValue
      }
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
  @inline(__always)
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
  @inline(__always)
  private mutating func readTimes(_ bytes: Span<UInt8>, from first: Int, of obis: Obis, _ clock: P1Clock) {
    for index in first..<groups.count {
      let group = groups[index]
      guard group.unit.isEmpty, group.text.count >= 10 || group.content == .text && group.text.count > 1 else {
        continue
      }
      if !obis.isText { look(bytes, at: index, from: first, of: obis, clock) }
    }
  }

  /// A time stamp is told by its letter or its marks. Digits alone are one at the place of a time, and beside a value with
  /// a unit, in whichever order the two come.
  @inline(never)
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
      text: ByteRange(from: text.lowerBound, to: end), unit: ByteRange(from: index, to: text.upperBound),
      content: number)
  }

  /// Whether a unit follows the value, with a `*` or without.
  fileprivate func hasUnit(_ bytes: Span<UInt8>) -> Bool {
    !unit.isEmpty || content == .text && P1Group(withUnitIn: text, bytes) != nil
  }
}
