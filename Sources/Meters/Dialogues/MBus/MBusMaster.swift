package import Base
internal import Decoders

/// The master of one M-Bus. It reads its slaves in turn, each at its own interval (EN 13757-2 and -3).
///
/// A readout is SND_NKE (or a selection), then REQ_UD2 until the last telegram. A slave with one telegram needs SND_NKE
/// only once. The master repeats a failed try with the same frame count bit. After three tries it sends SND_NKE and tries
/// a last time. Between two tries the bus goes to another slave that is due, first to one that answered last time. So a
/// silent slave rarely delays the others. On a dead line nothing is repeated until any slave answers.
package struct MBusMaster: Dialogue {
  /// A slave, as configured.
  package struct Slave: Sendable {
    package var address: MBusAddress
    /// Nil: the usual interval of the medium.
    package var interval: Milliseconds?
    package var polling: MBusPolling

    package init(address: MBusAddress, interval: Milliseconds? = nil, polling: MBusPolling = MBusPolling()) {
      self.address = address
      self.interval = interval
      self.polling = polling
    }
  }

  /// At the speed of now.
  var timing: MBusTiming
  let busTiming: MBusTiming
  /// The line of the bus; nil where no readout has a speed of its own.
  let busSettings: LineSettings?
  var pace = Pace.usual
  var afterSpeed = AfterSpeed.release
  /// Orders to take the speed of the bus again without an acknowledgement.
  var ordersBack = 0
  /// The readout is broken off.
  var isLeaving = false
  var slaves: [MBusSlaveState]
  var reader = LineReader(MBusFramer())
  var phase = Phase.closed
  /// The slave that has the bus.
  var current: Int?
  var lastAnswer: LastAnswer?
  var lastHeard = Instant(milliseconds: 0)
  var outputs: [DialogueOutput] = []
  /// The result of the readout that ends now; nil while it is under way.
  var hasAnswered: Bool?
  var line: MBusLineWatch
  /// For `bus`.
  var statistics: MBusStatistics
  private var lastWasDoubtful = false
  private var round: MBusRound
  /// When the current slave got the bus.
  private var busSince = Instant(milliseconds: 0)

  /// A slave that failed gives way to others for this long. Then it gets a turn among them.
  private static let patience = Milliseconds.minutes(1)
  /// The same in the first round, so that a missing meter is soon told even on a crowded bus.
  private static let firstPatience = Milliseconds.seconds(3)

  /// - Parameters:
  ///   - slaves: in the order of the configuration.
  ///   - timing: at the speed of the bus.
  ///   - line: its settings; nil where the program does not set them.
  package init(slaves: [Slave], timing: MBusTiming, line: LineSettings? = nil) {
    let canChange = line.flatMap { MBusCommand(baudRate: $0.baud) } != nil
    self.slaves = slaves.enumerated().map { MBusSlaveState($1, place: $0, takesSpeeds: canChange) }
    self.timing = timing
    busTiming = timing
    busSettings = line
    self.line = MBusLineWatch(meters: slaves.count)
    statistics = MBusStatistics(meters: slaves.count)
    round = MBusRound(meters: slaves.count)
  }

  // MARK: Events

  package mutating func opened(now: Instant) {
    for index in slaves.indices { slaves[index].opened(now: now) }
    current = nil
    hasAnswered = nil
    lastAnswer = nil
    lastHeard = now
    pace = .usual
    isLeaving = false
    timing = busTiming
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
    case .quiet, .tuning: break
    case .waiting(var exchange, let step):
      input = exchange.withoutEcho(input, now: now)
      phase = .waiting(exchange, for: step)
    }
    for piece in reader.append(input) { handle(piece, now: now) }
    extend(now: now)
  }

  package mutating func closed(now: Instant) {
    if case .waiting(let exchange, .data) = phase { decide(exchange.answers, now: now) }
    phase = .closed
    pace = .usual
    for piece in reader.finish() { reject(piece) }
    current = nil
    for index in slaves.indices {
      let rest = slaves[index].interrupted()
      if !rest.isEmpty { outputs.append(.readout(meter: index, frames: rest)) }
    }
  }

  package mutating func poll(meter: Int, now: Instant) -> Bool {
    guard slaves.indices.contains(meter) else { return false }
    if meter != current, slaves[meter].tries == 0, !slaves[meter].pollSoon(now: now) {
      outputs.append(.news(.readoutRefused(meter: meter)))
    }
    if case .idle = phase { startNext(now: now) }
    return true
  }

  package mutating func tick(now: Instant) {
    switch phase {
    case .closed, .tuning: return
    case .idle: startNext(now: now)
    case .waiting(let exchange, _): if now >= exchange.until { endWaiting(now: now) }
    case .quiet(let quiet): if now >= quiet.until { end(quiet, now: now) }
    }
    if let summary = round.summary(now: now) { outputs.append(.news(.round(summary))) }
  }

  package var deadline: Instant? {
    let next: Instant? =
      switch phase {
      case .closed, .tuning: nil
      case .idle: slaves.map(\.schedule.due).min()
      case .waiting(let exchange, _): exchange.until
      case .quiet(let quiet): quiet.until
      }
    return next.map { min($0, round.deadline ?? $0) }
  }

  package mutating func takeOutputs() -> [DialogueOutput] {
    defer { outputs = [] }
    statistics.note(outputs)
    return outputs
  }

  package var bus: MBusStatistics? {
    var statistics = statistics
    statistics.condition = line.condition
    statistics.missing = slaves.count(where: \.hasFailed)
    statistics.round = round.time
    return statistics
  }

  // MARK: Whose turn it is

  private mutating func startNext(now: Instant) {
    guard let index = next(now: now) else { return }
    current = index
    busSince = now
    lastWasDoubtful = slaves[index].isDoubtful
    if let step = slaves[index].seek() { return speedUp(then: step, seeking: true) }
    send(slaves[index].start(now: now), now: now)
  }

  private func next(now: Instant) -> Int? {
    var prompt: Int?
    var doubtful: Int?
    for (index, slave) in slaves.enumerated() where slave.schedule.due <= now {
      func isBefore(_ other: Int?) -> Bool {
        other.map { slave.schedule.waitingSince < slaves[$0].schedule.waitingSince } ?? true
      }
      if slave.isDoubtful {
        if isBefore(doubtful) { doubtful = index }
      } else if isBefore(prompt) {
        prompt = index
      }
    }
    guard let prompt, let doubtful else { return prompt ?? doubtful }
    let patience = slaves[doubtful].hasResult ? Self.patience : Self.firstPatience
    let hasWaited = now >= slaves[doubtful].schedule.waitingSince + patience
    return hasWaited && !lastWasDoubtful ? doubtful : prompt
  }

  // MARK: Quiet

  mutating func end(selection isSelected: Bool, now: Instant) {
    if pace == .fast {
      afterSpeed = isSelected ? .deselect : .release
      return orderBack(after: .data, now: now)
    }
    if isSelected { pause(after: .data, then: .deselect, now: now) } else { release(now: now) }
  }

  /// The bus goes to the next slave.
  mutating func release(now: Instant) {
    if let current { round.gaveBack(current, after: now - busSince, answered: hasAnswered, now: now) }
    hasAnswered = nil
    current = nil
    pause(after: nil, then: nil, now: now)
  }

  mutating func pause(after previous: Step?, then next: Step?, now: Instant) {
    let pause = next == nil ? timing.quiet : max(timing.quiet, current.map { slaves[$0].polling.pause } ?? 0)
    let limit = now + pause + timing.frame + timing.answer
    phase = .quiet(
      Quiet(until: now + pause, limit: limit, growth: timing.quiet, previous: previous, next: next))
  }

  mutating func disturb() {
    guard case .quiet(var quiet) = phase else { return }
    quiet.isDisturbed = true
    phase = .quiet(quiet)
  }

  /// Bytes came in, and more may follow.
  private mutating func extend(now: Instant) {
    switch phase {
    case .closed, .idle, .tuning: break
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
    if case .select = quiet.previous, quiet.next?.isSelect == false, quiet.isDisturbed || !rest.isEmpty {
      return pace == .seeking ? slowDown() : fail(at: .select(0), .damage, now: now)
    }
    if let next = quiet.next { return send(next, now: now) }
    phase = .idle
    startNext(now: now)
  }
}
