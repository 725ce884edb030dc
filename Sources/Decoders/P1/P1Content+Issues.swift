extension P1Content {
  /// The code of the line that an issue lies in; nil where the line has none that can be read.
  package static func code(of issue: DecodeError, in telegram: Span<UInt8>) -> Obis? {
    guard issue.offset >= 0 else { return nil }
    var end = issue.offset
    while end < telegram.count, !telegram[end].isLineEnd, telegram[end] != UInt8(ascii: "!") { end += 1 }
    // The mark at the end stops the search for the code.
    guard end < telegram.count else { return nil }
    var start = issue.offset
    while start > 0, telegram[start - 1] != .lineFeed { start -= 1 }
    return P1Lines.code(telegram, &start)
  }
}
