import Base

@testable import MeterBridge

/// What the scripts of all shells have in common.
enum CompletionScript {
  static let head = """
    # Completion of meterbridge(1). Made from the program's own table of commands; `make docs` writes it anew.

    """

  /// The ids of meters in a configuration; only those of the file itself, and good enough for that.
  static let meterIDs = #"sed -n '/^ *#/d; s/.*[{ ]id: *"\{0,1\}\([a-z0-9_]\{1,\}\).*/\1/p'"#

  /// Options of the program, beside its commands.
  static let general = [("help", "list the commands"), ("version", "print the version")]

  static func quoted(_ text: String) -> String { "'" + text.replacing("'", with: #"'\''"#) + "'" }

  /// Tokens as words of a shell.
  static func words(_ tokens: [String]) -> String { tokens.joined(separator: " ") }
}
