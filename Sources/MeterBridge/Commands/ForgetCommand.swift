internal import Base
internal import Glibc
internal import Meters
internal import MQTT
internal import Platform
internal import Publishing

/// `meterbridge forget`: clears the broker of the bridge's retained topics, or of those of one meter.
struct ForgetCommand {
  let configuration: Configuration
  /// The only meter that is meant; nil for all and the bridge itself.
  var id: String?
  /// Whether the topics are only named.
  var isDry = false
  /// How long the broker may take for one message.
  var patience = Milliseconds.seconds(15)
  /// The broker has sent all that it keeps when nothing has come for so long.
  private static let quiet = Milliseconds.seconds(1)
  var console: Console

  /// - Parameters:
  ///   - retained: from the state file; nil without one.
  ///   - isAlone: whether the state directory proves that no daemon runs.
  /// - Returns: 0. 69 without a broker, or beside a daemon. 77 if the broker forbids a topic.
  func run(retained: RetainedState?, isAlone: Bool) -> Int32 {
    _ = signal(SIGPIPE, SIG_IGN)
    var own = OwnTopics(
      baseTopic: configuration.mqtt.baseTopic, homeAssistant: configuration.homeAssistant,
      configured: configuration.meters.map(\.id), retained: retained, only: id)
    let connection = ReplayConnection(
      configuration.mqtt, purpose: "forget", patience: patience, complain: console.complain)
    defer { connection.close() }
    do throws(ReplayConnection.Failure) {
      let state = "\(configuration.mqtt.baseTopic)/bridge/state"
      var isOnline = false
      try collect(own.filters, on: connection) { message in
        own.take(message.topic, message.payload)
        if message.topic == state { isOnline = message.payload.elementsEqual("online".utf8) }
      }
      guard isAlone || !isOnline else {
        console.complain("\(state) says online: a daemon runs, and would publish everything again; stop it first")
        return EX_UNAVAILABLE
      }
      try collect(own.discoveryFilters, on: connection) { own.take($0.topic, $0.payload) }
      return try clear(own.all, on: connection)
    } catch {
      return EX_UNAVAILABLE
    }
  }

  /// Calls `body` with each retained message. What the broker does not allow to be read is not known, and is told.
  private func collect(
    _ filters: [String], on connection: ReplayConnection, _ body: (ReplayConnection.Message) -> Void
  ) throws(ReplayConnection.Failure) {
    for filter in filters {
      do throws(ReplayConnection.Failure) { try connection.subscribe(filter) } catch {
        guard case .refused(let refusal) = error else { throw error }
        console.complain("\(filter): \(refusal.text)")
      }
    }
    // A daemon of another root may publish all the time.
    let deadline = Clock.now() + patience
    var last = Clock.now()
    while Clock.now() < deadline, Clock.now() - last < Self.quiet {
      guard let message = connection.nextMessage(within: 100), message.isRetained else { continue }
      last = Clock.now()
      body(message)
    }
  }

  private func clear(_ topics: [String], on connection: ReplayConnection) throws(ReplayConnection.Failure) -> Int32 {
    var status = EX_OK
    var count = 0
    for topic in topics {
      if isDry {
        console.writeLine(topic)
        continue
      }
      do throws(ReplayConnection.Failure) {
        try connection.publish(topic, [], retain: true)
        count += 1
      } catch {
        guard case .refused(let refusal) = error else { throw error }
        console.complain("\(topic): \(refusal.text)")
        status = EX_NOPERM
      }
    }
    let subject = id.map { " of \($0)" } ?? ""
    if topics.isEmpty {
      console.writeLine("the broker has no topics\(subject)")
    } else if !isDry {
      console.writeLine("\(counted(count, "topic"))\(subject) cleared")
    }
    return status
  }
}

extension Option {
  fileprivate static let dryRunOfForget = Option(
    name: "dry-run", value: .none, help: "name the topics, and clear nothing")
}

extension Command {
  /// Clears the broker.
  static let forget = Command(
    name: "forget", operands: "[ID]", operandCount: 0...1, options: [.config, .dryRunOfForget],
    summary: "clear the broker of the topics of a meter, or of all",
    details: """
      Values and discovery messages are retained: the broker keeps them after the bridge has
      gone. This clears them, and Home Assistant removes the devices. Only topics of this
      configuration's bridge are cleared. Without ID: those of all meters and of the bridge
      itself, before it is uninstalled. With ID: those of one meter and of the meters behind
      it, also where the configuration does not have it any more.

      Stop the daemon first: it clears meters that leave its configuration by itself, and a
      meter that stays there comes back with its next telegram.

      Ends with 0 where all is cleared, 69 without a broker or beside a daemon, 77 where the
      broker forbids a topic.
      """
  ) { arguments, console throws(UsageError) in
    let id = arguments.operands.first
    if let id, !isIdentifier(Array(id.utf8)) { throw UsageError("\(id) is not the id of a meter") }
    let configuration: Configuration
    do throws(ConfigurationError) { configuration = try Configuration.ofDaemon(arguments.configuration) } catch {
      error.lines.forEach(console.complain)
      return error.exitStatus
    }
    let directory = StateDirectory.path(configured: configuration.stateDirectory, environment: .process)
    let lock: StateLock?
    do throws(StateLock.Taken) { lock = try StateLock.beside(directory) } catch {
      console.complain("the daemon runs and uses \(directory ?? "its state directory"): stop it first")
      return EX_UNAVAILABLE
    }
    defer { lock?.release() }
    let command = ForgetCommand(
      configuration: configuration, id: id, isDry: arguments.has(.dryRunOfForget), console: console)
    return command.run(
      retained: RetainedState.kept(configuration, console.complain), isAlone: lock.map { $0.trouble == nil } ?? false)
  }
}
