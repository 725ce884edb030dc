/// A P1 telegram line by line. The lines are read when somebody asks for them: readings do not need all.
package struct P1Content: TelegramContent {
  /// The frame.
  private let telegram: [UInt8]
  private let utcOffset: Int16?

  package init(telegram: [UInt8], utcOffset: Int16? = nil) {
    self.telegram = telegram
    self.utcOffset = utcOffset
  }

  /// The lines that can be read, and the groups in parentheses of all of them; each record names its own.
  package var lines: (records: [P1Record], groups: [P1Group]) {
    guard let end = try? P1Decoder.endOfLines(telegram.span) else { return ([], []) }
    let bytes = telegram.span.extracting(0...end)
    var lines = P1Lines(bytes, clock: P1Clock(P1Identification(bytes), utcOffset: utcOffset), isWhole: true)
    lines.readAll(bytes)
    return (lines.records, lines.groups)
  }
}
