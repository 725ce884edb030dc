/// A manual page while it is written, in the man(7) language of groff and mandoc.
struct Roff {
  private(set) var text: String

  /// - Parameters:
  ///   - title: of the page, in capitals by tradition.
  ///   - section: 1 for commands, 5 for files.
  ///   - version: of the program. The page has no date: the version says how old it is.
  init(title: String, section: Int, version: String) {
    text = """
      .\\" Made from the program's own tables; `make docs` writes it anew.
      .TH \(title) \(section) "" "meterbridge \(version)"
      .ad l

      """
  }

  /// The section that the whatis database is made from.
  mutating func name(_ name: String, _ purpose: String) { text += ".SH NAME\n\(name) \\- \(Self.plain(purpose))\n" }

  mutating func section(_ name: String) { text += ".SH \"\(Self.plain(name.uppercased()))\"\n" }

  mutating func subsection(_ name: String) { text += ".SS \"\(Self.plain(name))\"\n" }

  /// A paragraph; `isFirst` directly below a heading, where man(7) wants no macro.
  mutating func paragraph(_ markdown: String, isFirst: Bool = false) {
    if !isFirst { text += ".PP\n" }
    filled(markdown)
  }

  /// A term with its meaning below and to the right of it, and more in a line of its own.
  mutating func entry(_ term: String, _ meaning: String, then more: String? = nil) {
    text += ".TP\n\(Self.inline(term))\n"
    filled(meaning)
    guard let more else { return }
    text += ".br\n"
    filled(more)
  }

  /// Lines that stay as they are: commands, files. Long commands go on in the next line, as for a shell.
  mutating func example(_ lines: [String], isFirst: Bool = false) {
    text += "\(isFirst ? "" : ".PP\n").in +4n\n.EX\n"
    text += lines.flatMap(Self.broken).map { Self.guarded(Self.literal($0)) + "\n" }.joined()
    text += ".EE\n.in\n"
  }

  /// A command of more columns than a terminal of 80 has for it, in several lines.
  private static func broken(_ line: String) -> [String] {
    let room = 66
    guard line.count > room, let blank = line.prefix(room).lastIndex(of: " ") else { return [line] }
    return [line[..<blank] + " \\"] + broken("    " + line[line.index(after: blank)...])
  }

  /// Text that is filled: lines of the source have no meaning, but are kept short, as mandoc wants them.
  private mutating func filled(_ markdown: String) {
    var line = ""
    for var word in Self.inline(markdown).split(whereSeparator: \.isWhitespace) {
      // Paths and what is to be typed are not hyphenated.
      if word.contains("/") || word.contains("\\") { word = "\\%" + word }
      if line.count + word.count > 76, !line.isEmpty {
        text += Self.guarded(line) + "\n"
        line = ""
      }
      line += line.isEmpty ? String(word) : " \(word)"
    }
    text += Self.guarded(line) + "\n"
  }

  // MARK: Inline markup

  /// Text with `literals`, **strong words**, [links](TO.md) and options, as groff has them. A link is its words: a page on a
  /// terminal leads nowhere.
  static func inline(_ markdown: String) -> String {
    let unlinked = markdown.replacing(/\[([^\]]+)\]\([^)\s]+\)/) { $0.1 }
    var parts = unlinked.split(separator: "`", omittingEmptySubsequences: false).map(String.init)
    for (index, part) in parts.enumerated() {
      parts[index] = index % 2 == 1 ? bold(part) : prose(part)
    }
    return parts.joined()
  }

  private static func prose(_ text: String) -> String {
    let marked = text.replacing(/\*\*([^*]+)\*\*/) { "\u{1}\($0.1)\u{2}" }
      .replacing(/(^|[\s(])(-(?:-[a-z][a-z-]*|[a-z])\b)/) { "\($0.1)\u{1}\($0.2)\u{2}" }
    return marked.split(separator: "\u{1}", omittingEmptySubsequences: false).enumerated().map { index, part in
      guard index > 0 else { return plain(String(part)) }
      let halves = part.split(separator: "\u{2}", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      return bold(halves[0]) + plain(halves[1])
    }.joined()
  }

  private static func bold(_ text: String) -> String { "\\fB\(literal(text))\\fR" }

  /// Text to be typed: a hyphen is the one of the keyboard.
  private static func literal(_ text: String) -> String {
    plain(text).replacing("-", with: "\\-").replacing("'", with: "\\(aq")
  }

  /// Text without markup; what is not ASCII by its number, so that no encoding matters.
  private static func plain(_ text: String) -> String {
    text.unicodeScalars.map { scalar in
      switch scalar {
      case "\\": "\\e"
      case "~": "\\(ti"
      case "^": "\\(ha"
      case "\"": "\\(dq"
      case _ where scalar.isASCII: String(scalar)
      default: "\\[u\(hexadecimal(scalar))]"
      }
    }.joined()
  }

  private static func hexadecimal(_ scalar: Unicode.Scalar) -> String {
    let digits = String(scalar.value, radix: 16, uppercase: true)
    return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }

  /// A line that may begin with the sign of a request.
  private static func guarded(_ line: String) -> String {
    line.hasPrefix(".") || line.hasPrefix("'") ? "\\&" + line : line
  }
}
