internal import Base
internal import Glibc

/// The texts of `help`.
enum Help {
  /// The purpose of the program, and every command in a line.
  static func overview(_ commands: [Command]) -> String {
    """
    meterbridge reads utility meters and publishes every value on MQTT.

    Usage: meterbridge COMMAND [OPTION]…

    \(table(commands.map { ($0.name, $0.summary) }))

    `meterbridge help COMMAND` explains one. The configuration is read from
    \(Program.defaultConfiguration) unless --config names another file.

    """
  }

  /// One command.
  static func page(_ command: Command) -> String {
    var text = "meterbridge \(command.name): \(command.summary)\n\nUsage: \(command.usage)\n\n\(command.details)\n"
    if !command.options.isEmpty {
      let rows = command.options.map { ($0.usage, $0.isRepeatable ? "\($0.help); may be repeated" : $0.help) }
      text += "\nOptions:\n\(table(rows))\n"
    }
    return text
  }

  /// Names and meanings in two columns, without a line end at the end.
  static func table(_ rows: [(name: String, meaning: String)]) -> String {
    let width = rows.map(\.name.count).max() ?? 0
    return rows.map { "  \($0.name.padded(to: width))  \($0.meaning)" }.joined(separator: "\n")
  }
}

extension Command {
  /// Explains the commands.
  static let help = Command(
    name: "help", operands: "[COMMAND]", operandCount: 0...1,
    summary: "explain a command",
    details: "Without a command: lists all commands."
  ) { arguments, console throws(UsageError) in
    guard let name = arguments.operands.first else {
      console.write(Help.overview(Program.commands))
      return EX_OK
    }
    console.write(Help.page(try Program.command(named: name)))
    return EX_OK
  }
}
