/// Walks the lines of a telegram: `A-B:C.D.E(group)(group)…`, where a group is `value` or `value*unit`.
///
/// Groups on a line of their own belong to the line before. A text may be wrapped inside its group. A line that is not
/// understood is an issue, and the walk goes on with the next one.
struct P1Lines: ~Escapable {
  let bytes: Span<UInt8>
  /// The first byte not yet walked over.
  private var position = 0
  /// Whether the line before was understood, so that groups on a line of their own have a record to belong to.
  private var canContinue = false
  /// Which offset the letters S and W of a time stamp stand for.
  let clock: P1Clock

  @_lifetime(copy bytes)
  init(_ bytes: Span<UInt8>, clock: P1Clock) {
    self.bytes = bytes
    self.clock = clock
    skipLine()
  }

  /// Reads one line, or as many as a group is wrapped over. False at the end.
  @_lifetime(self: copy self)
  mutating func next(
    into records: inout [P1Record], _ groups: inout [P1Group], issues: inout [DecodeError]
  ) -> Bool {
    // Locals stay in registers; members would be read and written for every byte.
    let bytes = bytes
    var index = position
    while index < bytes.count, Self.isLineEnd(bytes[index]) { index &+= 1 }
    guard index < bytes.count else { return false }
    let line = index
    let first = groups.count
    if bytes[line] == 0x28, canContinue {
      if Self.readGroups(bytes, &index, into: &groups) {
        readTimes(&groups, from: first, of: records[records.count - 1].obis)
        records[records.count - 1].groupCount += UInt16(truncatingIfNeeded: groups.count - first)
        position = index
        return true
      }
    } else if let obis = Self.code(bytes, &index), Self.readGroups(bytes, &index, into: &groups) {
      readTimes(&groups, from: first, of: obis)
      records.append(
        P1Record(
          obis: obis, firstGroup: UInt16(truncatingIfNeeded: first),
          groupCount: UInt16(truncatingIfNeeded: groups.count - first)))
      canContinue = true
      position = index
      return true
    }
    canContinue = false
    issues.append(DecodeError(.badLine, at: line))
    groups.removeSubrange(first...)
    position = line
    skipLine()
    return true
  }

  // MARK: Lines

  @inline(__always)
  private static func isLineEnd(_ byte: UInt8) -> Bool { byte == 0x0A || byte == 0x0D }

  @_lifetime(self: copy self)
  private mutating func skipLine() {
    while position < bytes.count {
      position &+= 1
      if bytes[position &- 1] == 0x0A { return }
    }
  }

  /// Whether a line with a code of its own begins at a position.
  private static func beginsCode(_ bytes: Span<UInt8>, at start: Int) -> Bool {
    var index = start
    while index < bytes.count, (0x30...0x39).contains(bytes[index]) { index += 1 }
    guard index > start, index < bytes.count, bytes[index] == 0x2D else { return false }
    let dash = index
    index += 1
    while index < bytes.count, (0x30...0x39).contains(bytes[index]) { index += 1 }
    return index > dash + 1 && index < bytes.count && bytes[index] == 0x3A
  }

  // MARK: Code

  /// `A-B:C.D.E`, with `*F` or `.F` where the meter names it, up to the first bracket.
  @inline(__always)
  private static func code(_ bytes: Span<UInt8>, _ index: inout Int) -> Obis? {
    guard let a = number(bytes, &index, before: 0x2D), let b = number(bytes, &index, before: 0x3A),
      let c = number(bytes, &index, before: 0x2E), let d = number(bytes, &index, before: 0x2E), let e = digits(bytes, &index)
    else { return nil }
    guard index < bytes.count, bytes[index] == 0x2A || bytes[index] == 0x2E else { return Obis(a, b, c, d, e) }
    index &+= 1
    guard let f = digits(bytes, &index) else { return nil }
    return Obis(a, b, c, d, e, f)
  }

  /// One to three digits up to 255 and the mark after them.
  @inline(__always)
  private static func number(_ bytes: Span<UInt8>, _ index: inout Int, before mark: UInt8) -> UInt8? {
    guard let value = digits(bytes, &index), index < bytes.count, bytes[index] == mark else { return nil }
    index &+= 1
    return value
  }

