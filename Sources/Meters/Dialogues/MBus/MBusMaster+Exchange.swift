internal import Base
internal import Decoders

/// One exchange: a request, and what comes back.
extension MBusMaster {
  /// The last answer that was taken.
  struct LastAnswer {
    let meter: Int
    let sender: MBusSender
    let bytes: [UInt8]
    /// Until then another meter may still answer the same request.
    let until: Instant
  }

  mutating func send(_ step: Step, now: Instant) {
    guard let current else { return }
    let step = isLeaving && pace == .fast ? .speedDown : step
    let slave = slaves[current]
    let request: MBusRequest =
      switch step {
      case .reset, .deselect: .reset
      case .select(let form): .select(slave.selections[form])
      case .command: .command(slave.command)
      case .speedUp: .command(.speed(slave.polling.readoutBaud))
      case .speedDown: .command(.speed(busSettings?.baud))
      case .data: .data(frameCountBit: slave.frameCountBit)
      }
    let exchange = MBusExchange(request, to: slave.address, timing: timing, now: now)
    statistics.requests += 1
    if slave.isRepeating(step) { statistics.retries += 1 }
    outputs.append(.send(exchange.request))
    phase = .waiting(exchange, for: step)
  }

  /// Handles a frame or a rejected piece, in any phase.
  mutating func handle(_ piece: Framed, now: Instant) {
    if isSecondAcknowledgement(piece) { return statistics.doubled += 1 }
    disturb()
    guard case .frame(let bytes) = piece, let frame = try? MBusFrame(parsing: bytes.span) else { return reject(piece) }
    guard case .waiting(_, let step) = phase, let current else {
      return reject(bytes, frame, DecodeError(.noise, at: 0, found: bytes.count), now: now)
    }
    switch (step, frame) {
    case (.data, _):
      if case .long = frame, line.heard() { lineReturned(now: now) }
      if let objection = slaves[current].address.objection(to: frame) {
        reject(bytes, frame, objection, now: now)
      } else if let sender = MBusSender(of: frame) {
        answered(MBusExchange.Answer(bytes: bytes, sender: sender), frame, now: now)
      }
    case (_, .acknowledge): acknowledged(step, now: now)
    default: reject(bytes, frame, DecodeError(.badFrame, at: 0, expected: 0xE5, found: Int(bytes[0])), now: now)
    }
  }

  /// A datagram that came twice is not a second meter.
  private func isSecondAcknowledgement(_ piece: Framed) -> Bool {
    guard timing.mayDouble, piece == .frame([0xE5]) else { return false }
    if case .waiting(_, let step) = phase { return step == .data }
    return true
  }

  private mutating func acknowledged(_ step: Step, now: Instant) {
    guard let current else { return }
    lastHeard = now
    statistics.answers += 1
    switch step {
    case .reset: pause(after: step, then: slaves[current].wasReset(), now: now)
    case .select(let form):
      let next = slaves[current].wasSelected(by: slaves[current].selections[form])
      pause(after: step, then: pace == .seeking ? .speedDown : next, now: now)
    case .speedUp: speedUp(then: slaves[current].dataRequest)
    case .speedDown: slowDown()
    case .command: pause(after: step, then: slaves[current].wasTold(), now: now)
    case .data, .deselect: release(now: now)
    }
  }

  // MARK: Whose answer it is

  /// Takes the answer of the known meter at once.
  ///
  /// Two meters may share an address and answer one request, one after the other. So the first answer of a meter waits
  /// for a second one. If it comes, it is not known which of them is meant.
  private mutating func answered(_ answer: MBusExchange.Answer, _ frame: MBusFrame, now: Instant) {
    guard case .waiting(var exchange, .data) = phase, let current else { return }
    guard !slaves[current].knows(answer.sender) else {
      for other in exchange.answers where other.sender != answer.sender {
        outputs.append(
          .rejected(meter: current, bytes: other.bytes, error: .severalMeters(answer.sender, other.sender)))
      }
      return accept(answer, now: now)
    }
    guard late(answer.sender) == nil else {
      return reject(answer.bytes, frame, DecodeError(.lateAnswer, at: 0), now: now)
    }
    if let first = slaves[current].senderOfReadout {
      return reject(.rejected(answer.bytes, .severalMeters(first, answer.sender)))
    }
    exchange.keep(answer, until: now + timing.gap)
    phase = .waiting(exchange, for: .data)
  }

  /// Takes the only answer; rejects those of several meters.
  mutating func decide(_ answers: [MBusExchange.Answer], now: Instant) {
    guard let current, let first = answers.first else { return }
    guard let other = answers.first(where: { $0.sender != first.sender }) else {
      for copy in answers.dropFirst() { rejectCopy(copy.bytes, of: current, isSame: copy.bytes == first.bytes) }
      return accept(first, now: now)
    }
    for answer in answers {
      outputs.append(
        .rejected(meter: current, bytes: answer.bytes, error: .severalMeters(first.sender, other.sender)))
    }
    fail(at: .data, .strangers, now: now)
  }

