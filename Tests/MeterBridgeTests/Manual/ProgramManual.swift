@testable import Base
@testable import MeterBridge

/// `meterbridge(1)`.
enum ProgramManual {
  /// What the program leaves to the shell that started it (sysexits.h), by its name in the sources.
  static let exitStatuses: [(name: String, number: Int32, meaning: String)] = [
    ("EX_OK", 0, "All is well, or the daemon was ended by a signal."),
    ("", 1, "`status`: the last telegram of a meter is too old."),
    ("", 2, "`status`: the daemon is not there."),
    ("EX_USAGE", 64, "The command line is wrong."),
    ("EX_DATAERR", 65, "Something could not be decoded, or hours could not be repaired."),
    ("EX_NOINPUT", 66, "There is no such file or dead letter."),
    ("EX_UNAVAILABLE", 69, "A broker, a daemon, a port or a meter is not there, or another program has it."),
    ("EX_IOERR", 74, "A file cannot be written, or the state directory is not safe."),
    ("EX_NOPERM", 77, "The broker forbids it, or Home Assistant does not accept the token."),
    ("EX_CONFIG", 78, "The configuration has a mistake."),
  ]

  static let variables: [(name: String, meaning: String)] = [
    ("STATE_DIRECTORY", "The state directory, set by systemd, if the configuration has no `state_directory`."),
    ("XDG_STATE_HOME", "Without that: the folder in which the state directory `meterbridge` is."),
    ("HOME", "Without that: the state directory is `~/.local/state/meterbridge`."),
    (
      "CREDENTIALS_DIRECTORY",
      "Set by systemd: where a relative path of `!file`, `ca_file`, `cert_file` and `key_file` is looked for first."
    ),
    ("NOTIFY_SOCKET", "Set by systemd: where the daemon says that it is ready, reloads and ends."),
    ("WATCHDOG_USEC", "Set by systemd: the daemon says twice in this time that it lives."),
    ("JOURNAL_STREAM", "Set by systemd: if standard error is the journal, lines of the log have priorities."),
    ("NO_COLOR", "If it is not empty, the log on a terminal has no colours."),
    ("TERM", "With `dumb` the log has no colours either."),
    (
      "SUPERVISOR_TOKEN",
      "Set by Home Assistant for its apps: what `run --home-assistant-app` asks for the broker with, and repairs with."
    ),
    ("SUPERVISOR_API", "Where that asks, in place of `http://supervisor`."),
    ("TZ", "The time zone of the log, and of meters that do not send theirs."),
  ]

  static let configuration = [
    "mqtt:", "  host: localhost", "meters:", "  - id: grid", "    protocol: p1",
    "    source: /dev/serial/by-id/usb-FTDI_P1-if00-port0",
  ]

  private static let files: [(path: String, meaning: String)] = [
    (Program.defaultConfiguration, "The configuration, unless `--config` names another file."),
    ("/etc/meterbridge/secrets/", "Secrets of the service, a file each: `!file secrets/NAME`. Only root reads them."),
    ("/var/lib/meterbridge/", "The state directory of the service, with these files:"),
    ("/var/lib/meterbridge/state.json", "Totals, frame counters, and the topics in use."),
    ("/var/lib/meterbridge/journal.sqlite", "Readings that the broker does not have yet."),
    (
      "/var/lib/meterbridge/dead-letter.jsonl",
      "Telegrams and values that could not be used; older ones in `.1` to `.3`."
    ),
    ("/var/lib/meterbridge/dead-letter.replayed", "Which of them have been replayed."),
    ("/var/lib/meterbridge/hours.sqlite", "The registers of the last 40 days, hour by hour."),
    ("/var/lib/meterbridge/repair.json", "Corrections of Home Assistant's sums that are not read back yet."),
    ("/var/lib/meterbridge/pan-<id>.json", "The network of a meter on the B-route."),
  ]

