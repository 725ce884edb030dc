/// The meter's time, which is spread over two sets: time of day (0.9.1) and date (0.9.2). Heat meters have both in 9.36.
struct D0Clock {
  private var day: (year: Int, month: Int, day: Int)?
  private var ofDay: (hour: Int, minute: Int, second: Int?)?
  private var whole: MeterTime?
  private var isSummer = false
  /// The place of a text that is no time.
  private var mistake: Int?

  /// Takes a set of the clock; false for another set.
  mutating func take(_ record: D0Record, _ groups: [P1Group], _ bytes: Span<UInt8>, _ medium: Medium) -> Bool {
    let first = groups[Int(record.firstGroup)].text
    switch record.obis.cde {
    case 0x00_09_01: read(first, bytes, isDate: false)
    case 0x00_09_02: read(first, bytes, isDate: true)
    case 0x09_24_00 where record.obis.a == 6 && record.groupCount == 2:  // 9.36
      read(first, bytes, isDate: true)
      read(groups[Int(record.firstGroup) + 1].text, bytes, isDate: false)
    case 0x00_09_04:
      whole = Self.moment(bytes.extracting(first.indices))
      if whole == nil, !first.isEmpty { mistake = Int(first.start) }
    default: return false
    }
    return true
  }

  /// The time; nil unless date and time of day are known, and for a clock that was never set.
  func time(issues: inout [DecodeError]) -> MeterTime? {
    if let mistake { issues.append(DecodeError(.badTime, at: mistake)) }
    if let whole { return whole.isOfSetClock ? whole : nil }
    guard let day, let ofDay,
      let time = MeterTime(
        year: day.year, month: day.month, day: day.day, hour: ofDay.hour, minute: ofDay.minute, second: ofDay.second ?? 0,
        precision: ofDay.second == nil ? .minute : .second, isSummer: isSummer)
    else { return nil }
    return time.isOfSetClock ? time : nil
  }

  private mutating func read(_ range: ByteRange, _ bytes: Span<UInt8>, isDate: Bool) {
    guard !range.isEmpty else { return }
    let isRead = D0Digits(bytes.extracting(range.indices)).map { isDate ? readDate($0) : readTime($0) } ?? false
    if !isRead { mistake = Int(range.start) }
  }

  /// `YYMMDD`, `YYYYMMDD`, `YY-MM-DD`, `YYYY-MM-DD`, `DD.MM.YY`, or seven digits with a mark of summer time before them.
  private mutating func readDate(_ digits: D0Digits) -> Bool {
    var parts = digits.parts
    if parts.count == 1 {
      guard let pieces = digits.pieces([7: [1, 2, 2, 2], 6: [2, 2, 2], 8: [4, 2, 2]]) else { return false }
      parts = pieces
      if parts.count == 4, !takeMark(parts.removeFirst()) { return false }
    } else if digits.mark == UInt8(ascii: "."), digits.counts[0] <= 2 {
      parts.reverse()
    }
    guard parts.count == 3 else { return false }
    let year = parts[0] < 100 ? 2000 + parts[0] : parts[0]
    guard year >= 2000, MeterTime(year: year, month: parts[1], day: parts[2]) != nil else {
      // A clock that was never set shows zeros.
      return parts[1] == 0 && parts[2] == 0
    }
    day = (year, parts[1], parts[2])
    return true
  }

  /// `HHMMSS`, `HHMM`, `HH:MM:SS`, `HH:MM`, or seven digits with a mark of summer time before them.
  private mutating func readTime(_ digits: D0Digits) -> Bool {
    var parts = digits.parts
    if parts.count == 1 {
      guard let pieces = digits.pieces([7: [1, 2, 2, 2], 6: [2, 2, 2], 4: [2, 2]]) else { return false }
      parts = pieces
      if parts.count == 4, !takeMark(parts.removeFirst()) { return false }
    }
    guard parts.count == 2 || parts.count == 3, parts[0] < 24, parts.allSatisfy({ $0 < 60 }) else { return false }
    ofDay = (parts[0], parts[1], parts.count == 3 ? parts[2] : nil)
    return true
  }

  /// The digit before a time: 2 is summer time, 0 and 1 are standard time.
  private mutating func takeMark(_ mark: Int) -> Bool {
    if mark == 2 { isSummer = true }
    return mark <= 2
  }

  /// The time of a maximum: `YYMMDDhhmm` with seconds or without, with a mark of summer time before it or without, and what
  /// `P1Notation` has. Nil for other texts, and for a time that was never set.
  static func moment(_ text: Span<UInt8>) -> MeterTime? {
    var text = text
    var isSummer = false
    if text.count == 11 || text.count == 13, text[0].digitValue <= 2, text[text.count - 1].isDigit {
      isSummer = text[0].digitValue == 2
      text = text.extracting(1..<text.count)
    }
    guard let notation = P1Notation(text, isExpected: true), var time = notation.time, time.isOfSetClock else { return nil }
    switch notation.zone {
    case .summer: time.isSummer = true
    case .offset(let minutes): time.offset = minutes
    case .local, .winter: time.isSummer = isSummer
    }
    return time
  }
}

/// A text of digits with one kind of mark between them.
private struct D0Digits {
  var parts: [Int] = []
  /// The number of digits of each part.
  var counts: [Int] = []
  /// 0 without one.
  var mark: UInt8 = 0
  private var digits: [Int] = []

  /// Nil for a text with anything else.
  init?(_ text: Span<UInt8>) {
    guard text.count <= 12 else { return nil }
    var value = 0
    var count = 0
    for index in text.indices {
      if text[index].isDigit {
        value = value * 10 + Int(text[index].digitValue)
        digits.append(Int(text[index].digitValue))
        count += 1
        continue
      }
      guard count > 0, mark == 0 || mark == text[index], [0x2D, 0x2E, 0x3A, 0x2F].contains(text[index]) else { return nil }
      mark = text[index]
      parts.append(value)
      counts.append(count)
      value = 0
      count = 0
    }
    guard count > 0 else { return nil }
    parts.append(value)
    counts.append(count)
  }

  /// Digits without marks, cut into pieces of these lengths; nil for another number of digits.
  func pieces(_ lengths: [Int: [Int]]) -> [Int]? {
    var start = 0
    return lengths[digits.count]?.map { length in
      defer { start += length }
      return digits[start..<start + length].reduce(0) { $0 * 10 + $1 }
    }
  }
}