  private mutating func accept(_ answer: MBusExchange.Answer, now: Instant) {
    guard let current else { return }
    lastHeard = now
    statistics.answers += 1
    lastAnswer = LastAnswer(
      meter: current, sender: answer.sender, bytes: answer.bytes, until: now + timing.answer)
    switch slaves[current].accept(answer.bytes, from: answer.sender, mayBeDouble: timing.mayDouble) {
    case .lateCopy:
      rejectCopy(answer.bytes, of: current, isSame: slaves[current].frames.contains(answer.bytes))
    case .moreFollow: pause(after: .data, then: .data, now: now)
    case .nextDataSet: pause(after: .data, then: .command, now: now)
    case .complete:
      let wasSelected = slaves[current].isSelected
      let interval = slaves[current].schedule.interval
      outputs.append(.readout(meter: current, frames: slaves[current].succeed(now: now)))
      if slaves[current].schedule.interval != interval {
        outputs.append(.news(.interval(meter: current, slaves[current].schedule.interval)))
      }
      if slaves[current].takeSpeedNews() { outputs.append(.news(.keepsSpeed(meter: current))) }
      hasAnswered = true
      end(selection: wasSelected, now: now)
    }
  }

  /// The slave that this sender is, if it did not answer when it was asked.
  private func late(_ sender: MBusSender) -> Int? {
    slaves.indices.first { $0 != current && slaves[$0].owesAnswer && slaves[$0].knows(sender) }
  }

  // MARK: No usable answer

  /// The slave did not answer, or its answer is unusable.
  mutating func endWaiting(now: Instant) {
    guard case .waiting(let before, _) = phase else { return }
    let rest = reader.append(LineInput(bytes: before.unfinishedEcho)) + reader.finish()
    for piece in rest { handle(piece, now: now) }
    guard case .waiting(let exchange, let step) = phase, let current else { return }
    if !exchange.answers.isEmpty { return decide(exchange.answers, now: now) }
    let isSilence = !exchange.isHeard && rest.isEmpty
    switch step {
    case .reset: pause(after: .reset, then: slaves[current].wasReset(), now: now)
    case .select(let form) where isSilence && form + 1 < slaves[current].selections.count:
      pause(after: step, then: .select(form + 1), now: now)
    case .speedUp: speedUp(then: slaves[current].dataRequest)
    case .speedDown: orderBackAgain(now: now)
    case .select where pace == .seeking: slowDown()
    case .select, .command, .data:
      fail(at: step, exchange.hasMetStranger ? .strangers : isSilence ? .silence : .damage, now: now)
    case .deselect: release(now: now)
    }
  }

  mutating func fail(at step: Step, _ failure: MBusFailure, now: Instant) {
    guard let current else { return }
    if pace == .usual {
      line.failed(current, failure, before: slaves[current].lastResult, now: now)
      watchLine(now: now)
    }
    switch slaves[current].fail(at: step, failure, onDeadBus: line.isDead, isFast: pace == .fast) {
    case .repeatNow: pause(after: step, then: step, now: now)
    case .repeatLater where pace == .fast: abandonSpeed(at: step, now: now)
    case .repeatLater:
      slaves[current].yield(now: now)
      release(now: now)
    case .giveUp:
      let (tries, failure) = (slaves[current].tries, slaves[current].failure(last: failure))
      let wasSelected = slaves[current].isSelected
      let rest = slaves[current].giveUp(pause: line.isDead ? pauseOfDeadBus : nil, now: now)
      if !rest.isEmpty { outputs.append(.readout(meter: current, frames: rest)) }
      outputs.append(.noAnswer(meter: current, tries: tries, failure))
      line.gaveUp(current)
      watchLine(now: now)
      hasAnswered = false
      doubtTheLine(now: now)
      end(selection: wasSelected, now: now)
    }
  }

  private mutating func doubtTheLine(now: Instant) {
    let shortest = slaves.map(\.schedule.interval).min() ?? 0
    guard now >= lastHeard + max(Milliseconds(shortest.count * 3), Limits.busSilence) else { return }
    outputs.append(.reopen(reason: "no meter on this bus has answered for \((now - lastHeard).count / 1000) s"))
    lastHeard = now
  }

  // MARK: Rejected bytes

  /// Rejects a frame, with the reason that explains it best.
  private mutating func reject(_ bytes: [UInt8], _ frame: MBusFrame, _ error: DecodeError, now: Instant) {
    guard let sender = MBusSender(of: frame) else { return reject(.rejected(bytes, error)) }
    if let last = lastAnswer, now <= last.until, slaves[last.meter].address.objection(to: frame) == nil {
      if sender == last.sender { return rejectCopy(bytes, of: last.meter, isSame: bytes == last.bytes) }
      let error = DecodeError.severalMeters(last.sender, sender)
      return outputs.append(.rejected(meter: last.meter, bytes: bytes, error: error))
    }
    if let meter = late(sender) {
      slaves[meter].answeredLate()
      return outputs.append(.rejected(meter: meter, bytes: bytes, error: DecodeError(.lateAnswer, at: 0)))
    }
    if case .waiting(var exchange, .data) = phase, error.code == .otherMeter {
      exchange.hasMetStranger = true
      phase = .waiting(exchange, for: .data)
    }
    reject(.rejected(bytes, error))
  }

  /// One more answer to a request that is answered. A datagram may come twice, which is no error.
  private mutating func rejectCopy(_ bytes: [UInt8], of meter: Int, isSame: Bool) {
    guard !timing.mayDouble || !isSame else { return statistics.doubled += 1 }
    outputs.append(.rejected(meter: meter, bytes: bytes, error: DecodeError(.lateAnswer, at: 0)))
  }

  mutating func reject(_ piece: Framed) {
    let meter = current ?? (slaves.count == 1 ? 0 : nil)
    switch piece {
    case .frame(let bytes):
      let error = DecodeError(.noise, at: 0, found: bytes.count)
      outputs.append(.rejected(meter: meter, bytes: bytes, error: error))
    case .rejected(let bytes, let error): outputs.append(.rejected(meter: meter, bytes: bytes, error: error))
    }
  }
}
