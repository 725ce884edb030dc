internal import Base
internal import Documents

extension Option {
  /// `--for evcc`.
  static let program = Option(
    name: "for", value: .text("PROGRAM"),
    help: "ready-made configuration; \(SnippetProgram.allCases.map(\.rawValue).joined(separator: ", "))")
}

extension TopicsCommand {
  /// The program of `--for`; nil without the option.
  static func program(_ arguments: Arguments) throws(UsageError) -> SnippetProgram? {
    guard let name = arguments[.program] else { return nil }
    guard let program = SnippetProgram(rawValue: name) else {
      let names = SnippetProgram.allCases.map(\.rawValue)
      let near = Suggestion.nearest(to: name, of: names).map { "; did you mean \($0)?" } ?? ""
      throw UsageError("--for is one of \(names.joined(separator: ", "))\(near)")
    }
    return program
  }

  /// `meterbridge topics --for PROGRAM`: the configuration for standard output, what to know about it for standard error.
  static func snippet(_ program: SnippetProgram, _ house: SnippetHouse, _ console: Console) {
    let snippet = Snippet(for: program, of: house)
    snippet.notes.forEach(console.complain)
    console.write(snippet.text)
  }
}
