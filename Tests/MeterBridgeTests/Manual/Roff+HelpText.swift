/// A part of the help of a command.
private enum HelpBlock {
  case paragraph(String)
  /// Lines that stay as they are.
  case example([String])
  /// A row of two columns.
  case row(term: String, meaning: String)
}

extension Roff {
  /// The details of a command, laid out as the help has them: paragraphs, examples behind four blanks, and tables of two
  /// columns.
  mutating func help(_ details: String) {
    for block in Self.blocks(details) {
      switch block {
      case .paragraph(let text): paragraph(text)
      case .example(let lines): example(lines)
      case .row(let term, let meaning): entry("`\(term)`", meaning)
      }
    }
  }

  private static func blocks(_ details: String) -> [HelpBlock] {
    var blocks: [HelpBlock] = []
    var isNew = true
    for line in details.split(separator: "\n", omittingEmptySubsequences: false) {
      guard !line.isEmpty else {
        isNew = true
        continue
      }
      defer { isNew = false }
      let text = line.drop { $0 == " " }
      let indentation = line.count - text.count
      if let row = line.wholeMatch(of: /(?: {2})?(\S+(?: \S+)*) {2,}(\S.*)/) {
        blocks.append(.row(term: String(row.1), meaning: String(row.2)))
        continue
      }
      switch (blocks.last, indentation) {
      case (.row(let term, let meaning), 4...) where !isNew:
        blocks[blocks.count - 1] = .row(term: term, meaning: "\(meaning) \(text)")
      case (.example(let lines), 4...):
        blocks[blocks.count - 1] = .example(lines + [String(line.dropFirst(4))])
      case (_, 4...): blocks.append(.example([String(line.dropFirst(4))]))
      case (.paragraph(let before), _) where !isNew:
        blocks[blocks.count - 1] = .paragraph("\(before) \(text)")
      default: blocks.append(.paragraph(String(text)))
      }
    }
    return blocks
  }
}
