import Testing

@testable import MeterBridge

@Test(
  "the completions are what the table of commands says",
  arguments: [
    MadeFile(path: "deploy/completions/meterbridge.bash", text: CompletionScript.bash),
    MadeFile(path: "deploy/completions/_meterbridge", text: CompletionScript.zsh),
    MadeFile(path: "deploy/completions/meterbridge.fish", text: CompletionScript.fish),
  ])
private func completion(script: MadeFile) throws { try script.holds() }

private struct Shown: Sendable, CustomTestStringConvertible {
  var words: String
  var tokens: [String]
  var testDescription: String { words }
}

@Test(
  "the words of the help say what can be completed",
  arguments: [
    Shown(words: "", tokens: []),
    Shown(words: "[FILE]", tokens: ["%files"]),
    Shown(words: "[FILE…|-]", tokens: ["%files", "-"]),
    Shown(words: "DEVICE|tcp://…", tokens: ["%ports", "tcp://"]),
    Shown(words: "DEVICE|rfc2217://HOST:PORT", tokens: ["%ports", "rfc2217://"]),
    Shown(words: "list|show ID|replay", tokens: ["list", "show", "replay"]),
    Shown(words: "METER", tokens: ["%meters"]),
    Shown(words: "SECONDS", tokens: []),
  ])
private func shownWords(shown: Shown) { #expect(CompletedWord.tokens(shown.words) == shown.tokens) }
