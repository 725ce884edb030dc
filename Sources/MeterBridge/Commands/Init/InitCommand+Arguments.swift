internal import Base
internal import Glibc
internal import Meters

extension InitCommand {
  /// A source of the command line.
  fileprivate static func source(_ text: String) throws(UsageError) -> SourceAddress {
    do throws(InvalidValue) {
      let source = try ValueFormat<SourceAddress>.source.parse(text)
      if case .http(let page) = source, page.isSecret {
        throw InvalidValue("has a password or query in it: write this meter into the file yourself")
      }
      guard !source.isFile, !source.isListening, source.topic == nil else {
        throw InvalidValue("is no place where a meter speaks")
      }
      return source
    } catch {
      throw UsageError("--source \(SettingReader.quoted(text)) \(error.message)")
    }
  }
}

extension SourceAddress {
  /// As it is written in the configuration, without a user or password.
  var written: String {
    switch self {
    case .serial(let path): path
    case .tcp: "tcp://\(name)"
    case .rfc2217: "rfc2217://\(name)"
    case .udp: "udp://\(name)"
    case .http(let page): page.shown
    case .listen, .mqtt: name
    case .file(let path): "file:\(path)"
    case .standardInput: "-"
    }
  }
}

extension Option {
  static let yes = Option(name: "yes", value: .none, help: "ask nothing: take the default of every question")
  static let source = Option(
    name: "source", value: .text("SOURCE"),
    help: "where to look, a device or tcp://HOST:PORT; default every serial port",
    isRepeatable: true)
}

extension Command {
  /// Writes a first configuration.
  static let initialize = Command(
    name: "init", operands: "[FILE]", operandCount: 0...1, options: [.source, .listeningTime, .yes],
    summary: "look for meters, and write a first configuration",
    details: """
      Listens on every serial port that is free, with the line settings of every kind of
      meter that sends by itself. It sends nothing to a port before you agree: then it asks
      for an M-Bus meter. It asks for the broker, and writes FILE, meterbridge.yaml without
      one, and passwords and keys into files of their own in the folder `secrets` beside it.
      A file that is there is never overwritten.

      Answers are also read from a pipe, one a line; where it ends, and with --yes, the
      default is taken. A password has no default.

      Ends with 0 if the file is written, 64 without an answer, 69 without a port or a
      meter, 74 if the file is there or cannot be written.
      """
  ) { arguments, console throws(UsageError) in
    _ = signal(SIGPIPE, SIG_IGN)
    let readLine: Interview.ReadLine? = arguments.has(.yes) ? nil : { StandardInput.readLine(isSecret: $0) }
    var command = InitCommand(
      path: arguments.operands.first ?? "meterbridge.yaml", interview: Interview(console, readLine: readLine))
    command.time = try arguments.listeningTime() ?? command.time
    for source in arguments.all(.source) { command.sources.append(try InitCommand.source(source)) }
    do throws(InitCommand.Failure) { try command.run() } catch {
      console.complain("meterbridge init: \(error.message)")
      return error.status
    }
    return EX_OK
  }
}
