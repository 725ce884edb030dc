internal import Base
internal import Decoders
internal import Glibc
internal import Meters
internal import Platform

/// `meterbridge capture`: reads one meter for a while, and writes its frames so that they may be shown to others.
struct CaptureCommand {
  let settings: MeterSettings
  var duration = Milliseconds.minutes(1)
  /// Nil for standard output.
  var output: String?
  var console: Console

  /// Reads until the time is over, the source ends, or the user presses Ctrl-C.
  ///
  /// - Returns: 0 if frames are written. 65 if none can be made anonymous. 69 if none came. 74 if the file cannot be written.
  func run() -> Int32 {
    guard var capture = Capture(settings) else {
      console.complain("telegrams of \(settings.meterProtocol.meters) cannot be made anonymous yet")
      return EX_UNAVAILABLE
    }
    guard let signals = Signals(),
      let connection = SourceConnection(
        for: [settings], seed: .random(in: .min ... .max), lookup: LookupThread(), fetcher: FetchThread())
    else {
      console.complain("no file descriptors or threads left")
      return EX_UNAVAILABLE
    }
    let seconds = duration.count / 1000
    console.complain("\(settings.id): reading \(settings.sourceText) for \(seconds) s; Ctrl-C ends it earlier")
    read(connection, signals, into: &capture)
    return write(capture)
  }

  private func read(_ connection: SourceConnection, _ signals: Signals, into capture: inout Capture) {
    let end = Clock.now() + duration
    var hasOpened = false
    while Clock.now() < end {
      var polled = PollSet()
      polled.add(PollInterest(descriptor: signals.descriptor, readiness: .readable))
      let token = connection.interest.map { polled.add($0) }
      polled.wait(atMost: min(end, connection.deadline ?? end) - Clock.now())
      connection.service(polled.readiness(of: token), now: Clock.now())
      for event in connection.takeEvents() {
        switch event {
        case .opened: hasOpened = true
        case .ended: return
        case .lost(let reason):
          console.complain(reason)
          if !hasOpened { return }
        default: take(event, into: &capture)
        }
      }
      if signals.take().contains(.end) { break }
    }
    leave(connection, into: &capture)
  }

  /// A session on the air ends in order.
  private func leave(_ connection: SourceConnection, into capture: inout Capture) {
    let end = Clock.now() + Limits.ending
    connection.leave(now: Clock.now())
    while !connection.hasLeft, Clock.now() < end {
      var polled = PollSet()
      let token = connection.interest.map { polled.add($0) }
      polled.wait(atMost: 100)
      connection.service(polled.readiness(of: token), now: Clock.now())
    }
    // What is cut short by the end of the time is not the meter's mistake, and is left out.
    for event in connection.takeEvents() { take(event, into: &capture) }
    connection.close(now: Clock.now())
  }

  private func take(_ event: SourceEvent, into capture: inout Capture) {
    switch event {
    case .dialogue(.readout(_, let frames)): frames.forEach { capture.add($0) }
    case .dialogue(.rejected(_, let bytes, _)): capture.reject(bytes)
    case .dialogue(.noAnswer(_, let tries, _)): console.complain("\(settings.id): no answer after \(tries) tries")
    case .dialogue(.news(.progress(let text))): console.complain("\(settings.sourceText): \(text)")
    case .dialogue(.news(.trouble(_, let trouble))): console.complain("\(settings.id): \(trouble)")
    case .silent(let text, _), .warning(let text): console.complain(text)
    default: break
    }
  }

  private func write(_ capture: Capture) -> Int32 {
    let file = capture.file()
    if capture.rejected.pieces > 0 {
      let (pieces, bytes) = capture.rejected
      console.complain(
        "\(counted(pieces, "piece")) of \(bytes) bytes left out: not a whole telegram, so it cannot be made "
          + "anonymous")
    }
    for (reason, count) in file.refused.sorted(by: { $0.key < $1.key }) {
      console.complain("\(counted(count, "telegram")) left out, as not anonymous: \(reason)")
    }
    guard file.frames > 0 else {
      if file.refused.isEmpty { console.complain("\(settings.id): no telegram came; with --for 300 it waits longer") }
      return file.refused.isEmpty ? EX_UNAVAILABLE : EX_DATAERR
    }
    guard let output else {
      return console.write(String(decoding: file.text, as: UTF8.self)) ? EX_OK : EX_IOERR
    }
    let descriptor = unsafe open(output, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      console.complain("\(output): \(Errno.last)")
      return EX_IOERR
    }
    defer { close(descriptor) }
    guard Console(output: descriptor).write(String(decoding: file.text, as: UTF8.self)) else {
      console.complain("\(output): \(Errno.last)")
      return EX_IOERR
    }
    console.complain("\(counted(file.frames, "frame")) in \(output): \(capture.decoding)")
    return EX_OK
  }
}

extension Option {
  fileprivate static let seconds = Option(name: "for", value: .count, help: "how many seconds it reads; default 60")
  fileprivate static let output = Option(
    name: "output", value: .text("FILE"), help: "where the telegrams go; default standard output")
}

extension Command {
  /// Captures telegrams for a bug report.
  static let capture = Command(
    name: "capture", operands: "METER", operandCount: 1...1, options: [.config, .seconds, .output],
    summary: "keep a meter's telegrams for a bug report, without its numbers",
    details: """
      Opens the source of one meter of the configuration, reads it for a minute, and writes
      its telegrams as they came, but for what identifies meter and owner: numbers, names and
      messages become running numbers, and enciphered telegrams are enciphered with the key
      \(MeterSettings.exampleKey). Checksums are made anew. Values and times stay. `decode`
      reads the file: its first lines say how.

      What cannot be made anonymous is left out and counted: bytes that are not a whole
      telegram, and telegrams that cannot be read without a key that is not configured. Look
      through the file before you publish it.

      The daemon must not run meanwhile: it has the port. Ends with 0 where telegrams were
      written, 65 where none could be made anonymous, 69 where none came.
      """
  ) { arguments, console throws(UsageError) in
    let configuration: Configuration
    do throws(ConfigurationError) { configuration = try Configuration.ofDaemon(arguments.configuration) } catch {
      error.lines.forEach(console.complain)
      return error.exitStatus
    }
    let id = arguments.operands[0]
    guard let settings = configuration.meters.first(where: { $0.id == id }) else {
      let near = Suggestion.question(Suggestion.nearest(to: id, of: configuration.meters.map(\.id)))
      throw UsageError("\(id) is not a meter of the configuration\(near)")
    }
    guard settings.source.topic == nil else {
      throw UsageError("\(id) has no source of its own: capture where its telegrams are forwarded")
    }
    let directory = StateDirectory.path(configured: configuration.stateDirectory, environment: .process)
    let lock: StateLock?
    do throws(StateLock.Taken) { lock = try StateLock.beside(directory) } catch {
      console.complain("the daemon runs and has \(settings.sourceText): stop it first")
      return EX_UNAVAILABLE
    }
    defer { lock?.release() }
    var command = CaptureCommand(settings: settings, output: arguments[.output], console: console)
    if let seconds = arguments.count(.seconds) { command.duration = .seconds(Int64(clamping: min(seconds, 86_400))) }
    return command.run()
  }
}