  @inline(__always)
  private static func digits(_ bytes: Span<UInt8>, _ index: inout Int) -> UInt8? {
    let start = index
    var value = 0
    while index < bytes.count {
      let digit = bytes[index] &- 0x30
      guard digit < 10, value < 256 else { break }
      value = value &* 10 &+ Int(digit)
      index &+= 1
    }
    return index > start && value < 256 ? UInt8(truncatingIfNeeded: value) : nil
  }

  // MARK: Groups

  /// One group or more and the line end. False where anything else is there.
  @inline(__always)
  private static func readGroups(_ bytes: Span<UInt8>, _ index: inout Int, into groups: inout [P1Group]) -> Bool {
    repeat {
      guard let group = group(bytes, &index) else { return false }
      groups.append(group)
    } while index < bytes.count && bytes[index] == 0x28
    while index < bytes.count, bytes[index] == 0x20 { index &+= 1 }
    return index == bytes.count || isLineEnd(bytes[index])
  }

  /// `(text)`, `(number)` or `(number*unit)`.
  @inline(__always)
  private static func group(_ bytes: Span<UInt8>, _ index: inout Int) -> P1Group? {
    guard index < bytes.count, bytes[index] == 0x28 else { return nil }
    index &+= 1
    let start = index
    var content = number(bytes, &index)
    if index < bytes.count, bytes[index] != 0x2A, bytes[index] != 0x29 { content = .text }
    guard skip(bytes, &index, toUnit: true) else { return nil }
    let end = index
    if bytes[index] == 0x2A {
      index &+= 1
      guard skip(bytes, &index, toUnit: false) else { return nil }
    }
    index &+= 1
    let unit = min(end &+ 1, index &- 1)
    return P1Group(
      text: ByteRange(from: start, to: end), unit: ByteRange(from: unit, to: index &- 1), content: content)
  }

  /// A number as far as it goes: a sign, digits and a point.
  @inline(__always)
  private static func number(_ bytes: Span<UInt8>, _ index: inout Int) -> P1Group.Content {
    var mantissa: UInt64 = 0
    var significant = 0
    var digits = 0
    var point = -1
    let isNegative = index < bytes.count && bytes[index] == 0x2D
    if isNegative || index < bytes.count && bytes[index] == 0x2B { index &+= 1 }
    while index < bytes.count {
      let digit = bytes[index] &- 0x30
      if digit < 10 {
        if significant < 19 { mantissa = mantissa &* 10 &+ UInt64(digit) }
        if mantissa > 0 { significant &+= 1 }
        digits &+= 1
      } else if bytes[index] == 0x2E, point < 0 {
        point = digits
      } else {
        break
      }
      index &+= 1
    }
    if digits == 0 { return .text }
    let decimals = point < 0 ? 0 : digits &- point
    guard significant < 19, decimals < 100 else { return .longNumber }
    let value = Int64(bitPattern: mantissa)
    return .number(FixedDecimal(isNegative ? 0 &- value : value, exponent: Int8(truncatingIfNeeded: -decimals)))
  }

  /// On to the closing bracket or to the `*` before a unit. False where the group has no end: another one opens, or the
  /// line ends and the next one is no part of this text.
  @inline(__always)
  private static func skip(_ bytes: Span<UInt8>, _ index: inout Int, toUnit: Bool) -> Bool {
    while index < bytes.count {
      switch bytes[index] {
      case 0x29: return true
      case 0x2A where toUnit: return true
      case 0x28: return false
      case 0x0A:
        let next = index &+ 1
        if next == bytes.count || bytes[next] == 0x28 || beginsCode(bytes, at: next) { return false }
      default: break
      }
      index &+= 1
    }
    return false
  }

  // MARK: Times

  /// Time stamps are told by their letter; before version 4 they have none, and their place tells.
  @inline(__always)
  private func readTimes(_ groups: inout [P1Group], from first: Int, of obis: Obis) {
    for index in first..<groups.count {
      let text = groups[index].text
      guard text.count == 13 && groups[index].content == .text || text.count == 12 && index == first && obis.isTimed
      else { continue }
      if !obis.isText, let time = clock.time(bytes.extracting(text.indices)) { groups[index].content = .time(time) }
    }
  }
}
