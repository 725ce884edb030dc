/// A time as some meters write it instead of `YYMMDDhhmmssX`:
/// - `20240111 09:35:00` (NES), `19-01-01 13:00:00` (ACE4000), `19-01-01,13:00` (AS3000), `2024-01-11T09:35:00+01:00`, with or
///   without seconds;
/// - `2401110935` and `20240111093500`, digits alone;
/// - `07E8010B0409230000FFC400`, the date-time of COSEM in hexadecimal (Blue Book 4.1.6.1).
struct P1Notation {
  enum Zone { case local, summer, winter, offset(Int16) }

  /// Nil where the notation is right and no calendar has the time, or where the meter does not believe its clock.
  private(set) var time: MeterTime?
  private(set) var zone = Zone.local

  /// Where a time `isExpected`, digits alone may be one. Elsewhere only marks between the digits tell it from a number.
  @inline(never)
  init?(_ text: Span<UInt8>, isExpected: Bool) {
    if isExpected, text.count == 24, readCOSEM(text) { return }
    var index = 0
    guard let hasSeconds = readMoment(text, &index, isExpected), readZone(text, &index), index == text.count else {
      return nil
    }
    if parts[0] < 100 { parts[0] += parts[0] < 70 ? 2000 : 1900 }
    time = MeterTime(
      year: parts[0], month: parts[1], day: parts[2], hour: parts[3], minute: parts[4], second: parts[5],
      precision: hasSeconds ? .second : .minute)
  }

  private var parts = [6 of Int](repeating: 0)

  /// Whether a text has the form of a time, though no calendar may have it.
  static func isTime(_ text: Span<UInt8>) -> Bool { P1Notation(text, isExpected: true).map { _ in true } ?? false }

  // MARK: COSEM

  private mutating func readCOSEM(_ text: Span<UInt8>) -> Bool {
    var octets = [12 of UInt8](repeating: 0)
    for index in 0..<24 {
      guard let digit = Hexadecimal.digit(text[index]) else { return false }
      octets[index >> 1] = octets[index >> 1] << 4 | digit
    }
    guard let moment = DLMSDateTime(octets.span, at: 0), !moment.isInvalid else { return true }
    time = moment.time
    if let offset = moment.time.offset { zone = .offset(offset) }
    return true
  }

  // MARK: Date and time of day

  /// Whether there are seconds; nil where the text is something else.
  private mutating func readMoment(_ text: Span<UInt8>, _ index: inout Int, _ isExpected: Bool) -> Bool? {
    var digits = 0
    while digits < text.count, text[digits].isDigit { digits += 1 }
    switch digits {
    case 10, 12, 14:
      // Digits alone, and a letter behind them at most.
      guard isExpected || digits == 12 && text.count == 13 else { return nil }
      return readDigits(text, &index, count: digits)
    case 6, 8: readDate(text, &index, yearDigits: digits - 4)
    case 2, 4:
      guard readDate(text, &index, yearDigits: digits, separators: true) else { return nil }
    default: return nil
    }
    guard index < text.count else { return nil }
    switch text[index] {
    case UInt8(ascii: " "), UInt8(ascii: "T"), UInt8(ascii: ","): index += 1
    default: return nil
    }
    return readTimeOfDay(text, &index)
  }

  private mutating func readDigits(_ text: Span<UInt8>, _ index: inout Int, count: Int) -> Bool {
    // No month is the 20th: twelve digits that begin with 20 have the century or belong to 2020.
    let hasCentury = count == 14 || count == 12 && Self.number(text, 0, 2) == 20 && Self.number(text, 2, 2) > 12
    readDate(text, &index, yearDigits: hasCentury ? 4 : 2)
    var place = 3
    while index < count {
      parts[place] = Self.number(text, index, 2)
      place += 1
      index += 2
    }
    return place == 6
  }

  private mutating func readDate(_ text: Span<UInt8>, _ index: inout Int, yearDigits: Int) {
    parts[0] = Self.number(text, index, yearDigits)
    parts[1] = Self.number(text, index + yearDigits, 2)
    parts[2] = Self.number(text, index + yearDigits + 2, 2)
    index += yearDigits + 4
  }

  /// The year is first: in other orders nothing tells days from months.
  private mutating func readDate(_ text: Span<UInt8>, _ index: inout Int, yearDigits: Int, separators: Bool) -> Bool {
    guard text.count > yearDigits + 6 else { return false }
    let mark = text[yearDigits]
    let isMark =
      mark == UInt8(ascii: "-") || yearDigits == 4 && (mark == UInt8(ascii: "/") || mark == UInt8(ascii: "."))
    guard isMark, text[yearDigits + 3] == mark, Self.areDigits(text, yearDigits + 1, 2),
      Self.areDigits(text, yearDigits + 4, 2)
    else { return false }
    parts[0] = Self.number(text, 0, yearDigits)
    parts[1] = Self.number(text, yearDigits + 1, 2)
    parts[2] = Self.number(text, yearDigits + 4, 2)
    index = yearDigits + 6
    return true
  }

  /// `hh:mm`, `hh:mm:ss`, `hhmm` or `hhmmss`.
  private mutating func readTimeOfDay(_ text: Span<UInt8>, _ index: inout Int) -> Bool? {
    var place = 3
    let hasColons = index + 2 < text.count && text[index + 2] == UInt8(ascii: ":")
    while place < 6 {
      if place > 3, hasColons {
        guard index < text.count, text[index] == UInt8(ascii: ":") else { break }
        index += 1
        guard Self.areDigits(text, index, 2) else { return nil }
      }
      guard Self.areDigits(text, index, 2) else { break }
      parts[place] = Self.number(text, index, 2)
      place += 1
      index += 2
    }
    return place < 5 ? nil : place == 6
  }

  // MARK: Zone

  /// Nothing, `S`, `W`, `Z`, `+01:00` or `+0100`.
  private mutating func readZone(_ text: Span<UInt8>, _ index: inout Int) -> Bool {
    guard index < text.count else { return true }
    let mark = text[index]
    index += 1
    switch mark {
    case UInt8(ascii: "S"): zone = .summer
    case UInt8(ascii: "W"): zone = .winter
    case UInt8(ascii: "Z"): zone = .offset(0)
    case UInt8(ascii: "+"), UInt8(ascii: "-"):
      guard Self.areDigits(text, index, 2) else { return false }
      var minutes = 60 * Self.number(text, index, 2)
      index += 2
      if index < text.count, text[index] == UInt8(ascii: ":") { index += 1 }
      if index < text.count {
        guard Self.areDigits(text, index, 2) else { return false }
        minutes += Self.number(text, index, 2)
        index += 2
      }
      guard minutes <= 14 * 60 else { return false }
      zone = .offset(Int16(mark == UInt8(ascii: "-") ? -minutes : minutes))
    default: return false
    }
    return true
  }

  // MARK: Digits

  private static func areDigits(_ text: Span<UInt8>, _ start: Int, _ count: Int) -> Bool {
    guard start + count <= text.count else { return false }
    for index in start..<start + count where !text[index].isDigit { return false }
    return true
  }

  private static func number(_ text: Span<UInt8>, _ start: Int, _ count: Int) -> Int {
    (start..<start + count).reduce(0) { $0 * 10 + Int(text[$1].digitValue) }
  }
}
