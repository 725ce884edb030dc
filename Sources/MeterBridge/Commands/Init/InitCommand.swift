internal import Base
internal import Decoders
internal import Glibc
internal import Meters
internal import Platform

/// `meterbridge init`: looks for meters, asks what it must, and writes a first configuration.
struct InitCommand {
  /// The file to write.
  let path: String
  /// Where to look for meters; empty for every serial port.
  var sources: [SourceAddress] = []
  /// How long to listen with each line setting.
  var time = Limits.listening
  let interview: Interview

  private var draft = FirstConfiguration()
  /// The texts of the files for secrets, by their names.
  private var secrets: [(file: String, text: String)] = []

  init(path: String, interview: Interview) {
    self.path = path
    self.interview = interview
  }

  /// Ends the command with this status and message.
  struct Failure: Error, Equatable {
    var status: Int32
    var message: String
  }

  /// - Throws: why no file was written.
  mutating func run() throws(Failure) {
    try refuseToOverwrite()
    let trials = try listen()
    do throws(Interview.Ended) {
      for trial in trials { try handle(trial) }
      if !draft.meters.isEmpty { try askForBroker() }
    } catch {
      throw Failure(status: EX_USAGE, message: "\(error.message); nothing is written")
    }
    guard !draft.meters.isEmpty else {
      throw Failure(
        status: EX_UNAVAILABLE, message: "no meter, so nothing is written; deploy/meterbridge.example.yaml has examples"
      )
    }
    try write()
    tellNextSteps()
  }

  // MARK: Files

  private var folder: String { path.lastIndex(of: "/").map { String(path[...$0]) } ?? "" }
  private func place(ofSecret file: String) -> String { "\(folder)\(FirstConfiguration.secretsFolder)/\(file)" }

  private func refuseToOverwrite() throws(Failure) {
    var status = stat()
    guard unsafe lstat(path, &status) != 0 else {
      throw Failure(status: EX_IOERR, message: "\(path) is there already and stays as it is; name another file")
    }
    let parent = folder.isEmpty ? "." : folder
    guard unsafe faccessat(AT_FDCWD, parent, W_OK | X_OK, AT_EACCESS) == 0 else {
      throw Failure(status: EX_IOERR, message: "\(path) cannot be written: \(parent): \(Errno.last)")
    }
  }

  private func isThere(secret file: String) -> Bool { unsafe access(place(ofSecret: file), F_OK) == 0 }

  /// Keeps a secret for its file; false if it is empty.
  private mutating func keep(_ text: String, in file: String) { secrets.append((file, text)) }

  private func write() throws(Failure) {
    var written: [String] = []
    do throws(Errno) {
      if !secrets.isEmpty { try NewFile.makeFolder(folder + FirstConfiguration.secretsFolder) }
      for secret in secrets {
        try NewFile.write(secret.text + "\n", to: place(ofSecret: secret.file), mode: 0o600)
        written.append(place(ofSecret: secret.file))
      }
      // It has no secrets in it, and the service is another user.
      try NewFile.write(draft.text, to: path, mode: 0o644)
    } catch {
      for file in written { _ = unsafe unlink(file) }
      throw Failure(status: EX_IOERR, message: "\(path) cannot be written: \(error)")
    }
    interview.tell("\n\(path) is written\(written.isEmpty ? "" : ", with \(written.joined(separator: " and "))").")
  }

  private func tellNextSteps() {
    for meter in draft.meters where !meter.missing.isEmpty {
      let files = meter.missing.map { place(ofSecret: FirstConfiguration.fileName(of: $0, meter.id)) }
      interview.tell(
        "\(meter.id) cannot be read yet: put \(meter.missing.joined(separator: " and ")) into "
          + "\(files.joined(separator: " and ")) (chmod 600), and take the # off in \(path).")
    }
    interview.tell(
      """
      Next:
        meterbridge check --connect --config \(path)      # tries the broker and every meter
        meterbridge run --config \(path)
      """)
  }

  // MARK: Meters

