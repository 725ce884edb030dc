/// A slip that YAML reports elsewhere, mostly a line later: a missing colon, or a missing blank behind `-` or a colon.
struct YAMLSlip {
  var text: String
  var at: Mark

  /// Nil if the lines there look right.
  ///
  /// - Parameters:
  ///   - mark: where libyaml stumbled.
  ///   - problem: in its words.
  ///   - text: the whole file.
  init?(at mark: Mark, problem: String, in text: [UInt8]) {
    let all = text.split(separator: 0x0A, omittingEmptySubsequences: false).map(Line.init)
    guard all.indices.contains(mark.line - 1) else { return nil }
    switch problem {
    case "could not find expected ':'":
      guard let slip = Self.slip(of: all[mark.line - 1], number: mark.line) else { return nil }
      self = slip
    case "did not find expected key", "did not find expected '-' indicator":
      let line = all[mark.line - 1]
      guard let slip = Self.dash(of: line, number: mark.line) ?? Self.above(mark.line, all) else { return nil }
      self = slip
    case "mapping values are not allowed in this context":
      guard let slip = Self.above(mark.line, all) else { return nil }
      self = slip
    default: return nil
    }
  }

  private init(_ text: String, line: Int, column: Int) {
    self.text = text
    at = Mark(line: line, column: column)
  }

  /// The slip of the lines above, which libyaml has joined to one text.
  private static func above(_ number: Int, _ all: [Line]) -> YAMLSlip? {
    let line = all[number - 1]
    let others = all[..<(number - 1)].indices.filter { all[$0].hasContent }
    guard let last = others.last else { return nil }
    if let slip = dash(of: all[last], number: last + 1) { return slip }
    // Where the run of lines without a colon begins.
    let run = others.reversed().prefix { !all[$0].hasColon }
    guard let first = run.last else { return nil }
    // A text may go on in lines that are indented more.
    let opener = others.last { $0 < first }
    let continues = opener.map { all[$0].hasValue && all[$0].indentation < all[first].indentation } ?? false
    guard !continues || all[first].isElement, all[first].indentation <= line.indentation else { return nil }
    return slip(of: all[first], number: first + 1)
  }

  /// A colon or a blank that is missing in a line of its own.
  private static func slip(of line: Line, number: Int) -> YAMLSlip? {
    if let dash = dash(of: line, number: number) { return dash }
    guard let word = line.word else { return nil }
    let column = line.indentation + 1
    if line.content.dropFirst(word.count).first == ":" {
      return YAMLSlip("a blank is missing after `\(word):`", line: number, column: column)
    }
    return YAMLSlip("a colon is missing after `\(word)`: write `\(word): …`", line: number, column: column)
  }

  /// A list's entry without the blank behind its dash.
  private static func dash(of line: Line, number: Int) -> YAMLSlip? {
    guard let word = line.dashedWord else { return nil }
    return YAMLSlip(
      "a blank is missing after `-`: write `- \(word): …`", line: number, column: line.indentation + 1)
  }
}

/// A line of a file, without its comment.
private struct Line {
  /// Characters before the content: blanks, and the `- ` of a list's entry.
  let indentation: Int
  /// Behind the indentation, up to a comment.
  let content: String
  let isElement: Bool

  init(_ bytes: ArraySlice<UInt8>) {
    let text = String(decoding: bytes, as: UTF8.self).unicodeScalars.filter { $0 != "\r" && $0 != "\u{FEFF}" }
    var rest = String(String.UnicodeScalarView(text))[...]
    let blanks = rest.prefix { $0 == " " }.count
    rest = rest.dropFirst(blanks)
    let hasDash = rest.hasPrefix("- ")
    let skipped = hasDash ? 1 + rest.dropFirst().prefix { $0 == " " }.count : 0
    rest = rest.dropFirst(skipped)
    if let comment = rest.firstRange(of: " #") { rest = rest[..<comment.lowerBound] }
    indentation = blanks + skipped
    content = rest.hasPrefix("#") ? "" : String(rest.reversed().drop { $0 == " " }.reversed())
    isElement = hasDash
  }

  var hasContent: Bool { !content.isEmpty || isElement }
  var hasColon: Bool { content.contains(": ") || content.hasSuffix(":") }
  /// A key and its value.
  var hasValue: Bool { content.contains(": ") }

  /// The name that a key would have; nil if the line begins otherwise.
  var word: String? {
    let word = content.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
    let behind = content.dropFirst(word.count).first
    return word.first?.isLetter == true && (behind == nil || behind == " " || behind == ":") ? String(word) : nil
  }

  /// `id` of `-id: grid`.
  var dashedWord: String? {
    guard content.hasPrefix("-"), !isElement else { return nil }
    let word = content.dropFirst().prefix { $0.isLetter || $0.isNumber || $0 == "_" }
    let behind = content.dropFirst(1 + word.count).first
    return word.first?.isLetter == true && behind == ":" ? String(word) : nil
  }
}
