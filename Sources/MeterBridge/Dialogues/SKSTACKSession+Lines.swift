internal import Decoders

/// What the dongle writes.
extension SKSTACKSession {
  mutating func take(_ bytes: ArraySlice<UInt8>, now: Instant) {
    guard !bytes.isEmpty else { return }
    reader.append(bytes.span)
    drain(now: now)
  }

  /// A byte came damaged: what it is in cannot be believed.
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

  /// Keeps what cannot be used, unless it holds a part of a secret.
  private mutating func reject(_ bytes: [UInt8], _ error: DecodeError) {
    // A damaged echo may lack just what it would be known by.
    outputs.append(.rejected(meter: 0, bytes: mayEchoSecret ? [] : credentials.conceal(bytes), error: error))
  }

  // MARK: Lines

  private mutating func handle(_ line: [UInt8], now: Instant) {
    switch SKSTACKMessage(line) {
    case .done(let value): done(value, now: now)
    case .refused(let code): refused(code, now: now)
    case .event(let event): handle(event, now: now)
    case .version: if exchange?.command == .version { exchange?.isHeard = true }
    case .information(let isSided): if exchange?.command == .information { self.isSided = isSided }
    case .beaconBegins: changeScan { $0.beaconBegins() }
    case .beaconField(let name, let value): changeScan { $0.take(name, value) }
    case .address(let address):
      guard case .linkLocal? = exchange?.command else { return }
      self.address = address
      stepDone(now: now)
    case .echo: break
    case .unknown: reject(line, DecodeError(.noise, at: 0, found: line.count))
    }
  }

  private mutating func changeScan(_ change: (inout SKSTACKScan) -> Void) {
    guard case .scanning(var scan, let until) = phase else { return }
    change(&scan)
    phase = .scanning(scan, until: until)
  }

  private mutating func done(_ value: String, now: Instant) {
    guard let exchange else { return }
    switch exchange.command {
    case .version:
      // The answer to a line end, or to what was there before.
      guard exchange.isHeard else { return }
      configure(now: now)
    case .linkLocal: return
    case .dataForm:
      reader.writesBinary = value == "00"
      stepDone(now: now)
    case .send:
      self.exchange = nil
      polls.sent(now: now)
    case .scan: self.exchange = nil
    case .join:
      self.exchange = nil
      phase = .joining(until: now + Self.joining)
    case .terminate: self.exchange = nil
    case .information, .reset, .echoOff, .linkQuality, .password, .identifier, .channel, .pan: stepDone(now: now)
    }
  }

  private mutating func refused(_ code: Int?, now: Instant) {
    guard let exchange else { return }
    // Damaged on its way to the module.
    if code == 9 { return repeatCommand(exchange, or: .commandRefused(exchange.command.name, code), now: now) }
    switch exchange.command {
    // The rest of what stood in the module's input.
    case .version: break
    case let command where command.isOptional: stepDone(now: now)
    case .scan where code == 5 && !hasChangedSides: changeSides(now: now)
    case .send where code == 5 && !hasChangedSides:
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
    isSided.toggle()
    hasChangedSides = true
    exchange = nil
    if case .scanning(let scan, _) = phase { start(scan, now: now) }
  }

  // MARK: Events

  private mutating func handle(_ event: SKSTACKEvent, now: Instant) {
    switch event.kind {
    case .sent: handle(event.sending, now: now)
    case .scanned: if case .scanning(let scan, _) = phase { scanned(scan, now: now) }
    case .joinFailed:
      mayHaveSession = false
      joinFailed(now: now)
    case .joined: joined(now: now)
    case .closeRequested, .closed, .closeTimedOut:
      if event.kind != .closeRequested, !isJoining { mayHaveSession = false }
      if case .leaving = phase { phase = event.kind == .closeRequested ? phase : .left }
      if phase == .running { fail(.sessionClosed, now: now) }
    case .lifetimeOver:
      guard phase == .running else { return }
      renewedBy = now + Self.renewing
      polls.postpone(now: now)
    case .rateLimited:
      if limitedUntil == nil { outputs.append(.news(.rateLimited(meter: 0, true))) }
      limitedUntil = now + Self.rateLimit
      hasToldLimit = true
      polls.postpone(now: now)
    case .rateLimitOver: if limitedUntil != nil { endRateLimit() }
    case nil: break
    }
  }

  private mutating func handle(_ sending: SKSTACKEvent.Sending?, now: Instant) {
    if case .send? = exchange?.command { exchange?.isHeard = true }
    switch sending {
    case .acknowledged: sendingFailures = 0
    case .failed where phase == .running: sendingFailed(now: now)
    case .failed, .deferred, nil: break
    }
  }

  private mutating func sendingFailed(now: Instant) {
    guard limitedUntil == nil, renewedBy == nil else { return }
    sendingFailures += 1
    if sendingFailures >= Self.failures { return fail(.sendingFailed, now: now) }
    polls.postpone(now: now)
  }

  // MARK: Datagrams

  private mutating func handle(_ datagram: SKSTACKDatagram, now: Instant) {
    guard datagram.destinationPort == SKSTACKDatagram.echonetPort, !datagram.isAuthentication else { return }
    // Anybody could have sent what is not encrypted.
    guard datagram.isProtected else {
      return reject(datagram.data, DecodeError(.unprotected, at: 0, found: datagram.data.count))
    }
    let frame: ECHONETFrame
    do throws(DecodeError) { frame = try ECHONETFrame(datagram.data.span) } catch {
      return reject(datagram.data, error)
    }
    if let quality = datagram.linkQuality { tell(SKSTACKDatagram.signalStrength(quality)) }
    switch polls.received(frame, datagram.data, now: now) {
    case .answer(let isEmpty):
      recovery.succeeded()
      hasScanned = false
      // What the meter refuses altogether is no reading; one alone says that it lacks it.
      if !isEmpty || frame.properties.count == 1 { outputs.append(.readout(meter: 0, frames: [datagram.data])) }
      if polls.knowsScaling { handOutHeld() }
    case .notification: notified(frame, datagram.data)
    case .stray: break
    }
  }

  /// A meter that has not heard our confirmation says the same again.
  private mutating func notified(_ frame: ECHONETFrame, _ bytes: [UInt8]) {
    if frame.service == .confirmedNotification {
      confirm(
        ECHONETFrame.toMeter(
          .confirmation, transaction: frame.transaction, properties: frame.properties.map(\.code)))
    }
    guard bytes != lastNotification else { return }
    lastNotification = bytes
    if held.count >= Self.notificationsHeld { held.removeFirst() }
    held.append(bytes)
    if polls.knowsScaling { handOutHeld() }
  }

  /// What the meter said before it was known what its counts are worth.
  private mutating func handOutHeld() {
    outputs += held.map { .readout(meter: 0, frames: [$0]) }
    held = []
  }

  mutating func tell(_ strength: FixedDecimal) {
    self.strength = strength
    outputs.append(.news(.signalStrength(meter: 0, strength)))
    // Once weak, it must be clearly better: around the limit it would be said with every reading.
    let isWeak = strength.mantissa < (isWeak ? Self.goodAgain : Self.weakest)
    if isWeak != self.isWeak { outputs.append(.news(.signalWeakness(meter: 0, strength, isWeak: isWeak))) }
    self.isWeak = isWeak
  }
}
