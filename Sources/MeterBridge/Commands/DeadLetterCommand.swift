internal import Base
internal import Glibc
internal import Platform

/// `meterbridge dead-letter list|show|replay`.
struct DeadLetterCommand {
  static let usage = "usage: meterbridge dead-letter list [--meter ID] | show ID | replay [--meter ID] [--dry-run]"

  enum Action: Equatable {
    case list(meter: String?)
    case show(DeadLetterID)
    case replay(meter: String?, isDry: Bool)
  }

  let configuration: Configuration
  /// How long `replay` waits for the broker.
  var patience = Milliseconds.seconds(15)
  /// Takes the lines of standard output.
  var write: (String) -> Void = Console().writeLine
  /// Takes the lines of standard error.
  var complain: (String) -> Void = Console().complain

  /// - Parameters:
  ///   - words: the command line behind `dead-letter`.
  ///   - configuration: where the letters are, and the meters and the broker for `replay`.
  /// - Returns: the exit status (sysexits).
  static func run(_ words: [String], configuration: Configuration) -> Int32 {
    DeadLetterCommand(configuration: configuration).run(words)
  }

  func run(_ words: [String]) -> Int32 {
    guard let action = Self.action(words) else {
      complain(Self.usage)
      return EX_USAGE
    }
    guard let directory = StateDirectory.path(configured: configuration.stateDirectory, environment: .process) else {
      complain("no state directory: set state_directory in the configuration, or HOME")
      return EX_CONFIG
    }
    do throws(Errno) {
      let log = DeadLetterLog(in: try Folder(visiting: directory))
      switch action {
      case .list(let meter): return try list(log, meter: meter)
      case .show(let id): return try show(log, id)
      case .replay(let meter, let isDry): return try replay(log, meter: meter, isDry: isDry)
      }
    } catch {
      if error.number == ENOENT, case .list = action {
        complain("no dead letters: \(directory) does not exist yet")
        return EX_OK
      }
      complain("\(directory): \(error)")
      return EX_IOERR
    }
  }

  /// The action of the words; nil if they are wrong.
  static func action(_ words: [String]) -> Action? {
    var rest = words[...]
    guard let name = rest.popFirst() else { return nil }
    var meter: String?
    var isDry = false
    var names: [String] = []
    while let word = rest.popFirst() {
      switch word {
      case "--meter":
        guard name != "show", let id = rest.popFirst() else { return nil }
        meter = id
      case "--dry-run" where name == "replay": isDry = true
      case let word where word.hasPrefix("-"): return nil
      default: names.append(word)
      }
    }
    switch (name, names.count) {
    case ("list", 0): return .list(meter: meter)
    case ("show", 1): return DeadLetterID(names[0]).map { .show($0) }
    case ("replay", 0): return .replay(meter: meter, isDry: isDry)
    default: return nil
    }
  }

  /// Calls `body` with every letter, oldest first, until it returns false. Reports damaged lines at the end.
  func letters(_ log: DeadLetterLog, _ body: (DeadLetterEntry) throws(Errno) -> Bool) throws(Errno) {
    let reader = try DeadLetterReader(log)
    var damage: (place: String, count: Int)?
    func tell() {
      guard let damage else { return }
      complain(
        damage.count == 1
          ? "\(damage.place): a damaged line was skipped"
          : "\(damage.place) and further on: \(damage.count) damaged lines were skipped")
    }
    defer { tell() }
    while let line = try reader.next() {
      switch line {
      case .entry(let entry): if try !body(entry) { return }
      case .damaged(let file, let line): damage = (damage?.place ?? "\(file):\(line)", (damage?.count ?? 0) + 1)
      }
    }
  }
}

extension Command {
  /// Lists, shows and replays dead letters.
  static let deadLetter = Command(
    name: "dead-letter", operands: "list|show ID|replay", operandCount: 1...2,
    options: [.config, .meter, .dryRun],
    summary: "look at what could not be decoded, and decode it again",
    details: """
      list     every dead letter, the newest last
      show     one of them with its bytes
      replay   decode them again with the settings of now, for instance after a key was
               corrected, and publish what comes out as readings with "replayed": true.
               May run beside the daemon. What was replayed once is not replayed again.
               Ends with 0 where nothing is left, else with 65.
      """
  ) { arguments, console throws(UsageError) in
    guard let words = DeadLetterCommand.words(arguments) else {
      throw UsageError("say list, show ID or replay")
    }
    do throws(ConfigurationError) {
      return DeadLetterCommand.run(words, configuration: try Configuration.read(path: arguments.configuration))
    } catch {
      error.lines.forEach(console.complain)
      return error.exitStatus
    }
  }
}

extension DeadLetterCommand {
  /// The words behind `dead-letter`, options last; nil where they make no sense.
  fileprivate static func words(_ arguments: Arguments) -> [String]? {
    var words = arguments.operands
    if let meter = arguments[.meter] { words += ["--meter", meter] }
    if arguments.has(.dryRun) { words.append("--dry-run") }
    return action(words) == nil ? nil : words
  }
}
