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
    while position < bytes.count, isLineEnd(bytes[position]) { position &+= 1 }
    guard position < bytes.count else { return false }
    let line = position
    let first = groups.count
    if bytes[line] == 0x28, canContinue {
      if self.groups(into: &groups) {
        readTimes(&groups, from: first, of: records[records.count - 1].obis)
        records[records.count - 1].groupCount += UInt16(truncatingIfNeeded: groups.count - first)
        return true
      }
    } else if let obis = code(), self.groups(into: &groups) {
      readTimes(&groups, from: first, of: obis)
      records.append(
        P1Record(
          obis: obis, firstGroup: UInt16(truncatingIfNeeded: first),
          groupCount: UInt16(truncatingIfNeeded: groups.count - first)))
      canContinue = true
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
  private func isLineEnd(_ byte: UInt8) -> Bool { byte == 0x0A || byte == 0x0D }

  @_lifetime(self: copy self)
  private mutating func skipLine() {
    while position < bytes.count {
      position &+= 1
      if bytes[position &- 1] == 0x0A { return }
    }
  }

  /// Whether a line with a code of its own begins at a position.
  private func beginsCode(at start: Int) -> Bool {
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
  @inline(__always) @_lifetime(self: copy self)
  private mutating func code() -> Obis? {
    var obis = Obis(0, 0, 0, 0, 0)
    guard let a = number(before: 0x2D), let b = number(before: 0x3A), let c = number(before: 0x2E),
      let d = number(before: 0x2E), let e = digits()
    else { return nil }
    obis.a = a
    obis.b = b
    obis.c = c
    obis.d = d
    obis.e = e
    if position < bytes.count, bytes[position] == 0x2A || bytes[position] == 0x2E {
      position &+= 1
      guard let f = digits() else { return nil }
      obis.f = f
    }
    return obis
  }

  /// One to three digits up to 255 and the mark after them.
  @inline(__always) @_lifetime(self: copy self)
  private mutating func number(before mark: UInt8) -> UInt8? {
    guard let value = digits(), position < bytes.count, bytes[position] == mark else { return nil }
    position &+= 1
    return value
  }

  @inline(__always) @_lifetime(self: copy self)
  private mutating func digits() -> UInt8? {
    let start = position
    var value = 0
    while position < bytes.count, position &- start < 4 {
      let digit = bytes[position] &- 0x30
      guard digit < 10 else { break }
      value = value &* 10 &+ Int(digit)
      position &+= 1
    }
    return position > start && value < 256 ? UInt8(truncatingIfNeeded: value) : nil
  }

  // MARK: Groups

  /// One group or more and the line end. False where anything else is there.
  @_lifetime(self: copy self)
  private mutating func groups(into groups: inout [P1Group]) -> Bool {
    repeat {
      guard let group = group() else { return false }
      groups.append(group)
    } while position < bytes.count && bytes[position] == 0x28
    while position < bytes.count, bytes[position] == 0x20 { position &+= 1 }
    return position == bytes.count || isLineEnd(bytes[position])
  }

  /// `(text)`, `(number)` or `(number*unit)`.
  @inline(__always) @_lifetime(self: copy self)
  private mutating func group() -> P1Group? {
    guard position < bytes.count, bytes[position] == 0x28 else { return nil }
    let start = position &+ 1
    var index = start
    var mantissa: UInt64 = 0
    var significant = 0
    var decimals = -1
    var digits = 0
    var isNumber = true
    var star = -1
    while index < bytes.count {
      let byte = bytes[index]
      if byte == 0x29 { break }
      if star < 0 {
        switch byte {
        case 0x30...0x39:
          if significant < 19 { mantissa = mantissa &* 10 &+ UInt64(byte &- 0x30) }
          if mantissa > 0 { significant &+= 1 }
          digits &+= 1
          if decimals >= 0 { decimals &+= 1 }
        case 0x2E where decimals < 0: decimals = 0
        case 0x2D where index == start, 0x2B where index == start: break
        case 0x2A: star = index
        default: isNumber = false
        }
      }
      if byte == 0x28 { return nil }
      if byte == 0x0A {
        let next = index &+ 1
        if next == bytes.count || bytes[next] == 0x28 || beginsCode(at: next) { return nil }
      }
      index &+= 1
    }
    guard index < bytes.count else { return nil }
    position = index &+ 1
    var group = P1Group(
      text: ByteRange(from: start, to: star < 0 ? index : star),
      unit: ByteRange(from: star < 0 ? index : star &+ 1, to: index), content: .text)
    if isNumber, digits > 0 {
      if significant < 19, decimals < 100 {
        let value = Int64(bitPattern: mantissa)
        group.content = .number(
          FixedDecimal(bytes[start] == 0x2D ? 0 &- value : value, exponent: decimals > 0 ? Int8(-decimals) : 0))
      } else {
        group.content = .longNumber
      }
    }
    return group
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
