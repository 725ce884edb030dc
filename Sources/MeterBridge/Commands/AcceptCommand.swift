internal import Base
internal import Glibc
internal import Meters
internal import MQTT
internal import Publishing

/// `meterbridge accept`: tells the daemon to accept the held-back totals of one meter.
struct AcceptCommand {
  let configuration: Configuration
  /// The meter's or sub-meter's.
  let id: String
  /// How long the broker may take, and then the daemon.
  var patience = Milliseconds.seconds(15)
  var console: Console

  /// - Returns: 0 with the daemon's answer. 69 without a broker, a daemon or its answer. 77 if the broker forbids it.
  func run() -> Int32 {
    _ = signal(SIGPIPE, SIG_IGN)
    let connection = ReplayConnection(
      configuration.mqtt, purpose: "accept", patience: patience, complain: console.complain)
    defer { connection.close() }
    let topic = "\(configuration.mqtt.baseTopic)/\(id)/accept"
    let answers = topic + "ed"
    do throws(ReplayConnection.Failure) {
      try listen(to: answers, on: connection)
      guard try connection.publish(topic, Array("accept".utf8)) else {
        console.complain("no daemon listens to \(topic): is it running?")
        return EX_UNAVAILABLE
      }
    } catch {
      guard case .refused(let refusal) = error else { return EX_UNAVAILABLE }
      console.complain("\(topic): \(refusal.text)")
      return EX_NOPERM
    }
    // MQTT 3.1.1 does not tell whether a daemon listens. Some brokers keep a forbidden message back without a word.
    guard let answer = connection.nextMessage(within: patience) else {
      let advice = "is the daemon running, and may this user read \(answers)? Its log shows the result"
      console.complain("\(id): requested, but no answer came: \(advice)")
      return EX_UNAVAILABLE
    }
    console.writeLine(onOneLine(String(decoding: answer.payload, as: UTF8.self).unicodeScalars))
    return EX_OK
  }

  /// A refusal does not keep the daemon from being told.
  private func listen(to topic: String, on connection: ReplayConnection) throws(ReplayConnection.Failure) {
    do throws(ReplayConnection.Failure) { try connection.subscribe(topic) } catch {
      guard case .refused(let refusal) = error else { throw error }
      console.complain("\(topic): \(refusal.text)")
    }
  }

  /// Why an id cannot have held-back totals; nil if it can.
  static func problem(with id: String, in configuration: Configuration) -> String? {
    let ids = configuration.meters.map(\.id)
    if ids.contains(id) { return nil }
    if ids.contains(where: { SubmeterNames.isSubmeter(id, of: $0) }) { return nil }
    let near = Suggestion.question(Suggestion.nearest(to: id, of: ids))
    return "\(id) is not a meter of the configuration, nor one behind such a meter\(near)"
  }
}

extension Command {
  /// Accepts totals that the guard holds back.
  static let accept = Command(
    name: "accept", operands: "ID", operandCount: 1...1, options: [.config],
    summary: "accept the totals that are held back for a meter",
    details: """
      A total that fell, or rose further than the meter can have counted, is held back until
      five telegrams agree. This tells the running daemon to accept it at once: after a meter
      was exchanged, for instance. ID is the meter's in the configuration, or that of a meter
      behind it, such as grid_gas. It waits for the daemon and prints what it answers: the
      values that it believes now, or that nothing is held back. The same can be said on
      MQTT: any payload on <base_topic>/ID/accept. The answer is on <base_topic>/ID/accepted.

      Ends with 0 where the daemon has answered, 69 without a broker or a daemon, 77 where
      the broker forbids it.
      """
  ) { arguments, console throws(UsageError) in
    let configuration: Configuration
    do throws(ConfigurationError) {
      configuration = try Configuration.read(path: arguments.configuration)
    } catch {
      error.lines.forEach(console.complain)
      return error.exitStatus
    }
    let id = arguments.operands[0]
    if let problem = AcceptCommand.problem(with: id, in: configuration) { throw UsageError(problem) }
    return AcceptCommand(configuration: configuration, id: id, console: console).run()
  }
}
