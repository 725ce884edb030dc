/// A command of the program: what its help says, and what it does.
struct Command: Sendable {
  var name: String
  /// What it takes besides options, as the help has it; empty for nothing.
  var operands = ""
  /// How many of them.
  var operandCount = 0...0
  var options: [Option] = []
  /// One line, for the list of commands.
  var summary: String
  /// The rest of `help COMMAND`: paragraphs, lines of at most 80 characters.
  var details: String
  /// Does it. A usage error ends with the exit status 64.
  var run: @Sendable (Arguments, Console) throws(UsageError) -> Int32

  /// The line of the usage.
  var usage: String {
    let flags = options.map { "[\($0.usage)]\($0.isRepeatable ? "…" : "")" }
    return (["meterbridge", name] + flags + (operands.isEmpty ? [] : [operands])).joined(separator: " ")
  }
}
