internal import Decoders

/// The session with one Japanese smart meter on the B-route, through a Wi-SUN dongle with the SKSTACK command set: finds
/// the dongle's dialect and the meter, joins it, asks it for its values, and comes back whatever happens.
///
/// Secrets leave it only inside two commands: echoes, the authentication of modules and whatever holds a part of one are
/// dropped, and nothing is written to the module's flash memory.
struct SKSTACKSession: Dialogue {
  /// What a session is made of.
  struct Settings: Sendable {
    var credentials: SKSTACKCredentials
    /// Where the meter was found in an earlier run with this route-B id; it is then joined without a scan.
    var network: SKSTACKNetwork?
    /// Between two readings of power and current.
    var powerInterval = Milliseconds.seconds(30)
    /// Between two readings of the energies.
    var energyInterval = Milliseconds.minutes(5)
    /// For jitter and transaction numbers.
    var seed: UInt64
  }

  enum Phase: Equatable {
    case closed
    case resting
    case probing(SKSTACKProbe)
    /// Tells the dongle what it has to know.
    case configuring
    case scanning(SKSTACKScan, until: Instant)
    /// Tells the dongle where the meter is.
    case approaching
    case joining(until: Instant)
    case running
    case leaving(until: Instant)
    case left
  }

  /// A module gives up a join after 40 s; some fall silent instead.
  static let joining = Milliseconds.seconds(60)
  /// A module renews a session that has come to its end by itself, or says that it cannot.
  static let renewing = Milliseconds.seconds(60)
  /// The limit of air time is one of an hour; should its end be missed, it is tried again after this.
  static let rateLimit = Milliseconds.minutes(70)
  static let leaving = Milliseconds.seconds(10)
  /// A line that is half there for so long never becomes whole.
  static let lineGap = Milliseconds.seconds(1)
  /// Datagrams in a row that did not reach the meter.
  static let failures = 5
  /// Refused joins in a row after which a known network counts as wrong, and after which the credentials do.
  static let refusalsOfNetwork = 2
  static let refusalsOfCredentials = 3
  /// The guideline for B-routes asks for as much, in hundredths of dBm.
  static let weakest: Int64 = -8800
  static let goodAgain: Int64 = -8600
  /// Notifications that wait to be confirmed.
  private static let confirmations = 4
  /// Notifications that wait for unit and coefficient; they come every half hour.
  static let notificationsHeld = 4

  let credentials: SKSTACKCredentials
  var reader = SKSTACKReader()
  var phase = Phase.closed
  var recovery: SKSTACKRecovery
  var polls: SKSTACKPolls
  /// Commands still to be sent, one after the other.
  var steps: [SKSTACKCommand] = []
  var exchange: SKSTACKExchange?
  /// When a line that is half there is given up.
  var lineUntil: Instant?

  /// Commands and events have the field of modules with two sides (BP35C2).
  var isSided = false
  /// The last refusal of an argument count has led to the other dialect.
  var hasChangedSides = false
  var network: SKSTACKNetwork?
  /// What whoever keeps it has.
  var keptNetwork: SKSTACKNetwork?
  /// The meter's link-local address.
  var address: String?
  /// A secret was sent, and no answer to a later command has come: its echo may still be on its way.
  var mayEchoSecret = false
  /// The meter has been joined, as far as the module may know.
  var mayHaveSession = false
  /// The module has been reset since the program began.
  var hasReset = false
  /// A scan of this outage went through all its durations.
  var hasScanned = false
  var joinRefusals = 0

  /// The session's lifetime is over: nothing is sent before this.
  var renewedBy: Instant?
  /// The limit of air time is reached: nothing is sent before this.
  var limitedUntil: Instant?
  var hasToldLimit = false
  var sendingFailures = 0
  var strength: FixedDecimal?
  var isWeak = false
  /// Confirmations of notifications, still to be sent.
  var unconfirmed: [[UInt8]] = []
  var lastNotification: [UInt8] = []
  /// Notifications that wait for unit and coefficient of the energies in them.
  var held: [[UInt8]] = []
  var outputs: [DialogueOutput] = []

  init(_ settings: Settings) {
    credentials = settings.credentials
    network = settings.network
    keptNetwork = settings.network
    recovery = SKSTACKRecovery(seed: settings.seed)
    polls = SKSTACKPolls(
      powerInterval: settings.powerInterval, energyInterval: settings.energyInterval,
      transaction: recovery.transaction())
  }

  // MARK: Events

  mutating func opened(now: Instant) {
    reader = SKSTACKReader()
    lineUntil = nil
    phase = .resting
    resume(now: now)
  }

