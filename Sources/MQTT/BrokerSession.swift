/// The connection to the broker as a state machine: events go in, actions come out. It neither reads a clock nor knows
/// libmosquitto; times are milliseconds of a clock that never jumps.
package struct BrokerSession: Sendable {
  /// How to open the next connection.
  package struct Attempt: Equatable, Sendable {
    /// The version to ask for.
    package var version: MQTTVersion
    /// Whether the will is to be retained; a broker without retained messages refuses one that is.
    package var retainsWill: Bool
    /// False if the broker was found not to retain messages, without saying so.
    package var retains = true
    /// Counts the tries, so that they take turns among the broker's addresses.
    package var number: Int
  }

  /// An event of the connection or of the clock.
  package enum Event: Equatable, Sendable {
    /// Begin.
    case start
    /// The name look-up is done; the connection is being set up.
    case opened
    /// The connection could not be started.
    case failed(ConnectFailure)
    /// CONNACK with success.
    case accepted
    /// CONNACK with any other reason code.
    case refused(reason: Int32)
    /// The connection ended.
    case closed(DisconnectCause)
    /// Time has passed.
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

  /// How loud to tell it.
  package enum Severity: Equatable, Sendable { case error, warning, notice }

  /// What the configuration says about the broker.
  package struct Settings: Sendable {
    /// Name or address.
    package var host: String
    /// TCP port.
    package var port: UInt16
    /// The client id.
    package var clientID: String
    /// The only version to speak; nil for 5 first, 3.1.1 if the broker refuses 5.
    package var version: MQTTVersion?

    /// Settings of one broker.
    package init(host: String, port: UInt16, clientID: String, version: MQTTVersion? = nil) {
      self.host = host
      self.port = port
      self.clientID = clientID
      self.version = version
    }
  }

  static let connectDeadline: Int64 = 10_000
  static let stableAfter: Int64 = 30_000
  static let shortSession: Int64 = 10_000
  static let shortSessionsOfAContest = 3
  static let cutsOfASuspicion = 3
  static let shutOutsOfARetainedWill = 3
  static let suspiciousPeriod: Int64 = 600_000

  private enum Phase: Sendable {
    case idle
    case waiting(until: Int64)
    case opening(since: Int64)
    case connected(since: Int64)
  }

  /// What the broker is believed to retain.
  private enum Retention: Sendable { case everything, butNotTheWill, nothing }

  private let settings: Settings
  private var phase = Phase.idle
  private var backoff: Backoff
  private var fallback: VersionFallback
  private var retention = Retention.everything
  /// Connections with 3.1.1 in a row that the broker closed in answer to CONNECT.
  private var shutOuts = 0
  private var attempts = 0
  private var lastTry: Int64 = 0
  /// Connections in a row that were accepted, soon cut, and accepted again at once.
  private var shortSessions = 0
  /// The last connections in a row that were cut at any age and accepted again at once: when they were cut.
  private var cuts: [Int64] = []
  private var said: [String: Int64] = [:]
  /// Notices since the last trouble that was logged.
  private var notices: Set<String> = []

  /// A session that has not begun.
  package init(_ settings: Settings, seed: UInt64) {
    self.settings = settings
    backoff = Backoff(seed: seed)
    fallback = VersionFallback(only: settings.version)
  }

  /// Whether messages may go out.
  package var isConnected: Bool { if case .connected = phase { true } else { false } }

  /// When `tick` is due at the latest; nil if only events of the connection matter.
  package var deadline: Int64? {
    switch phase {
    case .waiting(let until): until
    case .opening(let since): since + BrokerSession.connectDeadline
    case .idle, .connected: nil
    }
  }

  /// Takes one event and returns the actions, in order.
  package mutating func handle(_ event: Event, at now: Int64) -> [Action] {
    switch (event, phase) {
    case (.start, .idle):
      backoff.beginOutage(at: now)
      return open(at: now)
    case (.opened, .opening):
      phase = .opening(since: now)
      return []
    case (.tick, .waiting(let until)) where now >= until:
      return open(at: now)
    case (.tick, .opening(let since)) where now - since >= BrokerSession.connectDeadline:
      return [.close] + fail(.noAnswer, at: now)
    case (.failed(let failure), .opening):
      return [.close] + fail(failure, at: now)
    case (.closed(let cause), .opening):
      return [.close] + fail(BrokerSession.failure(cause), at: now)
    case (.refused(let reason), .opening):
      return [.close] + turnedAway(reason, at: now)
    case (.accepted, .opening):
      phase = .connected(since: now)
      let version = fallback.accepted()
      let spoken = version == .five ? "MQTT 5" : "MQTT 3.1.1, which does not tell which messages are refused"
      return [.established(version)]
        + say(.notice, "connected to broker \(settings.host):\(settings.port) (\(spoken))", at: now)
    case (.closed(let cause), .connected(let since)):
      return [.close] + lose(cause, since: since, at: now)
    case (.tick, _): return []
    // An event of a connection that was given up may still come, and a broker may send CONNACK twice.
    case (.opened, .waiting), (.failed, .waiting), (.closed, .waiting), (.accepted, .waiting), (.refused, .waiting),
      (.accepted, .connected), (.refused, .connected):
      return []
    // Without a try there is no connection to tell of.
    case (.start, .waiting), (.start, .opening), (.start, .connected), (.opened, .idle), (.opened, .connected),
      (.failed, .idle), (.failed, .connected), (.closed, .idle), (.accepted, .idle), (.refused, .idle):
      assertionFailure("\(event) cannot happen while \(phase)")
      return []
    }
  }

  private mutating func open(at now: Int64) -> [Action] {
    attempts += 1
    lastTry = now
    phase = .opening(since: now)
    return [
      .open(
        Attempt(
          version: fallback.version, retainsWill: retention == .everything, retains: retention != .nothing,
          number: attempts))
    ]
  }

  private mutating func wait(_ cause: Backoff.Cause, at now: Int64) {
    phase = .waiting(until: backoff.nextTry(after: cause, lastTry: lastTry, now: now))
  }

  /// There was no connection, or no answer on it.
  private mutating func fail(_ failure: ConnectFailure, at now: Int64) -> [Action] {
    (shortSessions, cuts) = (0, [])
    doubtRetention(failure)
    if fallback.failed(failure) {
      return say(.notice, "the broker does not answer to MQTT 5: trying 3.1.1", at: now) + open(at: now)
    }
    wait(.outage, at: now)
    return say(.error, failure.text(host: settings.host, port: settings.port), at: now)
  }

  /// With 3.1.1 a broker that does not retain cannot say so: it closes the connection over a retained will. So now and then
  /// a will that is not retained is tried. If the first retained message then ends the connection, the broker does not
  /// retain.
  private mutating func doubtRetention(_ failure: ConnectFailure) {
    if failure != .unanswered {
      shutOuts = 0
    } else if fallback.version == .threeOneOne {
      shutOuts = shutOuts < BrokerSession.shutOutsOfARetainedWill ? shutOuts + 1 : 0
    }
    retention = shutOuts == BrokerSession.shutOutsOfARetainedWill ? .butNotTheWill : .everything
  }

  /// The broker answered CONNECT with a refusal.
  private mutating func turnedAway(_ reason: Int32, at now: Int64) -> [Action] {
    (shortSessions, cuts, shutOuts) = (0, [], 0)
    let refusal = ConnectRefusal(reason: reason, version: fallback.version)
    if refusal == .version, fallback.refused() {
      return say(.notice, "the broker does not speak MQTT 5: trying 3.1.1", at: now) + open(at: now)
    }
    if refusal == .retainedWill, retention == .everything {
      retention = .butNotTheWill
      return open(at: now)
    }
    wait(refusal.isPassing ? .outage : .refusal, at: now)
    return say(.error, refusal.text(settings), at: now)
  }

  /// A connection that was in use ended.
  private mutating func lose(_ cause: DisconnectCause, since: Int64, at now: Int64) -> [Action] {
    let lasted = now - since
    backoff.beginOutage(at: now)
    if lasted >= BrokerSession.stableAfter { backoff.forget() }
    let wasOld = fallback.version == .threeOneOne
    fallback.beginOutage()
    shutOuts = 0
    // A take-over without the reason "session taken over" looks like this: cut soon, and accepted again at once. A broker
    // that goes down does not accept the try that follows at once.
    let isCut = cause == .lost && lasted < BrokerSession.shortSession
    shortSessions = isCut ? shortSessions + 1 : 0
    retention = isCut && wasOld && retention != .everything ? .nothing : .everything
    let isContest =
      cause == .reason(DisconnectReason.takenOver) || shortSessions >= BrokerSession.shortSessionsOfAContest
    // Of two such clients one soon waits for minutes. The other keeps its connection until the first comes back.
    cuts = cause == .lost ? cuts.filter { now - $0 < BrokerSession.suspiciousPeriod } + [now] : []
    let isSuspect = cuts.count >= BrokerSession.cutsOfASuspicion
    let text = isContest ? contestText : isSuspect ? suspicionText : DisconnectReason.text(cause)
    let isPassing = DisconnectReason.isPassing(cause)
    wait(isContest ? .contest : isPassing ? .loss : .refusal, at: now)
    return [.lost(text)] + say(isContest ? .error : .warning, text, at: now)
  }

  private var contestText: String {
    "another client uses the client id \"\(settings.clientID)\": give every client an mqtt.client_id of its own; "
      + "trying again in some minutes"
  }

  private var suspicionText: String {
    "the connection to the broker is lost again and again, and the broker is there at once each time: does another client "
      + "use the client id \"\(settings.clientID)\"?"
  }

  /// Logs the same text at most once a minute.
  private mutating func say(_ severity: Severity, _ text: String, at now: Int64) -> [Action] {
    if let last = said[text], now - last < 60_000 { return [] }
    said = said.filter { now - $0.value < 60_000 }
    // A logged trouble needs a logged end: after any trouble, notices are logged anew.
    if severity != .notice { notices.forEach { said[$0] = nil } }
    notices = severity == .notice ? notices.union([text]) : []
    said[text] = now
    return [.log(severity, text)]
  }

  private static func failure(_ cause: DisconnectCause) -> ConnectFailure {
    switch cause {
    case .failed(let failure): failure
    case .silent: .noAnswer
    case .requested, .reason, .lost, .message, .unanswered: .unanswered
    }
  }
}