  static func page() -> String {
    var page = Roff(title: "METERBRIDGE", section: 1, version: Version.text)
    page.name("meterbridge", "read utility meters and publish every value on MQTT")
    page.section("Synopsis")
    page.paragraph("`meterbridge` COMMAND [OPTION]… [OPERAND]…", isFirst: true)
    writeDescription(&page)
    writeCommands(&page)
    page.section("Options")
    page.paragraph("Options of most commands. The others are with their commands. `--` ends them.", isFirst: true)
    page.entry("`-c` FILE, `--config` FILE", sentence(Option.config.help))
    page.entry("`-h`, `--help`", "Explain the command, or without one list them all.")
    page.entry("`-V`, `--version`", "Print the version, without a command.")
    writeConfiguration(&page)
    writeFacts(&page)
    writeExamples(&page)
    page.section("See also")
    page.paragraph(
      "**meterbridge.yaml**(5), **mosquitto**(8), **mosquitto_sub**(1), **systemctl**(1), **journalctl**(1)",
      isFirst: true)
    page.paragraph("The folder `docs` of the source has a page for each subject; `docs/README.md` is their index.")
    return page.text
  }

  private static func writeDescription(_ page: inout Roff) {
    page.section("Description")
    page.paragraph(
      """
      `meterbridge run` is a daemon. It reads utility meters (smart meters with a P1 port, M-Bus and DLMS meters, Japanese
      meters on the B-route) and publishes every value as a retained topic of its own, with discovery messages for Home
      Assistant. The other commands find meters, try the configuration, show what the daemon does and look into telegrams.
      """, isFirst: true)
    page.paragraph(
      """
      A value is exact or absent. What cannot be decoded is kept with its bytes: see `dead-letter`. Readings are kept while
      the broker is away.
      """)
  }

  private static func writeCommands(_ page: inout Roff) {
    page.section("Commands")
    for command in Program.commands {
      page.subsection(command.name)
      page.paragraph(usage(command), isFirst: true)
      page.paragraph(sentence(command.summary))
      page.help(command.details)
      for option in command.options where option.name != Option.config.name {
        page.entry(shown(option), sentence(option.help + (option.isRepeatable ? "; may be repeated" : "")))
      }
    }
  }

  /// The line of the usage, the words to be typed in bold.
  private static func usage(_ command: Command) -> String {
    let words = command.usage.split(separator: " ").dropFirst(2)
    return (["`meterbridge \(command.name)`"] + words.map(String.init)).joined(separator: " ")
  }

  private static func shown(_ option: Option) -> String {
    let words = option.usage.split(separator: " ", maxSplits: 1)
    return "`\(words[0])`" + words.dropFirst().map { " \($0)" }.joined()
  }

  private static func sentence(_ text: String) -> String { text.prefix(1).uppercased() + text.dropFirst() + "." }

  private static func writeConfiguration(_ page: inout Roff) {
    page.section("Configuration")
    page.paragraph(
      """
      One YAML file, **meterbridge.yaml**(5). `meterbridge init` writes a first one. `meterbridge check` finds every mistake
      in it; with `--connect` it also tries the broker and every meter. Only the meters must be in it:
      """, isFirst: true)
    page.example(configuration)
  }

  private static func writeFacts(_ page: inout Roff) {
    page.section("Files")
    for file in files { page.entry("`\(file.path)`", file.meaning) }
    page.section("Environment")
    for variable in variables { page.entry("`\(variable.name)`", variable.meaning) }
    page.section("Signals")
    page.entry("`SIGTERM`, `SIGINT`", "End the daemon within two seconds. It publishes `offline` before.")
    page.entry(
      "`SIGHUP`",
      """
      Read the configuration again. Meters that stay as they are keep running. A configuration with a mistake changes
      nothing. Changes of `mqtt`, `home_assistant`, `http`, `state_directory` and the limits of the journal need a restart.
      """)
    page.section("Exit status")
    for status in exitStatuses { page.entry("`\(status.number)`", status.meaning) }
  }

  private static func writeExamples(_ page: inout Roff) {
    page.section("Examples")
    page.paragraph("A first configuration, tried and run:", isFirst: true)
    page.example([
      "meterbridge ports", "meterbridge init meterbridge.yaml", "meterbridge check --connect meterbridge.yaml",
      "meterbridge run meterbridge.yaml",
    ])
    page.paragraph("A meter without hardware, and what it sends:")
    page.example(["meterbridge simulate p1-nl=/tmp/p1", "meterbridge init --source /tmp/p1 --yes"])
    page.paragraph("What is in an enciphered telegram:")
    page.example(["meterbridge decode --key @netz-key telegram.hex"])
    page.paragraph("What the service could not decode, and once more after the key was corrected:")
    page.example(["sudo meterbridge dead-letter list", "sudo meterbridge dead-letter replay"])
  }
}
