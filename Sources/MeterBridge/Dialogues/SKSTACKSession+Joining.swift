internal import Decoders

/// From a dongle that answers to a session with the meter.
extension SKSTACKSession {
  /// Asks what the dongle is and tells it what it has to know. Nothing of it goes to its flash memory.
  mutating func configure(now: Instant) {
    phase = .configuring
    hasChangedSides = false
    steps = [.information, .dataForm]
    let isReset = !hasReset || recovery.stage == .reset || recovery.stage == .reopen
    if isReset { steps.append(.reset) }
    steps += [.echoOff, .password, .identifier]
    _ = nextStep(now: now)
  }

  /// A command is done; the next follows, or what comes after all of them.
  mutating func stepDone(now: Instant) {
    if exchange?.command.isSecret == false { mayEchoSecret = false }
    switch exchange?.command {
    case .information: if isSided { steps.append(.linkQuality) }
    case .reset:
      hasReset = true
      mayHaveSession = false
    default: break
    }
    exchange = nil
    guard !nextStep(now: now) else { return }
    if phase == .approaching, let address {
      mayHaveSession = true
      return send(.join(address), now: now)
    }
    guard phase == .configuring else { return }
    let isScan = recovery.stage == .scan || recovery.stage == .reset
    if let network, !isScan { join(network, now: now) } else { start(SKSTACKScan(isRepeated: hasScanned), now: now) }
  }

  // MARK: Scanning

  mutating func start(_ scan: SKSTACKScan, now: Instant) {
    phase = .scanning(scan, until: now + scan.patience)
    outputs.append(.news(.progress("looking for the meter (scan duration \(scan.duration))")))
    send(.scan(duration: scan.duration, isSided: isSided), now: now)
  }

  mutating func scanned(_ scan: SKSTACKScan, now: Instant) {
    exchange = nil
    if let beacon = scan.found(pairing: credentials.pairing), let network = beacon.network {
      if let quality = beacon.linkQuality { tell(SKSTACKDatagram.signalStrength(quality)) }
      return join(network, now: now)
    }
    var scan = scan
    if scan.lengthen() { return start(scan, now: now) }
    hasScanned = true
    fail(.noBeacon, now: now)
  }

  // MARK: Joining

  private mutating func join(_ network: SKSTACKNetwork, now: Instant) {
    self.network = network
    phase = .approaching
    address = nil
    steps = [.channel(network.channel), .pan(network.pan), .linkLocal(network.address)]
    _ = nextStep(now: now)
  }

  mutating func joined(now: Instant) {
    if phase == .running {
      renewedBy = nil
      return
    }
    guard isJoining else { return }
    exchange = nil
    phase = .running
    joinRefusals = 0
    polls.start(now: now)
    outputs.append(.news(.progress("joined the meter\(strength.map { ", signal \($0) dBm" } ?? "")")))
    if !hasToldLimit { outputs.append(.news(.rateLimited(meter: 0, limitedUntil != nil))) }
    hasToldLimit = true
    keep(network)
  }

  /// A join is under way. Its outcome may be there before, or without, the answer to the command.
  var isJoining: Bool {
    switch (phase, exchange?.command) {
    case (.joining, _), (.approaching, .join?): true
    default: false
    }
  }

  mutating func joinFailed(now: Instant) {
    switch phase {
    case .running: fail(.sessionExpired, now: now)
    case _ where isJoining && limitedUntil != nil: fail(.joinRefused, now: now)
    case _ where isJoining:
      joinRefusals += 1
      if joinRefusals >= Self.refusalsOfNetwork {
        network = nil
        keep(nil)
      }
      let isCertain = joinRefusals >= Self.refusalsOfCredentials && strength != nil && !isWeak
      fail(isCertain ? .wrongCredentials(strength) : .joinRefused, now: now)
    default: break
    }
  }

  private mutating func keep(_ network: SKSTACKNetwork?) {
    guard network != keptNetwork else { return }
    keptNetwork = network
    outputs.append(.news(.network(meter: 0, network)))
  }
}
