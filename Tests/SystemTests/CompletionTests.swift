import Foundation
import Testing
import TestSupport

private func script(_ name: String) -> String { repository.appending(path: "deploy/completions/\(name)").path }

/// A shell with the words that it offers behind the beginning of a command line.
private enum Shell: String, CaseIterable, Sendable, CustomTestStringConvertible {
  case bash, zsh, fish

  var testDescription: String { rawValue }

  func offers(_ line: String) throws -> [String] {
    let command =
      switch self {
      case .bash:
        """
        bash --norc --noprofile -c 'source "$0"; COMP_LINE=$1; COMP_POINT=${#1}; _meterbridge
        printf "%s\\n" "${COMPREPLY[@]}"' "$0" "$1"
        """
      case .fish: #"fish --no-config -c 'source "$argv[1]"; complete -C "$argv[2]"' "$0" "$1""#
      case .zsh: Self.zshTerminal
      }
    let name = self == .zsh ? "_meterbridge" : "meterbridge.\(rawValue)"
    let made = try ShellCommand(command, script(name), line)
    // Behind the tab fish has the description.
    return made.output.split(separator: "\n").compactMap { $0.split(separator: "\t").first.map(String.init) }
  }

  /// A zsh on a terminal of its own gets the line and a Tab. What its completion adds is written down; the key behind the
  /// Tab ends it.
  private static let zshTerminal = #"""
    cat >.zshrc <<END
    fpath=($(dirname "$0") \$fpath)
    autoload -Uz compinit
    compinit -u -D
    compadd() {
      local -a found
      [[ " \${@[1,-2]} " == *" -"[OAD]" "* ]] || { builtin compadd -A found "\$@"; print -rl -- \$found >>$PWD/found }
      builtin compadd "\$@"
    }
    finish() { exit }
    zle -N finish
    bindkey '^X' finish
    bindkey '^I' complete-word
    END
    LINE=$1 ZDOTDIR=$PWD zsh -f -c '
      zmodload zsh/zpty
      zpty shell zsh -i
      zpty -w -n shell "$LINE$(printf "\t\030")"
      while zpty -r shell; do :; done
    ' >/dev/null
    cat found
    """#
}

/// What bash makes of a line and a Tab, on a terminal of its own: the words that the program gets.
private func wordsAfterTab(_ line: String) throws -> [String] {
  let command = #"""
    cat >rc <<END
    source "$0"
    meterbridge() { printf '%s\n' "\$@" >>$PWD/got; }
    END
    LINE=$1 zsh -f -c '
      zmodload zsh/zpty
      zpty shell bash --rcfile rc -i
      zpty -w shell "$LINE$(printf "\t")"
      zpty -w shell exit
      while zpty -r shell; do :; done
    ' >/dev/null
    cat got
    """#
  return try ShellCommand(command, script("meterbridge.bash"), line).output.split(separator: "\n").map(String.init)
}

private struct Offer: Sendable, CustomTestStringConvertible {
  var line: String
  /// Some of the words that are offered, and others that are not.
  var words: [String]
  var others: [String] = []
  var testDescription: String { line }
}

private let offers = [
  Offer(line: "", words: ["run", "check", "dead-letter"], others: ["--json", "%files"]),
  Offer(line: "--", words: ["--help", "--version"], others: ["run", "--json"]),
  Offer(line: "de", words: ["decode", "dead-letter"], others: ["run"]),
  Offer(line: "status --", words: ["--json", "--config", "--help"], others: ["--dry-run", "--version"]),
  Offer(line: "decode --protocol ", words: ["mbus", "p1", "dlms", "sml", "d0", "echonet"], others: ["table"]),
  Offer(line: "decode --format=", words: ["table", "json"], others: ["p1"]),
  Offer(line: "decode --key ", words: [], others: ["mbus", "%keys"]),
  Offer(line: "decode --set ", words: ["units.", "factor="], others: ["key=", "%files"]),
  Offer(line: "topics --for ", words: ["evcc", "node-red", "victron"], others: ["json"]),
  Offer(line: "simulate p1", words: ["p1-nl=", "p1-lu-encrypted="], others: ["route-b="]),
  Offer(line: "dead-letter --dry-run ", words: ["list", "show", "replay"], others: ["ID"]),
  Offer(line: "help fo", words: ["forget"], others: ["run"]),
  Offer(line: "check --for ", words: [], others: ["evcc", "json"]),
  Offer(line: "version ", words: [], others: ["run"]),
]

@Test("the shells complete commands, options and their values", arguments: Shell.allCases)
private func words(shell: Shell) throws {
  for offer in offers {
    // The words that begin with the last one; fish has it whole where the others have what is behind `=`.
    let found = Set(try shell.offers("meterbridge \(offer.line)").map { $0.replacing("--format=", with: "") })
    #expect(found.isSuperset(of: offer.words), "\(offer.line): \(found)")
    #expect(found.isDisjoint(with: offer.others), "\(offer.line): \(found)")
  }
}

@Test("the shells complete files, keys, places and the meters of a configuration", arguments: Shell.allCases)
private func looked(shell: Shell) throws {
  let folder = try TemporaryFolder()
  try folder.write("x", to: "netz-key")
  try folder.write(
    "mqtt: {client_id: other}\nmeters:\n  # - {id: old}\n  - id: grid\n  - {id: heat, protocol: mbus}\n", to: "m.yaml")
  func offers(_ line: String, _ word: String) throws -> Bool {
    // Some shells have the whole path, others what is behind its last folder.
    try shell.offers("meterbridge " + line.replacing("$", with: folder.path)).contains { $0.hasSuffix(word) }
  }
  #expect(try offers("check $/m", "m.yaml"))
  #expect(try offers("run -c $/m", "m.yaml"))
  #expect(try offers("run --config=$/m", "m.yaml"))
  #expect(try offers("decode --key @$/ne", "netz-key"))
  #expect(try offers("init --source $/ne", "netz-key"))
  #expect(try offers("simulate p1-nl=$/ne", "netz-key"))
  let ids = Set(try shell.offers("meterbridge capture -c \(folder.path)/m.yaml "))
  #expect(ids.isSuperset(of: ["grid", "heat"]) && ids.isDisjoint(with: ["other", "old", "mbus"]), "\(ids)")
}

@Test("a Tab in bash completes the whole word, whatever signs and blanks are in it")
func tab() throws {
  let folder = try TemporaryFolder()
  for name in ["m y.yaml", "x:1.yaml", "netz-key"] { try folder.write("x", to: name) }
  for (line, last) in [
    ("stat", "status"), ("decode --format=j", "--format=json"), ("run --config=$/m", "--config=$/m y.yaml"),
    ("check $/m", "$/m y.yaml"), ("check $/x:", "$/x:1.yaml"), ("decode --key @$/ne", "@$/netz-key"),
    ("simulate p1-nl=$/ne", "p1-nl=$/netz-key"), ("simulate mbus-wa", "mbus-water="),
  ] {
    let words = try wordsAfterTab("meterbridge " + line.replacing("$", with: folder.path))
    #expect(words.last == last.replacing("$", with: folder.path), "\(line): \(words)")
  }
}
