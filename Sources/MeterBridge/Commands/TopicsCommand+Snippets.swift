internal import Documents

extension Option {
  /// `--for evcc`.
  static let program = Option(
    name: "for", value: .choice(SnippetProgram.allCases.map(\.rawValue)),
    help: "ready-made configuration for your meters")
}

extension TopicsCommand {
  /// `meterbridge topics --for PROGRAM`: the configuration for standard output, what to know about it for standard error.
  static func snippet(_ program: SnippetProgram, _ house: SnippetHouse, _ console: Console) {
    let snippet = Snippet(for: program, of: house)
    snippet.notes.forEach(console.complain)
    console.write(snippet.text)
  }
}
