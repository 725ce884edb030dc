internal import Base
internal import Decoders

/// Lines of the dongle.
extension SKSTACKSession {
  mutating func take(_ bytes: ArraySlice<UInt8>, now: Instant) {
    reader.append(bytes.span)
    drain(now: now)
  }

  /// A byte came damaged, so the line around it is unusable.
  mutating func spoil(now: Instant) {
    reader.spoil()
    drain(now: now)
  }

  mutating func drain(now: Instant) {
    while let piece = reader.next() {
      switch piece {
      case .line(let line): handle(line, now: now)
      case .datagram(let datagram): handle(datagram, now: now)
      case .rejected(let bytes, let error): reject(bytes, error)
      }
    }
  }

  /// Keeps unusable bytes, unless they hold a part of a secret.
  mutating func reject(_ bytes: [UInt8], _ error: DecodeError) {
    // A damaged echo may lack the very bytes that give it away.
    outputs.append(.rejected(meter: 0, bytes: module.mayEchoSecret ? [] : credentials.conceal(bytes), error: error))
  }

  private mutating func handle(_ line: [UInt8], now: Instant) {
    switch SKSTACKMessage(line) {
    case .done(let value): done(value, now: now)
    case .refused(let code): refused(code, now: now)
    case .event(let event): handle(event, now: now)
    case .version: if exchange?.command == .version { exchange?.isHeard = true }
    case .information(let isSided): if exchange?.command == .information { module.isSided = isSided }
    case .beaconBegins: changeScan { $0.beaconBegins() }
    case .beaconField(let name, let value): changeScan { $0.take(name, value) }
    case .address(let address): if case .linkLocal? = exchange?.command { join(address, now: now) }
    case .echo: break
    case .unknown: reject(line, DecodeError(.noise, at: 0, found: line.count))
    }
  }

  private mutating func changeScan(_ change: (inout SKSTACKScan) -> Void) {
    guard case .scanning(var scanning) = phase else { return }
    change(&scanning.scan)
    phase = .scanning(scanning)
  }

  // MARK: Answers

  private mutating func done(_ value: String, now: Instant) {
    guard let exchange else { return }
    switch exchange.command {
    case .version:
      // Without a version before it, this OK answers a line end or an older command.
      guard exchange.isHeard else { return }
      configure(now: now)
    case .linkLocal: return
    case .dataForm:
      reader.writesBinary = value == "00"
      stepDone(now: now)
    case .send(_, _, let frame):
      self.exchange = nil
      polls.sent(frame, now: now)
    case .scan, .terminate: self.exchange = nil
    case .join(let address):
      self.exchange = nil
      phase = .joining(Joining(address, now: now))
    case .information, .reset, .echoOff, .linkQuality, .password, .identifier, .channel, .pan: stepDone(now: now)
    }
  }

  private mutating func refused(_ code: Int?, now: Instant) {
    guard let exchange else { return }
    // The command was damaged on its way to the module.
    if code == 9 { return repeatCommand(exchange, or: .commandRefused(exchange.command.name, code), now: now) }
    switch exchange.command {
    // The module refuses what stood in its input before.
    case .version: break
    case let command where command.isOptional: stepDone(now: now)
    case .scan where code == 5 && !module.hasChangedSides: changeSides(now: now)
    case .send where code == 5 && !module.hasChangedSides:
      changeSides(now: now)
      sendingFailed(now: now)
    case .send:
      self.exchange = nil
      sendingFailed(now: now)
    case .join: fail(.joinRefused, now: now)
    case .terminate: phase = .left
    case .password: fail(.credentialsRefused("password"), now: now)
    case .identifier: fail(.credentialsRefused("route-B id"), now: now)
    default: fail(.commandRefused(exchange.command.name, code), now: now)
    }
  }

  /// The module wants the other number of arguments.
  private mutating func changeSides(now: Instant) {
    module.isSided.toggle()
    module.hasChangedSides = true
    exchange = nil
    if case .scanning(let scanning) = phase { start(scanning.scan, now: now) }
  }

  // MARK: Events

  private mutating func handle(_ event: SKSTACKEvent, now: Instant) {
    switch event.kind {
    case .sent: handle(event.sending, now: now)
    case .scanned: if case .scanning(let scanning) = phase { scanned(scanning.scan, now: now) }
    case .joinFailed:
      module.mayHaveSession = false
      joinFailed(now: now)
    case .joined: joined(now: now)
    case .closeRequested: if running != nil { fail(.sessionClosed, now: now) }
    case .closed, .closeTimedOut: sessionClosed(now: now)
    case .lifetimeOver:
      guard running != nil else { return }
      running?.expired(now: now)
      polls.postpone(now: now)
    case .rateLimited:
      tell(rateLimit.begin(now: now))
      polls.postpone(now: now)
    case .rateLimitOver: tell(rateLimit.end())
    case nil: break
    }
  }

  private mutating func sessionClosed(now: Instant) {
    if !isJoining { module.mayHaveSession = false }
    switch phase {
    case .leaving: phase = .left
    case .running: fail(.sessionClosed, now: now)
    default: break
    }
  }

  private mutating func handle(_ sending: SKSTACKEvent.Sending?, now: Instant) {
    if case .send? = exchange?.command { exchange?.isHeard = true }
    switch sending {
    case .acknowledged: running?.acknowledged()
    case .failed: sendingFailed(now: now)
    case .deferred, nil: break
    }
  }

  private mutating func sendingFailed(now: Instant) {
    guard rateLimit.until == nil, running?.isExpired == false else { return }
    guard running?.toleratesFailure() == true else { return fail(.sendingFailed, now: now) }
    polls.postpone(now: now)
  }
}
