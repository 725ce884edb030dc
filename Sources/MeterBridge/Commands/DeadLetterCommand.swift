internal import Base
internal import Glibc
internal import Platform

/// `meterbridge dead-letter list|show|replay`.
struct DeadLetterCommand {
  enum Action: Equatable {
    case list(meter: String?)
    /// The beginning of an id.
    case show(String)
    case replay(meter: String?, isDry: Bool)
  }

  let configuration: Configuration
  /// How long `replay` waits for the broker.
  var patience = Milliseconds.seconds(15)
  /// Takes the lines of standard output.
  var write: (String) -> Void = Console().writeLine
  /// Takes the lines of standard error.
  var complain: (String) -> Void = Console().complain

  /// - Returns: the exit status (sysexits); 66 if no daemon has used the state directory.
  func run(_ action: Action) -> Int32 {
    guard let directory = StateDirectory.path(configured: configuration.stateDirectory, environment: .process) else {
      complain("no state directory: set state_directory in the configuration, or HOME")
      return EX_CONFIG
    }
    do throws(Errno) {
      guard let folder = try visited(directory) else {
        complain(StateDirectory.unused(directory))
        return EX_NOINPUT
      }
      let log = DeadLetterLog(in: folder)
      switch action {
      case .list(let meter): return try list(log, meter: meter)
      case .show(let name): return try show(log, name)
      case .replay(let meter, let isDry): return try replay(log, meter: meter, isDry: isDry)
      }
    } catch {
      complain("\(directory): \(error)")
      return EX_IOERR
    }
  }

  /// Nil if no daemon has used the folder.
  private func visited(_ directory: String) throws(Errno) -> Folder? {
    do throws(Errno) {
      let folder = try Folder(visiting: directory)
      return StateDirectory.isUsed(folder) ? folder : nil
    } catch {
      guard error.number == ENOENT else { throw error }
      return nil
    }
  }

  /// - Parameters:
  ///   - words: the operands behind `dead-letter`.
  ///   - meter: the value of `--meter`.
  ///   - isDry: whether `--dry-run` is given.
  /// - Returns: what is asked for.
  /// - Throws: what is wrong with them, and what was probably meant.
  static func action(_ words: [String], meter: String? = nil, isDry: Bool = false) throws(UsageError) -> Action {
    let names = ["list", "show", "replay"]
    guard let name = words.first else { throw UsageError("say list, show ID or replay") }
    guard names.contains(name) else {
      let near = Suggestion.question(Suggestion.nearest(to: name, of: names))
      throw UsageError("unknown dead-letter \(name)\(near.isEmpty ? ": say list, show ID or replay" : near)")
    }
    if isDry, name != "replay" { throw UsageError("--dry-run goes with replay only") }
    if meter != nil, name == "show" { throw UsageError("--meter goes with list and replay only") }
    let operands = name == "show" ? 1 : 0
    if words.count - 1 > operands { throw UsageError("unexpected \(words[operands + 1])") }
    switch name {
    case "list": return .list(meter: meter)
    case "replay": return .replay(meter: meter, isDry: isDry)
    default:
      guard words.count == 2 else { throw UsageError("show needs the ID of a letter, or its beginning") }
      return .show(words[1])
    }
  }

  /// Calls `body` with every letter, oldest first, until it returns false. Reports damaged lines at the end, unless they
  /// have been told.
  func letters(
    _ log: DeadLetterLog, isTold: Bool = false, _ body: (DeadLetterEntry) throws(Errno) -> Bool
  ) throws(Errno) {
    let reader = try DeadLetterReader(log)
    var damage: (place: String, count: Int)?
    func tell() {
      guard let damage, !isTold else { return }
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
    name: "dead-letter", operands: "list|show ID|replay", operandCount: 1...Int.max,
    options: [.config, .meter, .dryRun],
    summary: "look at what could not be decoded, and decode it again",
    details: """
      list     every dead letter, the newest last
      show     one of them with its bytes; the beginning of the ID is enough
      replay   decode them again with the settings of now, for instance after a key was
               corrected, and publish what comes out as readings with "replayed": true.
               May run beside the daemon. What was replayed once is not replayed again.
               Ends with 0 where nothing is left, else with 65.

      The letters are those in the daemon's state directory. Root beside the service gets
      the service's. Ends with 66 without such a letter, and where no daemon has used the
      state directory.
      """
  ) { arguments, console throws(UsageError) in
    let action = try DeadLetterCommand.action(
      arguments.operands, meter: arguments[.meter], isDry: arguments.has(.dryRun))
    do throws(ConfigurationError) {
      let configuration = try Configuration.ofDaemon(arguments.configuration)
      return DeadLetterCommand(configuration: configuration, write: console.writeLine, complain: console.complain)
        .run(action)
    } catch {
      error.lines.forEach(console.complain)
      return error.exitStatus
    }
  }
}
