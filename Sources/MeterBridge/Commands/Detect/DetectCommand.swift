internal import Base
internal import Glibc
internal import Meters
internal import Platform

/// `meterbridge detect`: finds out what speaks on one source.
struct DetectCommand {
  let address: SourceAddress
  /// Whether it sends requests if no meter is heard.
  var asks = false
  /// How long it listens with each of the line settings.
  var time = Limits.listening
  var console: Console

  /// - Returns: 0 if a meter or dongle was found, else 69.
  func run() -> Int32 {
    guard let signals = Signals() else {
      console.complain("no file descriptors left")
      return EX_UNAVAILABLE
    }
    let lookup = LookupThread()
    var progress = ProgressLine(console)
    var trial = PortTrial(
      address, candidates: ProtocolDescription.all, time: time, lookup: lookup, now: Clock.now())
    listen(&trial, signals, &progress)
    var report = DetectReport(trial.result, heard: trial.walk.heard, on: address, wasAsked: false)
    if asks, trial.result?.leavesQuestions ?? false {
      report = ask(after: trial, lookup, signals, &progress)
    }
    progress.clear()
    console.write(report.configuration)
    report.messages.forEach(console.complain)
    if case .failed? = trial.result { tellWhoReads() }
    return report.status
  }

  // MARK: Listening

  private func listen(_ trial: inout PortTrial, _ signals: Signals, _ progress: inout ProgressLine) {
    while trial.result == nil {
      let left = max(0, trial.walk.patience - Clock.now()).count
      let settings = address.hasLine ? " at \(trial.walk.line)" : ""
      let others = trial.walk.remaining == 0 ? "" : "; then up to \(trial.walk.remaining) other settings"
      let heard = counted(trial.walk.telegrams.count, "byte")
      progress.show("listening\(settings), \((left + 999) / 1000) s left, \(heard) so far\(others); Ctrl-C ends it")
      var polled = PollSet()
      polled.add(PollInterest(descriptor: signals.descriptor, readiness: .readable))
      let token = trial.interest.map { polled.add($0) }
      let now = Clock.now()
      polled.wait(atMost: min(Self.refresh, trial.deadline.map { $0 - now } ?? Self.refresh))
      trial.service(polled.readiness(of: token), now: Clock.now())
      if signals.take().contains(.end) {
        trial.stop()
        return
      }
    }
  }

  private static let refresh = Milliseconds.seconds(1)

  // MARK: Asking

  private func ask(
    after trial: PortTrial, _ lookup: LookupThread?, _ signals: Signals, _ progress: inout ProgressLine
  ) -> DetectReport {
    let questions = LineQuestions(on: address)
    let result = questions.ask(lookup: lookup, signals: signals) { question, index in
      let settings = address.hasLine ? " at \(question.line)" : ""
      let place = "\(index + 1) of \(questions.questions.count)"
      let asked =
        question.meterProtocol == .wmbus ? "a receiver of wireless M-Bus" : "\(question.meterProtocol.meter)\(settings)"
      progress.show("asking for \(asked), \(place); Ctrl-C ends it")
    }
    switch result {
    case .answered(let answer, let question):
      return DetectReport(answer, of: question.meterProtocol, with: question.line, on: address)
    case .failed(let reason):
      return DetectReport(.failed(reason), heard: trial.walk.heard, on: address, wasAsked: true)
    case .interrupted: return DetectReport(nil, heard: trial.walk.heard, on: address, wasAsked: true)
    case .silence: return DetectReport(trial.result, heard: trial.walk.heard, on: address, wasAsked: true)
    }
  }

  private func tellWhoReads() {
    guard case .serial(let path) = address, let users = SerialAdapter.users(of: path) else { return }
    console.complain("\(path) is open in \(users)")
  }
}

extension PortTrial.Result {
  /// Whether a meter that only answers may be there: nothing else was recognised.
  fileprivate var leavesQuestions: Bool {
    switch self {
    case .silence, .noise(.noTelegram), .noise(.framingErrors): true
    case .found, .noise, .failed: false
    }
  }
}

extension Option {
  static let ask = Option(
    name: "ask", value: .none, help: "also send requests, if no meter speaks by itself")
}

extension Arguments {
  /// The device or gateway that is the command's operand.
  func lineOperand() throws(UsageError) -> SourceAddress {
    let text = operands[0]
    do throws(InvalidValue) {
      let source = try ValueFormat<SourceAddress>.source.parse(text)
      guard source.isBus else { throw InvalidValue("is not a serial port or a gateway: tcp://HOST:PORT") }
      return source
    } catch {
      throw UsageError("\(SettingReader.quoted(text)) \(error.message)")
    }
  }
}

extension Command {
  /// Finds out what speaks on a line.
  static let detect = Command(
    name: "detect", operands: "DEVICE|tcp://HOST:PORT", operandCount: 1...1, options: [.ask, .listeningTime],
    summary: "find out which meter speaks on a port",
    details: """
      Listens with the line settings of every protocol, says which meter speaks there, and
      prints its entry for the configuration. If no telegram comes it says what comes
      instead, and what to look at: cable, inverted line, parity, gateway.

      It sends nothing without --ask. With it, if no meter speaks by itself, it asks for an
      M-Bus meter (SND_NKE and REQ_UD2 at address 254, then 0) with each speed, for a meter
      at an optical head (/?!), for a Wi-SUN dongle (SKVER), and for the receivers of wireless
      M-Bus that take commands. One that is found is set up, and listens for 20 s.

      --for N listens N seconds with each of the line settings; default 12. Ctrl-C ends it
      and says what was heard so far.

      Ends with 0 if a meter or dongle is found, 69 if not.
      """
  ) { arguments, console throws(UsageError) in
    var command = DetectCommand(address: try arguments.lineOperand(), console: console)
    command.asks = arguments.has(.ask)
    command.time = try arguments.listeningTime() ?? command.time
    return command.run()
  }
}
