package import Base

/// The connection to the broker as a state machine: events go in, actions come out.
///
/// It neither reads a clock nor knows libmosquitto.
package struct BrokerSession: Sendable {
  /// How to open the next connection.
  package struct Attempt: Equatable, Sendable {
    package var version: MQTTVersion
    /// A broker without retained messages refuses a retained will.
    package var retainsWill: Bool
    /// False if the broker does not retain messages, and does not say so either.
    package var retains = true
    /// Counts the tries, so that they take turns among the broker's addresses.
    package var number: Int
  }

  package enum Event: Equatable, Sendable {
    case start
    /// The name look-up is done; the connection is being set up.
    case opened
    /// The TCP connection stands, so CONNECT goes out.
    case reached
    /// The connection could not be started.
    case failed(ConnectFailure)
    /// CONNACK with success.
    case accepted
    /// CONNACK with any other reason code.
    case refused(reason: Int32, words: String? = nil)
    /// The connection ended.
    case closed(DisconnectCause)
    /// Time passes.
    case tick
  }

  /// What the caller must do.
  package enum Action: Equatable, Sendable {
    /// Connect, and answer with `opened` or `failed`.
    case open(Attempt)
    /// Drop the connection.
    case close
    /// Messages can go out.
    case established(MQTTVersion)
    /// No more messages can go out, for this reason.
    case lost(String)
    /// Tell the user.
    case log(Severity, String)
  }

  package enum Severity: Equatable, Sendable { case error, warning, notice }

  /// The broker, as configured.
  package struct Settings: Sendable {
    /// Name or address.
    package var host: String
    package var port: UInt16
    package var clientID: String
    /// The only version to speak; nil for 5 first, 3.1.1 if the broker refuses 5.
    package var version: MQTTVersion?
    /// The root of our topics.
    package var baseTopic: String

    package init(
      host: String, port: UInt16, clientID: String, version: MQTTVersion? = nil, baseTopic: String = ""
    ) {
      self.host = host
      self.port = port
      self.clientID = clientID
      self.version = version
      self.baseTopic = baseTopic
    }
  }

  static let connectDeadline = Milliseconds.seconds(10)
  static let stableAfter = Milliseconds.seconds(30)
  static let shutOutsOfARetainedWill = 3
  static let repeatedAfter = Milliseconds.minutes(1)

  private enum Phase: Sendable {
    case idle
    case waiting(until: Instant)
    case opening(since: Instant, isReached: Bool)
    case connected(since: Instant)
  }

  /// The messages that the broker probably retains.
  private enum Retention: Sendable { case everything, butNotTheWill, nothing }

  private let settings: Settings
  private var phase = Phase.idle
  private var backoff: Backoff
  private var fallback: VersionFallback
  private var retention = Retention.everything
  /// Connections with 3.1.1 in a row that the broker closed instead of answering CONNECT.
  private var shutOuts = 0
  private var attempts = 0
  private var lastTry = Instant.past
  private var takeOver = TakeOverDetector()
  private var outages = OutageCount()
  private var said: [String: Instant] = [:]
  /// Notices since the last logged trouble.
  private var notices: Set<String> = []

  package init(_ settings: Settings, seed: UInt64) {
    self.settings = settings
    backoff = Backoff(seed: seed)
    fallback = VersionFallback(only: settings.version)
  }

  /// Whether messages may go out.
  package var isConnected: Bool { if case .connected = phase { true } else { false } }

  /// When `tick` is due at the latest; nil if only events of the connection matter.
  package var deadline: Instant? {
    switch phase {
    case .waiting(let until): until
    case .opening(let since, _): since + BrokerSession.connectDeadline
    case .idle, .connected: nil
    }
  }

  /// Takes one event and returns the actions, in order.
  package mutating func handle(_ event: Event, at now: Instant) -> [Action] {
    switch (event, phase) {
    case (.start, .idle):
      backoff.beginOutage(at: now)
      return open(at: now)
    case (.opened, .opening):
      phase = .opening(since: now, isReached: false)
      return []
    case (.reached, .opening(let since, _)):
      phase = .opening(since: since, isReached: true)
      return []
    case (.tick, .waiting(let until)) where now >= until:
      return open(at: now)
    case (.tick, .opening(let since, let isReached)) where now - since >= BrokerSession.connectDeadline:
      return [.close] + fail(isReached ? .silent : .noAnswer, at: now)
    case (.failed(let failure), .opening):
      return [.close] + fail(failure, at: now)
    case (.closed(let cause), .opening):
      return [.close] + fail(BrokerSession.failure(cause), at: now)
    case (.refused(let reason, let words), .opening):
      return [.close] + turnedAway(reason, words, at: now)
    case (.accepted, .opening):
      phase = .connected(since: now)
      let version = fallback.accepted()
      let spoken = version == .five ? "MQTT 5" : "MQTT 3.1.1, which does not tell which messages are refused"
      return [.established(version)]
        + say(.notice, "connected to broker \(settings.host):\(settings.port) (\(spoken))", at: now)
    case (.closed(let cause), .connected(let since)):
      return [.close] + lose(cause, since: since, at: now)
    case (.tick, _): return []
    // A connection that was given up may still report events, and a broker may send CONNACK twice.
    case (.opened, .waiting), (.reached, .waiting), (.failed, .waiting), (.closed, .waiting), (.accepted, .waiting),
      (.refused, .waiting), (.reached, .connected), (.accepted, .connected), (.refused, .connected):
      return []
    // Without a try no connection can report them.
    case (.start, .waiting), (.start, .opening), (.start, .connected), (.opened, .idle), (.opened, .connected),
      (.reached, .idle), (.failed, .idle), (.failed, .connected), (.closed, .idle), (.accepted, .idle),
      (.refused, .idle):
      assertionFailure("\(event) cannot happen while \(phase)")
      return []
    }
  }

  private mutating func open(at now: Instant) -> [Action] {
    attempts += 1
    lastTry = now
    phase = .opening(since: now, isReached: false)
    return [
      .open(
        Attempt(
          version: fallback.version, retainsWill: retention == .everything, retains: retention != .nothing,
          number: attempts))
    ]
  }

  private mutating func wait(_ cause: Backoff.Cause, at now: Instant) {
    phase = .waiting(until: backoff.nextTry(after: cause, lastTry: lastTry, now: now))
  }

  /// The connection failed, or the broker did not answer on it.
  private mutating func fail(_ failure: ConnectFailure, at now: Instant) -> [Action] {
    let lasted: Milliseconds = if case .opening(let since, _) = phase { now - since } else { 0 }
    let isLikeTakeOver = takeOver.failed(failure, lasted: lasted)
    doubtRetention(failure)
    if fallback.failed(failure) {
      return say(.notice, "the broker does not answer to MQTT 5: trying 3.1.1", at: now) + open(at: now)
    }
    wait(.outage, at: now)
    if isLikeTakeOver { return [] }
    // The next try, or 3.1.1, may well succeed.
    if fallback.isUndecided { return say(.notice, "the broker does not answer to MQTT 5: trying again", at: now) }
    let hint = failure == .unanswered ? topicHint : ""
    return say(.error, failure.text(host: settings.host, port: settings.port) + hint, at: now)
  }

  /// With 3.1.1 a broker that does not retain cannot say so: it closes the connection over a retained will.
  ///
  /// So now and then the session tries a will that is not retained. If the first retained message then ends the
  /// connection, the broker does not retain.
  private mutating func doubtRetention(_ failure: ConnectFailure) {
    if failure != .unanswered {
      shutOuts = 0
    } else if fallback.version == .threeOneOne {
      shutOuts = shutOuts < BrokerSession.shutOutsOfARetainedWill ? shutOuts + 1 : 0
    }
    retention = shutOuts == BrokerSession.shutOutsOfARetainedWill ? .butNotTheWill : .everything
  }

  /// The broker answered CONNECT with a refusal.
  private mutating func turnedAway(_ reason: Int32, _ words: String?, at now: Instant) -> [Action] {
    shutOuts = 0
    let refusal = ConnectRefusal(reason: reason, version: fallback.version)
    if refusal == .version, fallback.refused() {
      return say(.notice, "the broker does not speak MQTT 5: trying 3.1.1", at: now) + open(at: now)
    }
    takeOver.refused()
    if refusal == .retainedWill, retention == .everything {
      retention = .butNotTheWill
      return open(at: now)
    }
    wait(refusal.isPassing ? .outage : .refusal, at: now)
    return say(.error, refusal.text(settings), words, at: now)
  }

  /// An accepted connection ended.
  private mutating func lose(_ cause: DisconnectCause, since: Instant, at now: Instant) -> [Action] {
    let lasted = now - since
    backoff.beginOutage(at: now)
    if lasted >= BrokerSession.stableAfter { backoff.forget() }
    let wasOld = fallback.version == .threeOneOne
    fallback.beginOutage()
    shutOuts = 0
    let isCut = TakeOverDetector.isCut(cause, lasted: lasted)
    retention = isCut && wasOld && retention != .everything ? .nothing : .everything
    let finding = takeOver.lost(cause, lasted: lasted, at: now)
    let count = outages.add(at: now) ?? ""
    let (text, words) = DisconnectReason.text(cause)
    let isPassing = DisconnectReason.isPassing(cause)
    wait(finding == .takeOver ? .contest : isPassing ? .loss : .refusal, at: now)
    switch finding {
    case .takeOver: return [.lost(contestText)] + say(.error, contestText, words, at: now)
    case .suspicion: return [.lost(suspicionText)] + say(.warning, suspicionText, at: now)
    case .nothing: return [.lost(text)] + say(.warning, text + (isCut ? topicHint : "") + count, words, at: now)
    }
  }

  /// nats-server closes the connection over a topic with a dot or a blank, and does not say why.
  private var topicHint: String {
    guard settings.baseTopic.contains(where: { $0 == "." || $0 == " " }) else { return "" }
    return " (mqtt.base_topic \"\(settings.baseTopic)\" has a dot or a blank, which some brokers do not take)"
  }

  private var contestText: String {
    "another client uses the client id \"\(settings.clientID)\": give every client an mqtt.client_id of its own; "
      + "trying again in some minutes"
  }

  private var suspicionText: String {
    "the connection to the broker is lost again and again, and the broker is there at once each time: does another client "
      + "use the client id \"\(settings.clientID)\"?"
  }

  /// Logs the same text at most once a minute, with the broker's own words at that time.
  private mutating func say(
    _ severity: Severity, _ text: String, _ words: String? = nil, at now: Instant
  ) -> [Action] {
    if let last = said[text], now - last < BrokerSession.repeatedAfter { return [] }
    said = said.filter { now - $0.value < BrokerSession.repeatedAfter }
    // A logged trouble needs a logged end: after a trouble the session logs notices anew.
    if severity != .notice { notices.forEach { said[$0] = nil } }
    notices = severity == .notice ? notices.union([text]) : []
    said[text] = now
    return [.log(severity, text + BrokerWords.quoted(words))]
  }

  private static func failure(_ cause: DisconnectCause) -> ConnectFailure {
    switch cause {
    case .failed(let failure): failure
    case .silent: .noAnswer
    case .requested, .reason, .lost, .message, .unanswered: .unanswered
    }
  }
}
