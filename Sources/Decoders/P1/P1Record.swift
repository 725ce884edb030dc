/// One bracketed group of a line, by its place in the telegram.
public struct P1Group: Hashable, Sendable, BitwiseCopyable {
  /// What stands before `*`, or all of it.
  public var text: ByteRange
  /// What stands after `*`.
  public var unit: ByteRange
  /// The text as a number, nil where it is none.
  public var number: FixedDecimal?
}

/// One line: its code and which groups belong to it.
public struct P1Record: Hashable, Sendable, BitwiseCopyable {
  /// The code before the first bracket.
  public var obis: Obis
  /// Index of its first group.
  public var firstGroup: UInt16
  /// Number of its groups.
  public var groupCount: UInt16
}
