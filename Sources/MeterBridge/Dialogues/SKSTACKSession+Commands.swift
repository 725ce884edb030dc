internal import Decoders

/// What the dongle is told, and what follows when it or the meter fails.
extension SKSTACKSession {
  // MARK: Commands

  mutating func send(_ command: SKSTACKCommand, now: Instant) {
    exchange = SKSTACKExchange(command, now: now)
    if command.isSecret { mayEchoSecret = true }
    outputs.append(.send(command.bytes(credentials)))
  }

  mutating func probe(_ probe: SKSTACKProbe, now: Instant) {
    var probe = probe
    probe.settledAt = now + SKSTACKProbe.settling
    phase = .probing(probe)
    reader.writesBinary = false
    exchange = nil
    outputs.append(.send(probe.wake))
  }

  /// The next of several commands; false after the last.
  mutating func nextStep(now: Instant) -> Bool {
    guard !steps.isEmpty else { return false }
    send(steps.removeFirst(), now: now)
    return true
  }

  mutating func timedOut(_ exchange: SKSTACKExchange, now: Instant) {
    if case .probing(var probe) = phase, exchange.command == .version {
      guard probe.isRepeated() else { return fail(.noDongle, now: now) }
      return self.probe(probe, now: now)
    }
    switch exchange.command {
    case .send where exchange.isHeard: self.exchange = nil
    case .send: fail(.dongleSilent(exchange.command.name), now: now)
    case .terminate: self.exchange = nil
    default: repeatCommand(exchange, or: .dongleSilent(exchange.command.name), now: now)
    }
  }

  mutating func repeatCommand(_ exchange: SKSTACKExchange, or trouble: SKSTACKTrouble, now: Instant) {
    var exchange = exchange
    guard exchange.repeats(now: now) else { return fail(trouble, now: now) }
    self.exchange = exchange
    outputs.append(.send(exchange.command.bytes(credentials)))
  }

  // MARK: The way back

  /// What is under way comes to nothing.
  mutating func abandon() {
    exchange = nil
    steps = []
    unconfirmed = []
    renewedBy = nil
    sendingFailures = 0
    polls.end()
  }

  /// This try has failed, or the session is lost: another follows after a while.
  mutating func fail(_ trouble: SKSTACKTrouble, now: Instant) {
    abandon()
    outputs.append(.news(.trouble(meter: 0, trouble)))
    recovery.failed(now: now)
    phase = .resting
    switch trouble {
    case .noDongle, .unsupportedDongle: outputs.append(.reopen(reason: Self.reopening))
    default: if recovery.stage == .reopen { outputs.append(.reopen(reason: Self.reopening)) }
    }
  }

  /// Why has been said already.
  private static let reopening = "opening the port anew"

  mutating func endRateLimit() {
    limitedUntil = nil
    outputs.append(.news(.rateLimited(meter: 0, false)))
  }
}
