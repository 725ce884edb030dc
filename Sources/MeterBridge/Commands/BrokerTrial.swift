internal import Base
internal import Meters
internal import MQTT
internal import Publishing

/// What a broker lets the daemon do with the topics of a configuration.
struct BrokerTrial {
  private(set) var isReached = false
  /// What the user must know, one line each.
  private(set) var troubles: [String] = []
  /// MQTT 3.1.1 does not tell which messages are refused.
  private(set) var hidesRefusals = false
  /// Whether the broker says that a daemon with these topics is there. Nil if it does not say.
  private(set) var hasDaemon: Bool?

  /// The topics that a trial uses. Nothing on them is retained.
  struct Topics: Equatable {
    /// Published and read back: what may be written at `<root>/#` and read at `<root>/+/read`.
    var echo: String
    /// Published, with an empty payload: one beside the topics of each meter, and one beside discovery.
    var published: [String]
    /// Subscribed to by the daemon.
    var subscribed: [String]
    /// Where the daemon says whether it is there.
    var state: String
  }

  /// - Parameters:
  ///   - configuration: the broker, the meters and the names of their topics.
  ///   - patience: how long the broker may take for each answer.
  /// - Returns: what was found; without a trouble all is well.
  static func run(_ configuration: Configuration, patience: Milliseconds = Limits.brokerTrial) -> BrokerTrial {
    var trial = BrokerTrial()
    let failure = Failure()
    let connection = ReplayConnection(
      configuration.mqtt, purpose: "check", patience: patience, complain: { failure.text = $0 })
    defer { connection.close() }
    let topics = Topics(configuration)
    trial.run(topics, on: connection)
    if !trial.isReached || failure.text != nil {
      trial.troubles.append(failure.text ?? "broker \(configuration.mqtt.brokerNames) does not answer")
    }
    return trial
  }

  /// What the connection complained of.
  private final class Failure { var text: String? }

  private mutating func run(_ topics: Topics, on connection: ReplayConnection) {
    do throws(ReplayConnection.Failure) {
      let mayHear = try subscribe(topics.echo, on: connection)
      isReached = true
      hidesRefusals = connection.hidesRefusals
      for topic in topics.subscribed { try subscribe(topic, on: connection) }
      if try subscribe(topics.state, on: connection) {
        hasDaemon = connection.nextMessage(within: 300).map { $0.payload == Array("online".utf8) }
      }
      for topic in topics.published { try publish(topic, on: connection) }
      try readBack(topics.echo, mayHear: mayHear, on: connection)
    } catch {}
  }

  /// Returns whether the broker agrees.
  @discardableResult
  private mutating func subscribe(
    _ topic: String, on connection: ReplayConnection
  ) throws(ReplayConnection.Failure) -> Bool {
    let refusal = try connection.refusal { () throws(ReplayConnection.Failure) in try connection.subscribe(topic) }
    if let refusal { troubles.append("subscribing to \(topic) is refused: \(refusal.text)") }
    return refusal == nil
  }

  @discardableResult
  private mutating func publish(
    _ topic: String, _ payload: [UInt8] = [], on connection: ReplayConnection
  ) throws(ReplayConnection.Failure) -> Bool {
    let refusal = try connection.refusal { () throws(ReplayConnection.Failure) in
      _ = try connection.publish(topic, payload)
    }
    if let refusal { troubles.append("publishing on \(topic) is refused: \(refusal.text)") }
    return refusal == nil
  }

  /// Many brokers agree to every subscription, and then do not send what the access list forbids.
  private mutating func readBack(
    _ topic: String, mayHear: Bool, on connection: ReplayConnection
  ) throws(ReplayConnection.Failure) {
    let mark = Array("check \(UInt32.random(in: .min ... .max))".utf8)
    guard try publish(topic, mark, on: connection), mayHear else { return }
    while let message = connection.nextMessage(within: .seconds(3)) {
      if message.payload == mark { return }
    }
    let side = hidesRefusals ? "published or read" : "read"
    troubles.append("a message on \(topic) does not come back: it may not be \(side); check the broker's access list")
  }
}

extension ReplayConnection {
  /// Does something that the broker may refuse.
  ///
  /// - Returns: the refusal; nil if it agrees.
  /// - Throws: that the broker does not answer.
  fileprivate func refusal(to body: () throws(Failure) -> Void) throws(Failure) -> Refusal? {
    do throws(Failure) {
      try body()
      return nil
    } catch {
      guard case .refused(let refusal) = error else { throw error }
      return refusal
    }
  }
}

extension BrokerTrial.Topics {
  init(_ configuration: Configuration) {
    let root = configuration.mqtt.baseTopic
    let home = configuration.homeAssistant
    // No meter has the id `bridge`, and no device id has a dash: nothing of the daemon's is touched.
    echo = "\(root)/bridge/read"
    published = configuration.meters.map { "\(root)/\($0.id)/check" } + configuration.meters.compactMap(\.forward)
    if home.discovery.contains(.device) { published.append("\(home.prefix)/device/\(home.nodeID)-check/config") }
    if home.discovery.contains(.classic) {
      published += ["sensor", "binary_sensor"].map { "\(home.prefix)/\($0)/\(home.nodeID)-check/check/config" }
    }
    subscribed =
      configuration.meters.filter(\.isPolled).map { "\(root)/\($0.id)/read" }
      + configuration.meters.map { "\(root)/\($0.id)/accept" }
    // What a shared subscription brings here, a worker would miss.
    let topics = configuration.meters.compactMap(\.source.topic).filter { !$0.isShared }
    subscribed += topics.map(\.text)
    if !home.discovery.isEmpty { subscribed.append(home.birthTopic) }
    state = "\(root)/bridge/state"
  }
}
