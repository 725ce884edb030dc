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
    package var broker: BrokerAddress
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

  /// The brokers, as configured.
  package struct Settings: Sendable {
    /// At least one. Several are of one cluster: the session is connected to one of them at a time.
    package var brokers: [BrokerAddress]
    package var clientID: String
    /// The only version to speak; nil for 5 first, 3.1.1 if the broker refuses 5.
    package var version: MQTTVersion?
    /// The root of our topics.
    package var baseTopic: String

    package init(
      brokers: [BrokerAddress], clientID: String, version: MQTTVersion? = nil, baseTopic: String = ""
    ) {
      self.brokers = brokers
      self.clientID = clientID
      self.version = version
      self.baseTopic = baseTopic
    }
  }

  static let connectDeadline = Milliseconds.seconds(10)
  static let stableAfter = Milliseconds.seconds(30)
  static let repeatedAfter = Milliseconds.minutes(1)

  private enum Phase: Sendable {
    case idle
    case waiting(until: Instant)
    case opening(since: Instant, isReached: Bool)
    case connected(since: Instant)
  }

  private let settings: Settings
  private var phase = Phase.idle
  private var backoff: Backoff
  private var brokers: [BrokerHabits]
  /// The index of the broker that is in use or tried.
  private var current = 0
  /// Brokers that were tried in vain since the last connection or pause.
  private var triedInVain = 0
  /// Whether the last connection was cut, and no try has failed since.
  private var isBehindCut = false
  private var attempts = 0
  private var lastTry = Instant.past
  private var outages = OutageCount()
  private var said: [String: Instant] = [:]
  /// Notices since the last logged trouble.
  private var notices: Set<String> = []

  package init(_ settings: Settings, seed: UInt64) {
    self.settings = settings
    backoff = Backoff(seed: seed)
    brokers = settings.brokers.map { BrokerHabits($0, version: settings.version) }
  }

  /// The broker that is in use, or tried.
  package var broker: BrokerAddress { brokers[current].address }

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
      triedInVain = 0
      let version = brokers[current].fallback.accepted()
      let spoken = version == .five ? "MQTT 5" : "MQTT 3.1.1, which does not tell which messages are refused"
      return [.established(version)]
        + say(.notice, "connected to broker \(broker) (\(spoken))", at: now)
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
    let habits = brokers[current]
    return [
      .open(
        Attempt(
          version: habits.fallback.version, retainsWill: habits.retention == .everything,
          retains: habits.retention != .nothing, broker: habits.address, number: attempts))
    ]
  }

  private mutating func wait(_ cause: Backoff.Cause, at now: Instant) {
    phase = .waiting(until: backoff.nextTry(after: cause, lastTry: lastTry, now: now))
  }

  /// The next broker of the list is tried at once; after the last one the session waits.
  private mutating func goOn(_ cause: Backoff.Cause, at now: Instant) {
    triedInVain += 1
    current = (current + 1) % brokers.count
    if triedInVain < brokers.count { return phase = .waiting(until: now) }
    triedInVain = 0
    wait(cause, at: now)
  }

  /// The connection failed, or the broker did not answer on it.
  private mutating func fail(_ failure: ConnectFailure, at now: Instant) -> [Action] {
    let lasted: Milliseconds = if case .opening(let since, _) = phase { now - since } else { 0 }
    let tried = broker
    let isLikeTakeOver = brokers[current].takeOver.failed(
      failure, lasted: lasted, isBehindCut: isBehindCut && brokers.count > 1)
    isBehindCut = false
    brokers[current].failed(failure)
    if brokers[current].fallback.failed(failure) {
      return say(.notice, "the broker does not answer to MQTT 5: trying 3.1.1", at: now) + open(at: now)
    }
    let isUndecided = brokers[current].fallback.isUndecided
    goOn(.outage, at: now)
    if isLikeTakeOver { return [] }
    // The next try, or 3.1.1, may well succeed.
    if isUndecided { return say(.notice, "the broker does not answer to MQTT 5: trying again", at: now) }
    let hint = failure == .unanswered ? topicHint : ""
    return say(.error, failure.text(tried) + hint, at: now)
  }

  /// The broker answered CONNECT with a refusal.
  private mutating func turnedAway(_ reason: Int32, _ words: String?, at now: Instant) -> [Action] {
    let tried = broker
    brokers[current].refused()
    let refusal = ConnectRefusal(reason: reason, version: brokers[current].fallback.version)
    if refusal == .version, brokers[current].fallback.refused() {
      return say(.notice, "the broker does not speak MQTT 5: trying 3.1.1", at: now) + open(at: now)
    }
    brokers[current].takeOver.refused()
    if refusal == .retainedWill, brokers[current].refusedRetainedWill() { return open(at: now) }
    goOn(refusal.isPassing ? .outage : .refusal, at: now)
    return say(.error, refusal.text(tried, clientID: settings.clientID), words, at: now)
  }

  /// An accepted connection ended.
  private mutating func lose(_ cause: DisconnectCause, since: Instant, at now: Instant) -> [Action] {
    let lasted = now - since
    backoff.beginOutage(at: now)
    if lasted >= BrokerSession.stableAfter { backoff.forget() }
    let isCut = TakeOverDetector.isCut(cause, lasted: lasted)
    isBehindCut = isCut
    brokers[current].lost(isCut: isCut)
    let finding = brokers[current].takeOver.lost(cause, lasted: lasted, at: now)
    let count = outages.add(at: now) ?? ""
    let (text, words) = DisconnectReason.text(cause)
    let isPassing = DisconnectReason.isPassing(cause) || brokers.count > 1
    wait(finding == .takeOver ? .contest : isPassing ? .loss : .refusal, at: now)
    current = (current + 1) % brokers.count
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