  private mutating func listen() throws(Failure) -> [PortTrial] {
    var addresses = sources
    if addresses.isEmpty {
      let ports = PortsCommand.ports(nil)
      if !ports.isEmpty { interview.tell(PortsCommand.table(ports)) }
      addresses = ports.filter { $0.mayOpen && $0.users.isEmpty }.map { .serial(path: $0.source) }
    }
    guard !addresses.isEmpty else {
      let advice = "plug the adapter in, or name a gateway: --source tcp://HOST:PORT"
      throw Failure(status: EX_UNAVAILABLE, message: "no serial port that is free and may be opened: \(advice)")
    }
    let lookup = LookupThread()
    let fetcher = FetchThread()
    let count = addresses.count == 1 ? addresses[0].name : "\(addresses.count) sources"
    let most = addresses.contains(where: \.hasLine) ? PortTrial.lines.count : 1
    interview.tell("Listening on \(count) for meters, up to \(time.count * Int64(most) / 1000) s …")
    let now = Clock.now()
    var trials = addresses.prefix(Limits.portsTried).map {
      PortTrial($0, time: time, lookup: lookup, fetcher: fetcher, now: now)
    }
    trials.run()
    return trials
  }

  private mutating func handle(_ trial: PortTrial) throws(Interview.Ended) {
    let name = trial.address.written
    switch trial.result {
    case .found(let finding, let line):
      let what = finding.meter.map { "\($0)" } ?? finding.trouble.map { "\($0)" } ?? ""
      interview.tell("\(name): \(finding.meterProtocol.meter): \(what)")
      try add(finding, line, trial)
    case .failed(let reason): interview.tell(reason)
    case .silence, nil:
      interview.tell("\(name): nothing is heard")
      try askForOther(trial)
    case .noise(let finding):
      interview.tell("\(name): \(finding)")
      try askForOther(trial)
    }
  }

  private mutating func add(
    _ finding: TelegramTrial.Finding, _ line: LineSettings, _ trial: PortTrial
  ) throws(Interview.Ended) {
    var finding = finding
    var key: String?
    if finding.trouble != nil {
      key = try interview.ask(
        "Its key, 32 hexadecimal digits; empty to add it later", else: (nil, ""), isSecret: true
      ) { answer throws(InvalidValue) in
        _ = try MeterKey(answer)
        return answer
      }
    }
    if let key, let known = try? MeterKey(key) {
      var telegrams = trial.walk.telegrams
      if let opened = telegrams.look(key: known) { finding = opened }
      interview.tell("  " + (finding.meter.map { "\($0)" } ?? finding.trouble.map { "\($0)" } ?? ""))
    }
    let meterProtocol = finding.meterProtocol
    var meter = try begin(meterProtocol, trial.address, medium: finding.meter?.medium ?? .electricity)
    meter.line = trial.address.hasLine && line != meterProtocol.line ? line : nil
    meter.heard = finding.meter.map { "\($0)" }
    if let key {
      takeSecret("key", key, &meter)
    } else if finding.trouble != nil {
      meter.missing.append("key")
    }
    draft.meters.append(meter)
  }

  /// The id of a meter, and what stands in every entry.
  private func begin(
    _ meterProtocol: ProtocolDescription, _ address: SourceAddress, medium: Medium?
  ) throws(Interview.Ended) -> FirstConfiguration.Meter {
    let free = draft.freeID(for: medium)
    let taken = draft.meters.map(\.id)
    let format = ValueFormat.identifier(butNot: "bridge")
    let id = try interview.ask("Its id, for its topics", else: (free, free)) { answer throws(InvalidValue) in
      let id = try format.parse(answer)
      if taken.contains(id) { throw InvalidValue("is the id of another meter already") }
      return id
    }
    return FirstConfiguration.Meter(id: id, meterProtocol: meterProtocol, source: address.written)
  }

  private mutating func takeSecret(_ key: String, _ text: String, _ meter: inout FirstConfiguration.Meter) {
    let file = FirstConfiguration.fileName(of: key, meter.id)
    keep(text, in: file)
    meter.secrets.append(FirstConfiguration.Secret(key: key, file: file))
  }

