internal import Base
internal import Decoders

/// Commands to the dongle, and the way back when the dongle or the meter fails.
extension SKSTACKSession {
  // MARK: Commands

  mutating func send(_ command: SKSTACKCommand, now: Instant) {
    assert(exchange == nil, "a module takes one command at a time")
    exchange = SKSTACKExchange(command, now: now)
    if command.isSecret { module.mayEchoSecret = true }
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

  mutating func timedOut(_ exchange: SKSTACKExchange, now: Instant) {
    if case .probing(var probe) = phase, exchange.command == .version {
      guard probe.beginNextTry() else { return fail(.noDongle, now: now) }
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
    guard exchange.beginNextTry(now: now) else { return fail(trouble, now: now) }
    self.exchange = exchange
    outputs.append(.send(exchange.command.bytes(credentials)))
  }

  // MARK: The way back

  /// Drops everything in flight. The caller changes the phase.
  mutating func abandon() {
    exchange = nil
    notifications.dropConfirmations()
    polls.end()
  }

  /// Ends a failed try or a lost session. The next try follows after a pause.
  mutating func fail(_ trouble: SKSTACKTrouble, now: Instant) {
    abandon()
    tell(.trouble(meter: 0, trouble))
    recovery.failed(now: now)
    phase = .resting
    switch trouble {
    case .noDongle, .unsupportedDongle: outputs.append(.reopen(reason: Self.reopening))
    default: if recovery.stage == .reopen { outputs.append(.reopen(reason: Self.reopening)) }
    }
  }

  /// The trouble before it has already given the cause.
  private static let reopening = "opening the port again"

  mutating func tell(_ news: DialogueNews?) {
    if let news { outputs.append(.news(news)) }
  }
}
