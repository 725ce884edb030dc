/// One bracketed group of a line, by its place in the telegram.
package struct P1Group: Hashable, Sendable, BitwiseCopyable {
  /// What the text before `*` is.
  package enum Content: Hashable, Sendable, BitwiseCopyable {
    /// Neither number nor time; also a time that no calendar has.
    case text
    /// A number, all its decimals kept.
    case number(FixedDecimal)
    /// A number with more digits than can be kept exactly.
    case longNumber
    /// A time stamp `YYMMDDhhmmssX`.
    case time(MeterTime)
  }

  /// What stands before `*`, or all of it.
  package var text: ByteRange
  /// What stands after `*`.
  package var unit: ByteRange
  /// What the text is.
  package var content: Content

  /// The text as a number, nil where it is none.
  package var number: FixedDecimal? {
    if case .number(let number) = content { number } else { nil }
  }

  /// The text as a time, nil where it is none.
  package var time: MeterTime? {
    if case .time(let time) = content { time } else { nil }
  }
}

/// One line: its code and which groups belong to it, those of continuation lines included.
package struct P1Record: Hashable, Sendable, BitwiseCopyable {
  /// The code before the first bracket.
  package var obis: Obis
  /// Index of its first group.
  package var firstGroup: UInt16
  /// Number of its groups, at least 1.
  package var groupCount: UInt16

  /// The indices of its groups.
  package var groups: Range<Int> { Int(firstGroup)..<Int(firstGroup) + Int(groupCount) }
}