  mutating func received(_ input: LineInput, now: Instant) {
    if case .probing(var probe) = phase {
      let isForeign = probe.isForeign(input.bytes)
      phase = .probing(probe)
      if isForeign { return fail(.unsupportedDongle, now: now) }
    }
    var start = 0
    for place in input.damaged where place >= start && place < input.bytes.count {
      take(input.bytes[start..<place], now: now)
      spoil(now: now)
      start = place + 1
    }
    take(input.bytes[start...], now: now)
    lineUntil = reader.isInside ? now + Self.lineGap : nil
    goOn(now: now)
  }

  mutating func closed(now: Instant) {
    abandon()
    phase = .closed
    reader.finish()
    drain(now: now)
  }

  mutating func poll(meter: Int, now: Instant) -> Bool {
    guard meter == 0 else { return false }
    polls.pollSoon(now: now)
    goOn(now: now)
    return true
  }

  mutating func tick(now: Instant) {
    if let lineUntil, now >= lineUntil {
      self.lineUntil = nil
      reader.finish()
      drain(now: now)
    }
    if let limitedUntil, now >= limitedUntil { endRateLimit() }
    if let exchange, now >= exchange.until { timedOut(exchange, now: now) }
    advance(now: now)
    goOn(now: now)
  }

  mutating func leave(now: Instant) {
    abandon()
    // Between two tries too: the meter keeps a session that it has not been told to end, and has only one to give.
    guard mayHaveSession, !hasLeft else {
      phase = .left
      return
    }
    phase = .leaving(until: now + Self.leaving)
    send(.terminate, now: now)
  }

  var hasLeft: Bool { phase == .left || phase == .closed }

  var deadline: Instant? {
    var deadlines = [exchange?.until, lineUntil, limitedUntil]
    switch phase {
    case .closed, .left: return nil
    case .resting: deadlines.append(resumption)
    case .probing(let probe): deadlines.append(probe.settledAt)
    case .configuring, .approaching: break
    case .scanning(_, let until), .joining(let until), .leaving(let until): deadlines.append(until)
    case .running:
      deadlines.append(renewedBy)
      if exchange == nil, renewedBy == nil, limitedUntil == nil { deadlines.append(polls.deadline) }
    }
    return deadlines.compactMap(\.self).min()
  }

  mutating func takeOutputs() -> [DialogueOutput] {
    defer { outputs.removeAll(keepingCapacity: true) }
    return outputs
  }

  // MARK: Time

  /// When the next try begins: not before the limit of air time is over, which no new session would lift.
  private var resumption: Instant {
    let resumeAt = recovery.resumeAt ?? Instant(milliseconds: 0)
    return limitedUntil.map { max($0, resumeAt) } ?? resumeAt
  }

  private mutating func resume(now: Instant) {
    if phase == .resting, now >= resumption { probe(SKSTACKProbe(), now: now) }
  }

  /// What the phase waits for has not come in time.
  private mutating func advance(now: Instant) {
    switch phase {
    case .resting: resume(now: now)
    case .probing(var probe):
      guard let settledAt = probe.settledAt, now >= settledAt else { return }
      probe.settledAt = nil
      phase = .probing(probe)
      send(.version, now: now)
    case .scanning(_, let until): if now >= until { fail(.dongleSilent("SKSCAN"), now: now) }
    case .joining(let until): if now >= until { fail(.joinSilent, now: now) }
    case .running:
      if let renewedBy, now >= renewedBy { return fail(.sessionExpired, now: now) }
      guard limitedUntil == nil, renewedBy == nil, polls.timedOut(now: now) else { return }
      if polls.unanswered >= SKSTACKPolls.tries { fail(.noAnswer, now: now) }
    case .leaving(let until): if now >= until { phase = .left }
    case .closed, .configuring, .approaching, .left: break
    }
  }

  /// Sends what is to be sent, now that nothing else is under way.
  mutating func goOn(now: Instant) {
    guard exchange == nil, phase == .running, renewedBy == nil, limitedUntil == nil, let address else { return }
    if !unconfirmed.isEmpty {
      send(.send(to: address, isSided: isSided, frame: unconfirmed.removeFirst()), now: now)
    } else if let frame = polls.next(now: now) {
      send(.send(to: address, isSided: isSided, frame: frame), now: now)
    }
  }

  mutating func confirm(_ frame: [UInt8]) {
    if unconfirmed.count < Self.confirmations { unconfirmed.append(frame) }
  }
}

extension SKSTACKSession: CustomReflectable, CustomStringConvertible {
  /// What waits to be sent may hold secrets.
  var customMirror: Mirror { Mirror(self, children: []) }
  var description: String { "SKSTACK session" }
}
