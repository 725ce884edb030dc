/// The meter's time, which is spread over two sets: time of day (0.9.1) and date (0.9.2). Heat meters have both in 9.36.
struct D0Clock {
  private var day: (year: Int, month: Int, day: Int)?
  private var ofDay: (hour: Int, minute: Int, second: Int?)?
  private var whole: MeterTime?
  private var isSummer = false
  /// The place of a text that is no time.
  private var mistake: Int?

  /// Takes a set of the clock; false for another set.
  mutating func take(_ record: D0Record, _ groups: [P1Group], _ bytes: Span<UInt8>) -> Bool {
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
  func time(utcOffset: Int16?, issues: inout [DecodeError]) -> MeterTime? {
    if let mistake { issues.append(DecodeError(.badTime, at: mistake)) }
    var time = whole
    if time == nil, let day, let ofDay {
      time = MeterTime(
        year: day.year, month: day.month, day: day.day, hour: ofDay.hour, minute: ofDay.minute,
        second: ofDay.second ?? 0,
        precision: ofDay.second == nil ? .minute : .second, isSummer: isSummer)
    }
    guard var time, time.isOfSetClock else { return nil }
    if let utcOffset { time.offset = utcOffset }
    return time
  }

  private mutating func read(_ range: ByteRange, _ bytes: Span<UInt8>, isDate: Bool) {
    guard !range.isEmpty else { return }
    let isRead = D0Digits(bytes.extracting(range.indices)).map { isDate ? readDate($0) : readTime($0) } ?? false
    if !isRead { mistake = Int(range.start) }
  }

  /// `YYMMDD`, `YYYYMMDD`, `YY-MM-DD`, `YYYY-MM-DD`, `DD.MM.YY`, `DD/MM/YY`, or seven digits with a mark of summer time before them.
  private mutating func readDate(_ digits: D0Digits) -> Bool {
    var parts = digits.parts
    if digits.count == 1 {
      guard digits.first == 6 || digits.first == 8 || digits.first == 7 && takeMark(parts[0] / 1_000_000) else {
        return false
      }
      let whole = digits.first == 7 ? parts[0] % 1_000_000 : parts[0]
      parts = [whole / 10_000, whole / 100 % 100, whole % 100]
    } else if digits.count != 3 {
      return false
    } else if digits.mark == UInt8(ascii: ".") || digits.mark == UInt8(ascii: "/"), digits.first <= 2 {
      parts.swapAt(0, 2)
    }
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
    var hasSeconds = digits.count == 3
    if digits.count == 1 {
      guard digits.first == 4 || digits.first == 6 || digits.first == 7 && takeMark(parts[0] / 1_000_000) else {
        return false
      }
      hasSeconds = digits.first > 4
      let whole = (hasSeconds ? parts[0] : parts[0] * 100) % 1_000_000
      parts = [whole / 10_000, whole / 100 % 100, whole % 100]
    }
    guard parts[0] < 24, parts[1] < 60, parts[2] < 60 else { return false }
    ofDay = (parts[0], parts[1], hasSeconds ? parts[2] : nil)
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
    guard let notation = P1Notation(text, isExpected: true), var time = notation.time, time.isOfSetClock else {
      return nil
    }
    switch notation.zone {
    case .summer: time.isSummer = true
    case .offset(let minutes): time.offset = minutes
    case .local, .winter: time.isSummer = isSummer
    }
    return time
  }
}

/// A text of up to three numbers with one kind of mark between them.
private struct D0Digits {
  private(set) var parts: [3 of Int] = [0, 0, 0]
  /// How many numbers there are.
  private(set) var count = 1
  /// The number of digits of the first.
  private(set) var first = 0
  /// 0 without one.
  private(set) var mark: UInt8 = 0

  /// Nil for a text with anything else.
  init?(_ text: Span<UInt8>) {
    guard text.count <= 12 else { return nil }
    var digits = 0
    for index in text.indices {
      let byte = text[index]
      if byte.isDigit {
        parts[count - 1] = parts[count - 1] * 10 + Int(byte.digitValue)
        digits += 1
      } else {
        // `-`, `.`, `/` or `:`.
        guard digits > 0, count < 3, mark == 0 || mark == byte, 0x2D...0x2F ~= byte || byte == 0x3A else { return nil }
        if count == 1 { first = digits }
        mark = byte
        count += 1
        digits = 0
      }
    }
    guard digits > 0 else { return nil }
    if count == 1 { first = digits }
  }
}
