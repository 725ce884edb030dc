internal import Base

/// The steps from a dongle that answers to a session with the meter.
extension SKSTACKSession {
  /// Asks for the dongle's dialect and sends settings and credentials. The flash memory stays as it is.
  mutating func configure(now: Instant) {
    exchange = nil
    module.hasChangedSides = false
    var steps: [SKSTACKCommand] = [.information, .dataForm]
    let isReset = !module.hasReset || recovery.stage == .reset || recovery.stage == .reopen
    if isReset { steps.append(.reset) }
    phase = .configuring(Steps(steps + [.echoOff, .password, .identifier]))
    nextStep(now: now)
  }

  /// A command has been answered. The next one follows, or the next phase.
  mutating func stepDone(now: Instant) {
    guard let command = exchange?.command else { return assertionFailure("no command is in flight") }
    if !command.isSecret { module.mayEchoSecret = false }
    if command == .reset {
      module.hasReset = true
      module.mayHaveSession = false
    }
    exchange = nil
    if command == .information, module.isSided, case .configuring(var steps) = phase {
      steps.append(.linkQuality)
      phase = .configuring(steps)
    }
    nextStep(now: now)
  }

  private mutating func nextStep(now: Instant) {
    switch phase {
    case .configuring(var steps):
      guard let command = steps.next() else { return configured(now: now) }
      phase = .configuring(steps)
      send(command, now: now)
    case .approaching(var steps):
      // An address answers the last step, and `join` follows it.
      guard let command = steps.next() else { return assertionFailure("the meter's address comes last") }
      phase = .approaching(steps)
      send(command, now: now)
    default: assertionFailure("this phase has no steps")
    }
  }

  private mutating func configured(now: Instant) {
    let isScan = recovery.stage == .scan || recovery.stage == .reset
    if let network = networks.known, !isScan { return approach(network, now: now) }
    start(SKSTACKScan(isRepeated: recovery.hasScanned), now: now)
  }

  // MARK: Scanning

  mutating func start(_ scan: SKSTACKScan, now: Instant) {
    phase = .scanning(Scanning(scan, now: now))
    tell(.progress("looking for the meter (scan duration \(scan.duration))"))
    send(.scan(duration: scan.duration, isSided: module.isSided), now: now)
  }

  mutating func scanned(_ scan: SKSTACKScan, now: Instant) {
    exchange = nil
    if let beacon = scan.found(pairing: credentials.pairing), let network = beacon.network {
      if let quality = beacon.linkQuality { measured(quality) }
      return approach(network, now: now)
    }
    var scan = scan
    if scan.lengthen() { return start(scan, now: now) }
    recovery.scanned()
    fail(.noBeacon, now: now)
  }

  // MARK: Joining

  private mutating func approach(_ network: SKSTACKNetwork, now: Instant) {
    networks.found(network)
    phase = .approaching(Steps([.channel(network.channel), .pan(network.pan), .linkLocal(network.address)]))
    nextStep(now: now)
  }

  /// The dongle has made the meter's link-local address.
  mutating func join(_ address: String, now: Instant) {
    module.mayEchoSecret = false
    module.mayHaveSession = true
    exchange = nil
    send(.join(address), now: now)
  }

  /// The address of the join under way. Its outcome may come before the answer to the command, or without it.
  private var joiningAddress: String? {
    switch (phase, exchange?.command) {
    case (.joining(let joining), _): joining.address
    case (.approaching, .join(let address)?): address
    default: nil
    }
  }

  var isJoining: Bool { joiningAddress != nil }

  mutating func joined(now: Instant) {
    running?.renewed()
    guard let address = joiningAddress else { return }
    exchange = nil
    phase = .running(Running(address))
    polls.start(now: now)
    tell(.progress("joined the meter\(signal.strength.map { ", signal \($0) dBm" } ?? "")"))
    tell(rateLimit.joined())
    tell(networks.joined())
  }

  mutating func joinFailed(now: Instant) {
    if running != nil { return fail(.sessionExpired, now: now) }
    guard isJoining else { return }
    // Without air time the meter cannot have refused us.
    guard rateLimit.until == nil else { return fail(.joinRefused, now: now) }
    tell(networks.refused())
    let isCertain = networks.contradictsCredentials && signal.isGood
    fail(isCertain ? .wrongCredentials(signal.strength) : .joinRefused, now: now)
  }
}
