internal import Glibc

extension Command {
  /// What there is, and how it is used.
  static let help = Command(
    name: "help", operands: "[COMMAND]", operandCount: 0...1,
    summary: "explain a command",
    details: "Without a command: what there is."
  ) { arguments, console throws(UsageError) in
    guard let name = arguments.operands.first else {
      console.write(Help.overview(Program.commands))
      return EX_OK
    }
    console.write(Help.page(try Program.command(named: name)))
    return EX_OK
  }
}

/// The texts of `help`.
enum Help {
  /// What the program is, and every command in a line.
  static func overview(_ commands: [Command]) -> String {
    let width = commands.map(\.name.count).max() ?? 0
    let lines = commands.map { "  \(padded($0.name, to: width))  \($0.summary)\n" }
    return """
      meterbridge reads utility meters and publishes every value on MQTT.

      Usage: meterbridge COMMAND [OPTION]…

      \(lines.joined())
      `meterbridge help COMMAND` explains one. The configuration is read from
      \(Program.defaultConfiguration) unless --config names another file.

      """
  }

  /// One command.
  static func page(_ command: Command) -> String {
    var text = "meterbridge \(command.name): \(command.summary)\n\nUsage: \(command.usage)\n\n\(command.details)\n"
    if !command.options.isEmpty {
      let width = command.options.map(\.usage.count).max() ?? 0
      text += "\nOptions:\n"
      for option in command.options {
        text +=
          "  \(padded(option.usage, to: width))  \(option.help)\(option.isRepeatable ? "; may be repeated" : "")\n"
      }
    }
    return text
  }

  private static func padded(_ text: String, to width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }
}
