/// A command of the program: its help and its action.
struct Command: Sendable {
  var name: String
  /// Its operands in the help; empty without any.
  var operands = ""
  /// How many of them.
  var operandCount = 0...0
  var options: [Option] = []
  /// One line, for the list of commands.
  var summary: String
  /// The rest of `help COMMAND`: paragraphs, lines of at most 80 characters.
  var details: String
  /// Runs it. A usage error ends with the exit status 64.
  var run: @Sendable (Arguments, Console) throws(UsageError) -> Int32

  /// The line of the usage; where the options would make it long, they only stand below it.
  var usage: String {
    let all = options.map { "[\($0.usage)]\($0.isRepeatable ? "…" : "")" }
    let flags = all.count > 3 ? ["[OPTION]…"] : all
    return (["meterbridge", name] + flags + (operands.isEmpty ? [] : [operands])).joined(separator: " ")
  }
}
