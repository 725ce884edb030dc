internal import Base
internal import Documents

extension Option {
  private static let programs = SnippetProgram.allCases.map(\.rawValue)
  /// `--for evcc`.
  static let program = Option(
    name: "for", value: .choice(programs, shown: "PROGRAM"),
    help: "ready-made configuration; \(programs.joined(separator: ", "))")
}

extension TopicsCommand {
  /// `meterbridge topics --for PROGRAM`: the configuration for standard output, what to know about it for standard error.
  static func snippet(_ program: SnippetProgram, _ house: SnippetHouse, _ console: Console) {
    let snippet = Snippet(for: program, of: house)
    snippet.notes.forEach(console.complain)
    console.write(snippet.text)
  }
}
