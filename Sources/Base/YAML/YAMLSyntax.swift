internal import CYAML
internal import Decoders

extension YAMLError {
  /// The error of libyaml in words that help the user to correct it.
  init(_ parser: yaml_parser_t, in text: [UInt8]) {
    let problem = unsafe parser.problem.map { unsafe String(cString: $0) } ?? "not readable"
    if unsafe parser.error == YAML_READER_ERROR {
      // The reader is ahead of the parser and knows the byte instead of a mark.
      let value = unsafe UInt32(bitPattern: parser.problem_value)
      self.init(
        problem: Self.readerProblem(problem, value: value), at: unsafe Mark(of: parser.problem_offset, in: text))
      return
    }
    let at = unsafe Mark(parser.problem_mark)
    let start = unsafe Mark(parser.context_mark)
    if let slip = YAMLSlip(at: problem == "could not find expected ':'" ? start : at, problem: problem, in: text) {
      self.init(problem: slip.text, at: slip.at)
      return
    }
    switch problem {
    case "found unexpected end of stream", "found unexpected document indicator":
      self.init(problem: "the quote that opens here is never closed", at: start)
    case "did not find expected ',' or ']'":
      self.init(problem: "the [ that opens here is not closed, or a comma is missing", at: start)
    case "did not find expected ',' or '}'":
      self.init(problem: "the { that opens here is not closed, or a comma is missing", at: start)
    case "could not find expected ':'":
      self.init(problem: "a colon and a blank are missing: write `key: value`", at: start)
    case "found character that cannot start any token" where Self.isTab(at, in: text):
      self.init(problem: Self.tab, at: at)
    case let tabs where tabs.hasPrefix("found a tab character"): self.init(problem: Self.tab, at: at)
    default: self.init(problem: Self.words[problem] ?? "not YAML: \(problem)", at: at)
    }
  }

  private static let tab = "a tab cannot indent; use blanks"

  private static let words = [
    "found character that cannot start any token": "a text that begins with @, % or ` needs quotes",
    "did not find expected alphabetic or numeric character": "a text that begins with & or * needs quotes",
    "mapping values are not allowed in this context":
      "this colon does not fit: the line is indented wrongly, or the text needs quotes",
    "did not find expected key":
      "this does not fit with what stands above: look at the indentation, quotes and brackets",
    "did not find expected '-' indicator": "an entry of the list above begins with `- `; look at the indentation",
    "block sequence entries are not allowed in this context": "a list begins on a line of its own",
    "did not find expected node content": "a value is missing before this",
    "found unknown escape character": "inside double quotes \\ begins an escape; use single quotes",
    "found undefined tag handle": "this tag is not known; `!env NAME` and `!file PATH` are",
    "did not find expected comment or line break": "only a comment may stand behind | and >",
  ]

  private static func readerProblem(_ problem: String, value: UInt32) -> String {
    if problem == "control characters are not allowed" {
      return "the control character U+\(String(value, width: 4, radix: 16, uppercase: true)) cannot stand here"
    }
    return "this is not UTF-8; save the file as UTF-8"
  }

  private static func isTab(_ mark: Mark, in text: [UInt8]) -> Bool {
    let lines = text.split(separator: 0x0A, omittingEmptySubsequences: false)
    guard lines.indices.contains(mark.line - 1) else { return false }
    let characters = String(decoding: lines[mark.line - 1], as: UTF8.self).unicodeScalars
    return characters.dropFirst(mark.column - 1).first == "\t"
  }

  /// Throws at the first invisible character: libyaml accepts it, and editors do not show it.
  package static func refuseInvisible(_ text: [UInt8]) throws(YAMLError) {
    if text.starts(with: [0xFF, 0xFE]) || text.starts(with: [0xFE, 0xFF]) {
      throw YAMLError(problem: "this is UTF-16; save the file as UTF-8", at: Mark(line: 1, column: 1))
    }
    // U+0085, U+2028, U+2029 and U+FEFF. Only the last may stand in a file, as the byte order mark.
    let invisible: [[UInt8]] = [[0xC2, 0x85], [0xE2, 0x80, 0xA8], [0xE2, 0x80, 0xA9], [0xEF, 0xBB, 0xBF]]
    for offset in text.indices.dropFirst(text.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0) {
      if text[offset] >= 0x80, let found = invisible.first(where: { text[offset...].starts(with: $0) }) {
        let scalar = String(decoding: found, as: UTF8.self).unicodeScalars.first?.value ?? 0
        let name = String(scalar, width: 4, radix: 16, uppercase: true)
        throw YAMLError(
          problem: "an invisible character, U+\(name), stands here; delete it",
          at: Mark(of: offset, in: text))
      }
    }
  }
}
