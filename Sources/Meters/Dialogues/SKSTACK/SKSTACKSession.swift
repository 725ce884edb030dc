package import Base
internal import Decoders

/// The session with one Japanese smart meter on the B-route, through a Wi-SUN dongle with the SKSTACK command set.
///
/// It finds the dongle's dialect and the meter, joins the meter, asks for values, and recovers from every failure.
/// Secrets leave it only inside two commands. It drops echoes, the authentication of modules, and everything that holds
/// a part of a secret. It writes nothing to the module's flash memory.
package struct SKSTACKSession: Dialogue {
  package struct Settings: Sendable {
    package var credentials: SKSTACKCredentials
    /// Where an earlier run found the meter of this route-B id. The session then joins without a scan.
    package var network: SKSTACKNetwork?
    /// Between two readings of power and current.
    package var powerInterval = Self.usualPowerInterval
    /// Between two readings of the energies.
    package var energyInterval = Milliseconds.minutes(5)
    /// For jitter and transaction numbers.
    package var seed: UInt64

    /// The interval of power and current, unless configured.
    package static let usualPowerInterval = Milliseconds.seconds(30)

    package init(
      credentials: SKSTACKCredentials, network: SKSTACKNetwork? = nil,
      powerInterval: Milliseconds = Self.usualPowerInterval, energyInterval: Milliseconds = .minutes(5),
      seed: UInt64
    ) {
      self.credentials = credentials
      self.network = network
      self.powerInterval = powerInterval
      self.energyInterval = energyInterval
      self.seed = seed
    }
  }

  /// The state of the module. The module keeps it from one session to the next, so this outlives the phases.
  struct Module: Sendable {
    /// Whether commands and events have the extra field of modules with two sides (BP35C2).
    var isSided = false
    /// Whether a refused argument count has already led to the other dialect.
    var hasChangedSides = false
    /// Whether the echo of a secret may still come, because the module has not answered a later command.
    var mayEchoSecret = false
    /// Whether the meter may still hold a session that it must be told to end.
    var mayHaveSession = false
    /// Whether this run of the program has reset the module.
    var hasReset = false
  }

  /// A line that stays incomplete for this long never becomes complete.
  private static let lineGap = Milliseconds.seconds(1)

  /// Holds what only one phase needs. Everything below outlives the phases.
  var phase = Phase.closed
  /// The command in flight, in any phase.
  var exchange: SKSTACKExchange?
  let credentials: SKSTACKCredentials
  /// Bytes come in every phase.
  var reader = SKSTACKReader()
  /// When the session gives up an incomplete line.
  private var lineUntil: Instant?
  /// Counts the failures of all tries.
  var recovery: SKSTACKRecovery
  /// Late answers count, and so do the intervals across two sessions.
  var polls: SKSTACKPolls
  var module = Module()
  var networks: SKSTACKNetworkMemory
  var signal = SKSTACKSignal()
  var rateLimit = SKSTACKRateLimit()
  var notifications = SKSTACKNotifications()
  var outputs: [DialogueOutput] = []

  package init(_ settings: Settings) {
    credentials = settings.credentials
    networks = SKSTACKNetworkMemory(saved: settings.network)
    recovery = SKSTACKRecovery(seed: settings.seed)
    polls = SKSTACKPolls(
      powerInterval: settings.powerInterval, energyInterval: settings.energyInterval,
      transaction: recovery.transaction())
  }

  // MARK: Events

  package mutating func opened(now: Instant) {
    assert(phase.isClosed, "a port that is open cannot be opened")
    reader = SKSTACKReader()
    lineUntil = nil
    phase = .resting
    resume(now: now)
  }

  package mutating func received(_ input: LineInput, now: Instant) {
    assert(!phase.isClosed, "a closed port delivers no bytes")
    if case .probing(var probe) = phase {
      let isForeign = probe.isForeign(input.bytes)
      phase = .probing(probe)
      if isForeign { return fail(.unsupportedDongle, now: now) }
    }
    for piece in input.pieces {
      switch piece {
      case .sound(let bytes): take(bytes, now: now)
      case .damaged: spoil(now: now)
      }
    }
    lineUntil = reader.isInside ? now + Self.lineGap : nil
    goOn(now: now)
  }

  package mutating func closed(now: Instant) {
    abandon()
    phase = .closed
    reader.finish()
    drain(now: now)
  }

  package mutating func poll(meter: Int, now: Instant) -> Bool {
    guard meter == 0 else { return false }
    if !polls.pollSoon(now: now) { outputs.append(.news(.readoutRefused(meter: 0))) }
    goOn(now: now)
    return true
  }

  package mutating func tick(now: Instant) {
    if let lineUntil, now >= lineUntil {
      self.lineUntil = nil
      reader.finish()
      drain(now: now)
    }
    if let until = rateLimit.until, now >= until { tell(rateLimit.end()) }
    if let exchange, now >= exchange.until { timedOut(exchange, now: now) }
    advance(now: now)
    goOn(now: now)
  }

  package mutating func leave(now: Instant) {
    abandon()
    // A meter has only one session to give, and keeps it until told to end it. So even a resting session says goodbye.
    guard module.mayHaveSession, !hasLeft else {
      phase = .left
      return
    }
    phase = .leaving(Leaving(now: now))
    send(.terminate, now: now)
  }

  package var hasLeft: Bool {
    switch phase {
    case .left, .closed: true
    default: false
    }
  }

  package var deadline: Instant? {
    var deadlines = [exchange?.until, lineUntil, rateLimit.until, phase.deadline]
    switch phase {
    case .closed, .left: return nil
    case .resting: deadlines.append(resumption)
    case .running(let running) where exchange == nil && !running.isExpired && rateLimit.until == nil:
      deadlines.append(polls.deadline)
    default: break
    }
    return deadlines.compactMap(\.self).min()
  }

  package mutating func takeOutputs() -> [DialogueOutput] {
    defer { outputs = [] }
    return outputs
  }

  // MARK: Time

  /// When the next try begins. It waits for the end of the rate limit, which a new session would not lift.
  private var resumption: Instant {
    let resumeAt = recovery.resumeAt ?? Instant(milliseconds: 0)
    return rateLimit.until.map { max($0, resumeAt) } ?? resumeAt
  }

  private mutating func resume(now: Instant) {
    if now >= resumption { probe(SKSTACKProbe(), now: now) }
  }

  /// Ends a phase whose time is over.
  private mutating func advance(now: Instant) {
    if case .resting = phase { return resume(now: now) }
    let isOver = phase.deadline.map { now >= $0 } ?? false
    switch phase {
    case .probing(var probe) where isOver:
      probe.settledAt = nil
      phase = .probing(probe)
      send(.version, now: now)
    case .scanning where isOver: fail(.dongleSilent("SKSCAN"), now: now)
    case .joining where isOver: fail(.joinSilent, now: now)
    case .running where isOver: fail(.sessionExpired, now: now)
    case .running(let running):
      guard rateLimit.until == nil, !running.isExpired, polls.timedOut(now: now) else { return }
      if polls.unanswered >= SKSTACKPolls.tries { fail(.noAnswer, now: now) }
    case .leaving where isOver: phase = .left
    default: break
    }
  }

  /// Sends the next frame to the meter, if nothing is in the way.
  private mutating func goOn(now: Instant) {
    guard exchange == nil, rateLimit.until == nil, case .running(let running) = phase, !running.isExpired else {
      return
    }
    guard let frame = notifications.nextConfirmation() ?? polls.next(now: now) else { return }
    send(.send(to: running.address, isSided: module.isSided, frame: frame), now: now)
  }
}

extension SKSTACKSession: CustomReflectable, CustomStringConvertible {
  /// Commands in flight may hold secrets.
  package var customMirror: Mirror { Mirror(self, children: []) }
  package var description: String { "SKSTACK session" }
}
