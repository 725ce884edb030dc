/// A readout, and what was made of it. A meter sends the same sets for years, and only the digits of its numbers and of its
/// clock change: then they alone are read again, and all else is as before. Where any other byte differs, it is another
/// readout: an error register, a number of the meter, a maximum with its time, a value without a field of its own.
///
/// It is an object, because a copy would count the owners of its arrays up and down.
final class D0Layout: Sendable {
  /// The readout with all that frames it but BCC. Bit 7 marks the digits that may be others.
  private let pattern: [UInt8]
  /// Number of bytes of the readout, but for BCC.
  var count: Int { pattern.count }
  private let isChecked: Bool
  private let content: D0Content
  private let reading: Reading
  private let numbers: [D0Number]
  private let clock: [D0Record]

  /// Nil for a readout with issues, and for one that is too long.
  init?(
    _ frame: Span<UInt8>, _ parts: D0Parts, _ content: D0Content, _ reading: Reading, _ changing: D0Changing
  ) {
    guard frame.count <= D0Habit.byteLimit else { return nil }
    isChecked = parts.etx != nil
    self.content = content
    self.reading = reading
    clock = changing.clock
    var pattern = [UInt8](frame.extracting(0..<frame.count - (isChecked ? 1 : 0)))
    guard pattern.allSatisfy({ $0 < 0x80 }) else { return nil }
    var numbers = changing.numbers
    for record in clock {
      for index in record.groups {
        let group = content.groups[index]
        // A longer second value is a time or none, by its digits.
        guard D0Number.isClock(group, frame), index == record.firstGroup || group.text.count < 10 else { continue }
        numbers.append(D0Number(group: index, field: nil, exponent: group.number?.exponent, published: 0))
      }
    }
    for number in numbers {
      let text = content.groups[Int(number.group)].text
      for index in text.indices where pattern[index].isDigit { pattern[index] |= 0x80 }
    }
    self.pattern = pattern
    self.numbers = numbers
  }

  /// The telegram of a frame in which only such digits are others; nil for every other frame.
  func telegram(_ frame: Span<UInt8>, utcOffset: Int16?) -> Telegram? {
    guard fits(frame) else { return nil }
    var groups = content.groups
    var reading = reading
    read(frame, &groups, &reading.fields)
    var issues: [DecodeError] = []
    if !clock.isEmpty {
      var time = D0Clock()
      for record in clock { _ = time.take(record, groups, frame) }
      reading.time = time.time(utcOffset: utcOffset, issues: &issues)
    }
    return Telegram(
      bytes: [UInt8](frame), content: D0Content(records: content.records, groups: groups), readings: [reading],
      issues: issues, protection: isChecked ? .checkValue : .none)
  }

  /// Whether a frame is the same but for the marked digits, and has digits there.
  private func fits(_ frame: Span<UInt8>) -> Bool {
    guard frame.count == pattern.count + (isChecked ? 1 : 0) else { return false }
    let known = self.pattern
    let pattern = known.span
    var index = 0
    // The compiler compares many bytes of such a piece at once.
    while index &+ 32 <= pattern.count {
      let piece = frame.extracting(index..<index &+ 32)
      let marked = pattern.extracting(index..<index &+ 32)
      var others: UInt8 = 0
      for place in 0..<32 { others |= Self.difference(piece[place], marked[place]) }
      if others != 0 { return false }
      index &+= 32
    }
    while index < pattern.count {
      if Self.difference(frame[index], pattern[index]) != 0 { return false }
      index &+= 1
    }
    return true
  }

  /// 0 for the known byte, or for any digit where the known byte is a marked one.
  @inline(__always)
  private static func difference(_ byte: UInt8, _ known: UInt8) -> UInt8 {
    let value = byte ^ UInt8(ascii: "0")
    let isOther = (value &+ 118 | value) & 0x80
    return known < 0x80 ? byte ^ known : isOther
  }

  /// Puts the numbers of a frame that fits into the groups and the fields.
  private func read(_ frame: Span<UInt8>, _ groups: inout [P1Group], _ fields: inout [Field]) {
    var groups = groups.mutableSpan
    var fields = fields.mutableSpan
    for number in numbers {
      guard let exponent = number.exponent else { continue }
      let index = Int(number.group)
      let mantissa = D0Number.mantissa(frame, groups[index].text)
      groups[index].content = .number(FixedDecimal(mantissa, exponent: exponent))
      if let field = number.field {
        fields[Int(field)].value = .number(FixedDecimal(mantissa, exponent: number.published))
      }
    }
  }
}

/// What may change in a readout while all else stays.
struct D0Changing {
  /// Nothing is noted otherwise.
  let isWanted: Bool
  /// Numbers with a field of their own.
  fileprivate var numbers: [D0Number] = []
  /// Sets of the clock.
  fileprivate var clock: [D0Record] = []

  init(isWanted: Bool) { self.isWanted = isWanted }

  mutating func note(clock record: D0Record) {
    if isWanted { clock.append(record) }
  }

  /// Notes a set whose number became the one field behind so many others, with no more than its point moved.
  @inline(never)
  mutating func note(
    _ record: D0Record, _ groups: [P1Group], _ bytes: Span<UInt8>, _ reading: Reading, from field: Int
  ) {
    let group = Int(record.firstGroup)
    guard record.groupCount == 1, let number = groups[group].number, D0Number.isPlain(groups[group], bytes),
      reading.fields.count == field + 1, reading.rounded.last?.field != field,
      case .number(let published) = reading.fields[field].value
    else { return }
    numbers.append(
      D0Number(group: group, field: field, exponent: number.exponent, published: published.exponent))
  }
}

/// A value whose digits may change.
struct D0Number: Sendable, BitwiseCopyable {
  fileprivate let group: UInt16
  /// Index of its field; nil for the clock.
  fileprivate let field: UInt16?
  /// As sent; nil for a text of the clock.
  fileprivate let exponent: Int8?
  /// That of the field.
  fileprivate let published: Int8

  fileprivate init(group: Int, field: Int?, exponent: Int8?, published: Int8) {
    self.group = UInt16(truncatingIfNeeded: group)
    self.field = field.map { UInt16(truncatingIfNeeded: $0) }
    self.exponent = exponent
    self.published = published
  }

  /// Whether a value is a number whatever its digits are: few enough to fit, and with nothing behind them but a bracket or
  /// the `*` before a unit.
  fileprivate static func isPlain(_ group: P1Group, _ bytes: Span<UInt8>) -> Bool {
    let end = bytes[group.text.indices.upperBound]
    return group.text.count <= 18 && (end == UInt8(ascii: ")") || end == UInt8(ascii: "*"))
  }

  /// Whether a set of the clock has digits and marks alone. With other digits they are no unit either.
  fileprivate static func isClock(_ group: P1Group, _ bytes: Span<UInt8>) -> Bool {
    switch group.content {
    case .number: isPlain(group, bytes)
    case .text: group.text.indices.allSatisfy { bytes[$0].isDigit || 0x2D...0x2F ~= bytes[$0] || bytes[$0] == 0x3A }
    case .longNumber, .time: false
    }
  }

  /// The digits of a plain number, with its sign.
  @inline(__always)
  fileprivate static func mantissa(_ bytes: Span<UInt8>, _ text: ByteRange) -> Int64 {
    var mantissa: Int64 = 0
    for index in text.indices where bytes[index].isDigit {
      mantissa = mantissa &* 10 &+ Int64(bytes[index].digitValue)
    }
    return bytes[Int(text.start)] == UInt8(ascii: "-") ? 0 &- mantissa : mantissa
  }
}
