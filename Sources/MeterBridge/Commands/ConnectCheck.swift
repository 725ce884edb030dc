internal import Base
internal import Glibc
internal import Meters
internal import Platform
internal import Publishing

/// `meterbridge check --connect`: tries the broker and every source of a configuration that is right.
struct ConnectCheck {
  let configuration: Configuration
  /// Nil: the usual time of each protocol.
  var time: Milliseconds?
  var environment = Environment.process
  var console: Console

  /// One row of the table.
  struct Row: Equatable {
    var meter: String
    var source: String
    var isGood: Bool
    var result: String
  }

  /// - Returns: 0 if all is well, else 69.
  func run() -> Int32 {
    _ = signal(SIGPIPE, SIG_IGN)
    DescriptorLimit.raise()
    let broker = BrokerTrial.run(configuration)
    let hasDaemon = isDaemonRunning || broker.hasDaemon == true
    let (tried, left) = sources(besideDaemon: hasDaemon)
    let rows = left.flatMap { $0.map(Self.notTried) } + tryAll(tried)
    let ids = configuration.meters.map(\.id)
    let ordered = rows.enumerated().sorted { one, other in
      let places = [one, other].map { row in ids.firstIndex { row.element.belongs(to: $0) } ?? ids.count }
      return (places[0], one.offset) < (places[1], other.offset)
    }
    let all = brokerRows(broker) + ordered.map(\.element)
    let lines =
      [["METER", "SOURCE", "", "RESULT"]] + all.map { [$0.meter, $0.source, $0.isGood ? "ok" : "FAILED", $0.result] }
    console.write("\n" + TextTable.lines(lines).joined())
    return all.allSatisfy(\.isGood) ? EX_OK : EX_UNAVAILABLE
  }

  private func brokerRows(_ broker: BrokerTrial) -> [Row] {
    let place = configuration.mqtt.brokerNames
    let rows = broker.troubles.map { Row(meter: "broker", source: place, isGood: false, result: $0) }
    guard rows.isEmpty else { return rows }
    let version = broker.hidesRefusals ? "MQTT 3.1.1, which hides refusals" : "MQTT 5"
    let result = "logged in with \(version); our topics can be published and read"
    return [Row(meter: "broker", source: place, isGood: true, result: result)]
  }

  // MARK: The daemon

  /// Whether a daemon uses the state directory of this configuration.
  private var isDaemonRunning: Bool {
    guard let path = StateDirectory.path(configured: configuration.stateDirectory, environment: environment),
      let folder = try? Folder(visiting: path)
    else { return false }
    return StateLock.isTaken(in: folder)
  }

  /// A gateway may end the daemon's connection when a second one comes, and a serial port or a port to listen on has room for one. So beside a
  /// daemon only pages and files are tried, which do not mind.
  private func sources(besideDaemon hasDaemon: Bool) -> (tried: [[MeterSettings]], left: [[MeterSettings]]) {
    func canBeTried(_ meters: [MeterSettings]) -> Bool {
      meters[0].source != .standardInput && meters[0].source.topic == nil
    }
    let groups = configuration.metersBySource.filter(canBeTried)
    let piped = configuration.metersBySource.filter { !canBeTried($0) }
    guard hasDaemon else { return (groups, piped) }
    func isShared(_ meters: [MeterSettings]) -> Bool { !meters[0].source.isBus && !meters[0].source.isListening }
    return (groups.filter(isShared), groups.filter { !isShared($0) } + piped)
  }

  private static func notTried(_ meter: MeterSettings) -> Row {
    if meter.source.topic != nil {
      let result = "not tried: its telegrams come by way of the broker"
      return Row(meter: meter.id, source: meter.sourceText, isGood: true, result: result)
    }
    let reason =
      meter.source == .standardInput
      ? "not tried: standard input can only be read once"
      : "not tried: a running daemon reads it; stop it to try the source"
    return Row(meter: meter.id, source: meter.sourceText, isGood: false, result: reason)
  }

  // MARK: The meters

  private func tryAll(_ groups: [[MeterSettings]]) -> [Row] {
    let now = Clock.now()
    let lookup = LookupThread()
    let fetcher = FetchThread()
    let times = groups.map { time ?? MeterTrial.time(for: $0) }
    if let longest = times.max() {
      console.complain("trying \(counted(groups.count, "source")) for up to \(longest.count / 1000) s")
    }
    var trials = zip(groups, times).compactMap {
      SourceTrial($0, for: $1, lookup: lookup, fetcher: fetcher, now: now)
    }
    trials.run()
    var rows: [Row] = []
    for trial in trials {
      for (meter, verdict) in zip(trial.meters, trial.verdicts(now: Clock.now())) {
        rows += self.rows(meter.settings, explained(verdict, of: meter.settings))
      }
    }
    return rows
  }

  private func rows(_ meter: MeterSettings, _ verdict: MeterTrial.Verdict) -> [Row] {
    switch verdict {
    case .failed(let text), .noise(let text):
      return [Row(meter: meter.id, source: meter.sourceText, isGood: false, result: text)]
    case .heard(let heard):
      return heard.map { one in
        let isBehind = one.id != meter.id
        return Row(
          meter: one.id, source: isBehind ? "behind \(meter.id)" : meter.sourceText, isGood: true,
          result: "\(isBehind ? "" : "\(meter.meterProtocol.name): ")\(one.meter)")
      }
    }
  }

  /// Says more about a serial port: who else uses it, and what speaks there with other line settings.
  private func explained(_ verdict: MeterTrial.Verdict, of meter: MeterSettings) -> MeterTrial.Verdict {
    guard case .serial(let path) = meter.source else { return verdict }
    switch verdict {
    case .heard: return verdict
    case .failed(SerialTrouble.taken(path)):
      guard let users = SerialAdapter.users(of: path) else { return verdict }
      return .failed("\(users) reads this port: only one program can, so stop it to try the source")
    case .failed: return verdict
    case .noise:
      let configured = meter.line ?? meter.meterProtocol.line
      console.complain("\(meter.id): trying other line settings")
      let lines = PortTrial.lines.filter { $0 != configured }
      var trials = [
        PortTrial(
          meter.source, lines: lines, candidates: ProtocolDescription.all, time: time ?? Limits.listening,
          now: Clock.now())
      ]
      trials.run()
      guard case .found(let finding, let line) = trials[0].result else { return verdict }
      let who = finding.meter.map { " (\($0))" } ?? ""
      let isOther = finding.meterProtocol != meter.meterProtocol
      let remedy = (isOther ? "`protocol: \(finding.meterProtocol.name)` and " : "") + "`line: \(line)`"
      return .failed("\(finding.meterProtocol.meter) speaks there with other line settings\(who): write \(remedy)")
    }
  }
}

extension ConnectCheck.Row {
  /// Whether the row is of a meter or of one behind it.
  fileprivate func belongs(to id: String) -> Bool { meter == id || source == "behind \(id)" }
}

extension Option {
  static let connect = Option(name: "connect", value: .none, help: "also log in at the broker and open every source")
  static let listeningTime = Option(
    name: "for", value: .count, help: "listen for N seconds; default 30, longer for a bus or a dongle")
}

extension Arguments {
  /// The time of `--for`; nil without it.
  func listeningTime() throws(UsageError) -> Milliseconds? {
    guard let seconds = count(.listeningTime) else { return nil }
    let most = UInt64(Limits.longestTrial.count / 1000)
    guard (1...most).contains(seconds) else { throw UsageError("--for needs 1 to \(most) seconds") }
    return .seconds(Int64(seconds))
  }
}
