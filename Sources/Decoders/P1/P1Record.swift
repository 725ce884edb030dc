/// One bracketed group of a line, by its place in the telegram.
package struct P1Group: Hashable, Sendable, BitwiseCopyable {
  /// The kind of the text before `*`.
  package enum Content: Hashable, Sendable, BitwiseCopyable {
    /// Neither number nor time; also a time outside the calendar.
    case text
    /// A number with all its decimals.
    case number(FixedDecimal)
    /// A number with too many digits to be exact.
    case longNumber
    /// A time stamp `YYMMDDhhmmssX`.
    case time(MeterTime)
  }

  /// The part before `*`, or the whole group.
  package var text: ByteRange
  /// The part behind `*`.
  package var unit: ByteRange
  package var content: Content
  /// The unit behind `*` where it is one that most values have; else `none`.
  private(set) var usualUnit: Unit

  @inline(__always)
  init(text: ByteRange, unit: ByteRange, content: Content, usualUnit: Unit) {
    self.text = text
    self.unit = unit
    self.content = content
    self.usualUnit = usualUnit
  }

  /// Finds the unit in the bytes.
  init(_ bytes: Span<UInt8>, text: ByteRange, unit: ByteRange, content: Content) {
    let letters = WrittenUnit.letters(bytes.extracting(unit.indices))
    self.init(text: text, unit: unit, content: content, usualUnit: WrittenUnit.common(letters) ?? .none)
  }

  /// Nil if the text is not a number.
  package var number: FixedDecimal? {
    if case .number(let number) = content { number } else { nil }
  }

  /// Nil if the text is not a time.
  package var time: MeterTime? {
    if case .time(let time) = content { time } else { nil }
  }
}

/// One line: its code and its groups, with those of continuation lines.
package struct P1Record: Hashable, Sendable, BitwiseCopyable {
  package var obis: Obis
  /// Index of its first group.
  package var firstGroup: UInt16
  /// Number of its groups, at least 1.
  package var groupCount: UInt16

  /// The groups of a sub-meter's line and of its value's before version 4: `(time)(status)(minutes)(1)(code)(unit)(value)`.
  package static let lastValueGroups = 7

  package var groups: Range<Int> { Int(firstGroup)..<Int(firstGroup) + Int(groupCount) }
}
