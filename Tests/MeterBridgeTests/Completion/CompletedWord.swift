import Simulator

@testable import MeterBridge

/// What may stand in a place of the command line, from its words in the help: there one word in capitals means the same
/// everywhere.
///
/// The scripts take it as tokens. `%files`, `%keys`, `%ports` and `%meters` are looked for when they are needed. What ends
/// in `=`, `.` or `/` is the beginning of a word, `WORD=%files` one with a file behind it. Everything else is a whole word.
enum CompletedWord {
  /// - Parameter shown: `[FILE…|-]`, `DEVICE|tcp://HOST:PORT`, `list|show ID|replay`.
  /// - Returns: the tokens of all alternatives; none for free text.
  static func tokens(_ shown: String) -> [String] {
    shown.split(separator: "|").flatMap { alternative in
      let words = alternative.drop { $0 == "[" }
      let name = words.prefix { $0.isLetter || $0 == "-" }
      guard name.first?.isUppercase == true else {
        return [String(words.prefix { !" ]…".contains($0) && !$0.isUppercase })]
      }
      return tokens(placeholder: name)
    }
  }

  private static func tokens(placeholder: Substring) -> [String] {
    switch placeholder {
    case "FILE", "FOLDER": ["%files"]
    case "HEX": ["%keys"]
    case "DEVICE", "SOURCE": ["%ports"]
    case "ID", "METER": ["%meters"]
    case "COMMAND": Program.commands.map(\.name)
    case "KIND": SimulatedKind.allCases.map { "\($0.rawValue)=%files" }
    case "NAME": settings
    default: []
    }
  }

  /// Settings that a meter may have and that are not secret; those of a group have a name of their own behind a dot.
  private static var settings: [String] {
    let rows = Configuration.groups.first { $0.path == "meters" }?.rows ?? []
    return rows.filter { $0.fallback != nil && !$0.value.contains("`!file") }
      .map { $0.key + ($0.value.hasPrefix("a group") ? "." : "=") }
  }
}

extension Option {
  /// What follows it; nil if nothing does, empty for free text.
  var completed: [String]? {
    switch value {
    case .none: nil
    case .choice(let words, _): words
    case .count: []
    case .text(let placeholder): CompletedWord.tokens(placeholder)
    }
  }
}
