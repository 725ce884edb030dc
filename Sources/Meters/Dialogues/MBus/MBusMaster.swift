package import Base
internal import Decoders

/// The master of one M-Bus. It reads its slaves in turn, each at its own interval (EN 13757-2 and -3).
///
/// A readout is SND_NKE (or a selection), then REQ_UD2 until the last telegram. The master repeats a failed try with
/// the same frame count bit. After three tries it sends SND_NKE and tries a last time. Between two tries the bus goes
/// to another slave that is due, first to one that answered last time. So a silent slave rarely delays the others.
package struct MBusMaster: Dialogue {
  /// A slave, as configured.
  package struct Slave: Sendable {
    package var address: MBusAddress
    /// Nil: the usual interval of the medium.
    package var interval: Milliseconds?

    package init(address: MBusAddress, interval: Milliseconds? = nil) {
      self.address = address
      self.interval = interval
    }
  }

  private let timing: MBusTiming
  private var slaves: [MBusSlaveState]
  private var reader = LineReader(MBusFramer())
  private var phase = Phase.closed
  /// The slave that has the bus.
  private var current: Int?
  private var lastWasDoubtful = false
  private var lastHeard = Instant(milliseconds: 0)
  private var outputs: [DialogueOutput] = []

  /// A slave that failed gives way to others for this long. Then it gets a turn among them.
  private static let patience = Milliseconds.minutes(1)

  package init(slaves: [Slave], timing: MBusTiming) {
    self.slaves = slaves.map { MBusSlaveState(address: $0.address, interval: $0.interval) }
    self.timing = timing
  }

  // MARK: Events

  package mutating func opened(now: Instant) {
    for index in slaves.indices { slaves[index].opened(now: now) }
    current = nil
    lastHeard = now
    phase = .idle
    startNext(now: now)
  }

  package mutating func received(_ input: LineInput, now: Instant) {
    var input = input
    switch phase {
    case .closed: return
    case .idle:
      let limit = now + timing.frame + timing.answer
      phase = .quiet(Quiet(until: now, limit: limit, growth: timing.gap, previous: nil, next: nil))
    case .quiet: break
    case .waiting(var exchange, let step):
      input = exchange.withoutEcho(input, now: now)
      phase = .waiting(exchange, for: step)
    }
    for piece in reader.append(input) { handle(piece, now: now) }
    extend(now: now)
  }

  package mutating func closed(now: Instant) {
    phase = .closed
    for piece in reader.finish() { reject(piece) }
    current = nil
  }

  package mutating func poll(meter: Int, now: Instant) -> Bool {
    guard slaves.indices.contains(meter) else { return false }
    if meter != current, slaves[meter].tries == 0 { slaves[meter].pollSoon(now: now) }
    if case .idle = phase { startNext(now: now) }
    return true
  }

  package mutating func tick(now: Instant) {
    switch phase {
    case .closed: break
    case .idle: startNext(now: now)
    case .waiting(let exchange, let step): if now >= exchange.until { endWaiting(exchange, for: step, now: now) }
    case .quiet(let quiet): if now >= quiet.until { end(quiet, now: now) }
    }
  }

  package var deadline: Instant? {
    switch phase {
    case .closed: nil
    case .idle: slaves.map(\.due).min()
    case .waiting(let exchange, _): exchange.until
    case .quiet(let quiet): quiet.until
    }
  }

  package mutating func takeOutputs() -> [DialogueOutput] {
    defer { outputs.removeAll(keepingCapacity: true) }
    return outputs
  }

  // MARK: Whose turn it is

  private mutating func startNext(now: Instant) {
    guard let index = next(now: now) else { return }
    current = index
    lastWasDoubtful = slaves[index].isDoubtful
    send(slaves[index].start(now: now), now: now)
  }

  private func next(now: Instant) -> Int? {
    var prompt: Int?
    var doubtful: Int?
    for (index, slave) in slaves.enumerated() where slave.due <= now {
      func isBefore(_ other: Int?) -> Bool { other.map { slave.waitingSince < slaves[$0].waitingSince } ?? true }
      if slave.isDoubtful {
        if isBefore(doubtful) { doubtful = index }
      } else if isBefore(prompt) {
        prompt = index
      }
    }
    guard let prompt, let doubtful else { return prompt ?? doubtful }
    let hasWaited = now >= slaves[doubtful].waitingSince + Self.patience
    return hasWaited && !lastWasDoubtful ? doubtful : prompt
  }

  // MARK: One exchange

  private mutating func send(_ step: Step, now: Instant) {
    guard let current else { return }
    let slave = slaves[current]
    let request: MBusRequest =
      switch step {
      case .reset, .deselect: .reset
      case .select(let fallback): .select(control: slave.selectControls[fallback ? 1 : 0])
      case .data: .data(frameCountBit: slave.frameCountBit)
      }
    let exchange = MBusExchange(request, to: slave.address, timing: timing, now: now)
    outputs.append(.send(exchange.request))
    phase = .waiting(exchange, for: step)
  }

  /// Handles a frame or a rejected piece, in any phase.
  private mutating func handle(_ piece: Framed, now: Instant) {
    guard case .waiting(_, let step) = phase, let current else {
      disturb()
      return reject(piece)
    }
    guard case .frame(let bytes) = piece else { return reject(piece) }
    do throws(DecodeError) {
      let frame = try MBusFrame(parsing: bytes.span)
      switch (step, frame) {
      case (.data, _):
        if let objection = slaves[current].address.objection(to: frame) { throw objection }
        accept(bytes, now: now)
      case (_, .acknowledge): acknowledged(step, now: now)
      default: throw DecodeError(.badFrame, at: 0, expected: 0xE5, found: Int(bytes[0]))
      }
    } catch {
      reject(.rejected(bytes, error))
    }
  }

  private mutating func acknowledged(_ step: Step, now: Instant) {
    guard let current else { return }
    lastHeard = now
    switch step {
    case .reset: pause(after: step, then: slaves[current].wasReset(acknowledged: true), now: now)
    case .select(let fallback):
      slaves[current].wasSelected(by: slaves[current].selectControls[fallback ? 1 : 0])
      pause(after: step, then: .data, now: now)
    case .data, .deselect: release(now: now)
    }
  }

  private mutating func accept(_ bytes: [UInt8], now: Instant) {
    guard let current else { return }
    lastHeard = now
    if slaves[current].accept(bytes) {
      return pause(after: .data, then: .data, now: now)
    }
    let wasSelected = slaves[current].isSelected
    outputs.append(.readout(meter: current, frames: slaves[current].succeed(now: now)))
    end(selection: wasSelected, now: now)
  }

  /// The slave did not answer, or its answer is unusable.
  private mutating func endWaiting(_ exchange: MBusExchange, for step: Step, now: Instant) {
    let rest = reader.append(LineInput(bytes: exchange.unfinishedEcho)) + reader.finish()
    for piece in rest { handle(piece, now: now) }
    guard case .waiting = phase, let current else { return }
    let isSilence = !exchange.isHeard && rest.isEmpty
    switch step {
    case .reset: pause(after: .reset, then: slaves[current].wasReset(acknowledged: false), now: now)
    case .select(fallback: false) where isSilence:
      pause(after: step, then: .select(fallback: true), now: now)
    case .select, .data: fail(at: step, now: now)
    case .deselect: release(now: now)
    }
  }

  private mutating func fail(at step: Step, now: Instant) {
    guard let current else { return }
    switch slaves[current].fail(at: step) {
    case .repeatNow: pause(after: step, then: step, now: now)
    case .repeatLater:
      slaves[current].yield(now: now)
      release(now: now)
    case .giveUp:
      let (tries, wasSelected) = (slaves[current].tries, slaves[current].isSelected)
      let rest = slaves[current].giveUp(now: now)
      if !rest.isEmpty { outputs.append(.readout(meter: current, frames: rest)) }
      outputs.append(.noAnswer(meter: current, tries: tries))
      doubtTheLine(now: now)
      end(selection: wasSelected, now: now)
    }
  }

  private mutating func doubtTheLine(now: Instant) {
    let shortest = slaves.map(\.interval).min() ?? 0
    guard now >= lastHeard + max(Milliseconds(shortest.count * 3), Limits.busSilence) else { return }
    outputs.append(.reopen(reason: "no meter on this bus has answered for \((now - lastHeard).count / 1000) s"))
    lastHeard = now
  }

  // MARK: Quiet

  private mutating func end(selection isSelected: Bool, now: Instant) {
    if isSelected { pause(after: .data, then: .deselect, now: now) } else { release(now: now) }
  }

  /// The bus goes to the next slave.
  private mutating func release(now: Instant) {
    current = nil
    pause(after: nil, then: nil, now: now)
  }

  private mutating func pause(after previous: Step?, then next: Step?, now: Instant) {
    let limit = now + timing.frame + timing.answer
    phase = .quiet(
      Quiet(until: now + timing.quiet, limit: limit, growth: timing.quiet, previous: previous, next: next))
  }

  private mutating func disturb() {
    guard case .quiet(var quiet) = phase else { return }
    quiet.isDisturbed = true
    phase = .quiet(quiet)
  }

  /// Bytes came in, and more may follow.
  private mutating func extend(now: Instant) {
    switch phase {
    case .closed, .idle: break
    case .waiting(var exchange, let step):
      exchange.extend(by: timing.gap, now: now)
      phase = .waiting(exchange, for: step)
    case .quiet(var quiet):
      quiet.until = min(max(quiet.until, now + quiet.growth), quiet.limit)
      phase = .quiet(quiet)
    }
  }

  private mutating func end(_ quiet: Quiet, now: Instant) {
    let rest = reader.finish()
    for piece in rest { reject(piece) }
    // Several slaves match an address that more than one E5 answers. Their data would collide.
    if case .select = quiet.previous, quiet.next == .data, quiet.isDisturbed || !rest.isEmpty {
      return fail(at: .select(fallback: true), now: now)
    }
    if let next = quiet.next { return send(next, now: now) }
    phase = .idle
    startNext(now: now)
  }

  private mutating func reject(_ piece: Framed) {
    let meter = current ?? (slaves.count == 1 ? 0 : nil)
    switch piece {
    case .frame(let bytes):
      let error = DecodeError(.noise, at: 0, found: bytes.count)
      outputs.append(.rejected(meter: meter, bytes: bytes, error: error))
    case .rejected(let bytes, let error): outputs.append(.rejected(meter: meter, bytes: bytes, error: error))
    }
  }
}