  // MARK: Meters that do not push

  private mutating func askForOther(_ trial: PortTrial) throws(Interview.Ended) {
    guard trial.address.isBus else { return }
    let question =
      "Ask for an M-Bus meter on \(trial.address.written)? It sends requests with each speed, for half a minute at most"
    if try interview.agrees(question, else: false), try askMBus(trial.address) { return }
    let names = ProtocolDescription.configurable.map(\.name)
    let picked: ProtocolDescription? = try interview.ask(
      "Which meter is there (\(names.joined(separator: ", "))); empty for none", else: (nil, "")
    ) { answer throws(InvalidValue) in try ValueFormat<ProtocolDescription>.meterProtocol.parse(answer) }
    guard let picked else { return }
    var meter = try begin(picked, trial.address, medium: picked == .mbus || picked == .wmbus ? nil : .electricity)
    if picked == .wmbus { meter.hints = [FirstConfiguration.hintOfReceiver(trial.address)] }
    for (key, meaning) in picked.required {
      let text = try interview.ask("\(key): \(meaning)", else: nil, isSecret: true) { answer throws(InvalidValue) in
        try InitCommand.check(answer, of: key)
      }
      takeSecret(key, text, &meter)
    }
    draft.meters.append(meter)
  }

  /// A value as the configuration would read it.
  private static func check(_ answer: String, of key: String) throws(InvalidValue) -> String {
    var settings = MeterSettings(id: "", meterProtocol: .echonet, source: .standardInput, sourceText: "-")
    guard settings.apply(["\(key)=\(answer)"]).isEmpty else { throw InvalidValue("is not a \(key)") }
    return answer
  }

  /// Asks the only meter on a line, with each speed.
  private mutating func askMBus(_ address: SourceAddress) throws(Interview.Ended) -> Bool {
    let result = LineQuestions(on: address, of: [.mbus]).ask(lookup: LookupThread(), signals: nil) { _, _ in }
    switch result {
    case .answered(.meter(let frame, let asked), let question):
      let heard = HeardMeter(frame, of: .mbus)
      if let heard { interview.tell("  \(heard)") }
      var meter = try begin(.mbus, address, medium: heard?.medium)
      meter.line = address.hasLine && question.line != ProtocolDescription.mbus.line ? question.line : nil
      if case .primary(let primary) = asked, primary != MBusAddress.test { meter.address = Int(primary) }
      meter.heard = heard.map { "\($0)" }
      draft.meters.append(meter)
      return true
    case .answered: interview.tell("  \(LineDiagnosis.Finding.severalAnswers)")
    case .failed(let reason): interview.tell("  \(reason)")
    case .silence, .interrupted: interview.tell("  no meter answers, with any speed")
    }
    return false
  }

  // MARK: The broker

  private mutating func askForBroker() throws(Interview.Ended) {
    draft.host = try interview.ask("Name or address of the MQTT broker", else: ("localhost", "localhost"), parseHost)
    draft.port = try interview.ask("Its port; 8883 is TLS", else: (nil, "1883")) { answer throws(InvalidValue) in
      guard let port = UInt16(digits: answer), port > 0 else { throw InvalidValue("is not a port number: 1 to 65535") }
      return port == 1883 ? nil : port
    }
    draft.username = try interview.ask("User name there; empty for none", else: (nil, "")) {
      answer throws(InvalidValue) in
      try ValueFormat<String>.text("a text").parse(answer)
    }
    guard draft.username != nil else { return }
    let password = FirstConfiguration.Secret(key: "password", file: "mqtt-password")
    draft.password = password
    if isThere(secret: password.file) {
      return interview.tell("The password is in \(place(ofSecret: password.file)), which is there already.")
    }
    let text = try interview.ask("Password", else: nil, isSecret: true) { answer throws(InvalidValue) in
      try ValueFormat<Secret>.secret.parse(answer).reveal
    }
    keep(text, in: password.file)
  }
}
