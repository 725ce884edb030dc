package import Base
internal import Decoders

/// Finds the meters of an M-Bus: at primary addresses, and by a search of secondary ones.
///
/// Events go in with their time, and outputs come out. It is no `Dialogue`: it has no meters yet.
package struct MBusScan: Sendable {
  package struct Settings: Equatable, Sendable {
    /// In bits a second, in the order in which they are tried; at least one.
    package var speeds = [2400]
    /// Whether every speed is searched, not only the first at which something answers.
    package var searchesAllSpeeds = false
    /// Whether primary addresses are left out.
    package var isSecondaryOnly = false
    package var overNetwork = false

    package init() {}
  }

  package enum Output: Equatable, Sendable {
    case send([UInt8])
    /// The line shall be opened again at this speed.
    case tune(Int)
    case found(ScannedMeter)
    case exchanged(ScanRecord)
    case finished
  }

  /// Why a scan found nothing, or stopped.
  package enum Trouble: Equatable, Sendable {
    /// Not a byte came back.
    case silence
    /// Bytes came back, but never an answer.
    case onlyDamage
    /// Every request was answered by garbage.
    case allDamaged
  }

  private enum Stage {
    /// Whether something answers at this speed.
    case presence([ScanRequest])
    case primary(PrimaryScan)
    case secondary(SecondarySearch)
    case finished
  }

  private enum Phase {
    case closed
    /// The line is being opened at another speed.
    case tuning
    case waiting(ScanExchange)
    /// Even a line that is never quiet comes to its limit.
    case quiet(until: Instant, limit: Instant)
    case finished
  }

  package private(set) var findings: ScanFindings
  /// Requests so far, those of an earlier run too.
  package private(set) var requests = ScanCounts()
  package private(set) var trouble: Trouble?

  private let settings: Settings
  private var speed = 0
  private var stage: Stage
  private var phase = Phase.closed
  /// The speed of the open line.
  private var tuned: Int?
  private var echoes = false
  private var outputs: [Output] = []
  /// Exchanges of an earlier run, which are not repeated.
  private var replay: Queue<ScanRecord>
  /// Meters that were reported.
  private var reported = 0
  /// Nothing answered at any speed, so that the first one is scanned nevertheless.
  private var isLastResort = false

  /// What slaves take beyond the time of the standard.
  private static let margin = Milliseconds(200)
  /// Damaged answers after which a line is bad, if there is neither a clean answer nor silence.
  private static let enoughDamage = 24
  /// The same if there is silence.
  private static let mostDamage = 200

  /// - Parameters:
  ///   - settings: what is searched.
  ///   - replay: the exchanges of an earlier run with the same settings, in order.
  package init(_ settings: Settings, replay: [ScanRecord] = []) {
    self.settings = settings
    findings = ScanFindings(baud: settings.speeds[0])
    self.replay = Queue()
    for record in replay { self.replay.append(record) }
    stage = settings.speeds.count > 1 ? .presence(Self.presence) : Self.first(settings)
  }

  /// Every slave answers to a selection with wildcards only, and at the test address.
  private static let presence: [ScanRequest] = [
    .select(SelectionMask()), .reset(MBusAddress.test), .select(SelectionMask()), .reset(MBusAddress.test),
  ]

  private static func first(_ settings: Settings) -> Stage {
    settings.isSecondaryOnly ? .secondary(SecondarySearch()) : .primary(PrimaryScan())
  }

  /// The speed that the line shall have, in bits a second.
  package var baud: Int { settings.speeds[speed] }

  // MARK: Events

  /// The line is open at the speed of `baud`.
  package mutating func opened(now: Instant) {
    tuned = baud
    goOn(now: now)
  }

  package mutating func received(_ input: LineInput, now: Instant) {
    switch phase {
    case .waiting(var exchange):
      exchange.received(input, now: now)
      phase = .waiting(exchange)
    // The rest of an answer: the bus shall be quiet before the next request.
    case .quiet(let until, let limit):
      phase = .quiet(until: min(limit, max(until, now + timing.gap)), limit: limit)
    case .closed, .tuning, .finished: break
    }
  }

  package mutating func tick(now: Instant) {
    switch phase {
    case .waiting(let exchange) where now >= exchange.until:
      let answer = exchange.answer(&echoes)
      outputs.append(.exchanged(ScanRecord(request: exchange.request.bytes, answer: answer.bytes)))
      take(answer, to: exchange.request)
      phase = .quiet(until: now + timing.quiet, limit: now + timing.quiet + timing.frame)
    case .quiet(let until, _) where now >= until: goOn(now: now)
    default: break
    }
  }

  /// When `tick` is due; nil for never.
  package var deadline: Instant? {
    switch phase {
    case .waiting(let exchange): exchange.until
    case .quiet(let until, _): until
    case .closed, .tuning, .finished: nil
    }
  }

  package mutating func takeOutputs() -> [Output] {
    defer { outputs.removeAll(keepingCapacity: true) }
    return outputs
  }

  package var isFinished: Bool { if case .finished = phase { true } else { false } }

  private var timing: ScanTiming { ScanTiming(baud: baud, overNetwork: settings.overNetwork, margin: Self.margin) }

  // MARK: The next request

  private mutating func goOn(now: Instant) {
    while let request = next() {
      if let record = replay.first, record.request == request.bytes {
        _ = replay.popFirst()
        requests.count(request)
        take(ScanAnswer(record.answer), to: request)
        continue
      }
      // From here on the earlier run went another way.
      replay = Queue()
      guard tuned == baud else {
        outputs.append(.tune(baud))
        phase = .tuning
        return
      }
      requests.count(request)
      let exchange = ScanExchange(request, timing: timing, echoes: echoes, now: now)
      outputs.append(.send(request.bytes))
      phase = .waiting(exchange)
      return
    }
    phase = .finished
    outputs.append(.finished)
  }

  private mutating func next() -> ScanRequest? {
    while true {
      switch stage {
      case .presence(let rest):
        if let request = rest.first { return request }
        nextSpeed()
      case .primary(var scan):
        let request = scan.next(findings)
        stage = .primary(scan)
        if let request { return request }
        if needsSearch { stage = .secondary(SecondarySearch()) } else { endSpeed() }
      case .secondary(var search):
        let request = search.next(&findings)
        stage = .secondary(search)
        if let request { return request }
        endSpeed()
      case .finished: return nil
      }
    }
  }

  private mutating func take(_ answer: ScanAnswer, to request: ScanRequest) {
    requests.count(answer)
    switch stage {
    case .presence(let rest):
      stage = answer == .silence ? .presence(Array(rest.dropFirst())) : Self.first(settings)
    case .primary(var scan):
      scan.take(answer, &findings)
      stage = .primary(scan)
    case .secondary(var search):
      search.take(answer, &findings)
      stage = .secondary(search)
    case .finished: break
    }
    for meter in findings.meters.dropFirst(reported) { outputs.append(.found(meter)) }
    reported = findings.meters.count
    // Slaves that collide are not alone: others are silent, or acknowledge as one.
    let most = requests.silent == 0 ? Self.enoughDamage : Self.mostDamage
    if requests.clean == 0, requests.damaged >= most { doubtTheLine() }
  }

  /// Two meters or more that each have an address of their own are all that there are.
  private var needsSearch: Bool { !findings.shared.isEmpty || findings.meters.count < 2 }

  // MARK: Speeds

  private mutating func use(_ place: Int) {
    speed = place
    findings.baud = baud
    requests.begin()
  }

  private mutating func endSpeed() {
    if settings.searchesAllSpeeds || findings.meters.isEmpty && requests.clean == 0 { nextSpeed() } else { finish() }
  }

  private mutating func nextSpeed() {
    if speed + 1 < settings.speeds.count {
      use(speed + 1)
      stage = .presence(Self.presence)
    } else if requests.answeredAtAll == 0, settings.speeds.count > 1, !settings.isSecondaryOnly, !isLastResort {
      // Old slaves know neither selections nor the test address.
      isLastResort = true
      use(0)
      stage = .primary(PrimaryScan())
    } else {
      finish()
    }
  }

  private mutating func doubtTheLine() {
    trouble = requests.silent == 0 ? .allDamaged : .onlyDamage
    findings.forgetCollisions()
    if speed + 1 < settings.speeds.count, findings.meters.isEmpty { nextSpeed() } else { stage = .finished }
  }

  private mutating func finish() {
    stage = .finished
    guard findings.meters.isEmpty else {
      trouble = nil
      return
    }
    if requests.answeredAtAll == 0 { trouble = .silence } else if requests.clean == 0 { trouble = .onlyDamage }
  }

  // MARK: Progress

  /// What is going on, and the part of it that is done, from 0 to 1.
  package var progress: (text: String, part: Double) {
    switch stage {
    case .presence: ("listening at \(baud) baud", 0)
    case .primary(let scan): ("primary addresses at \(baud) baud", scan.progress)
    case .secondary(let search): ("secondary addresses at \(baud) baud", search.progress)
    case .finished: ("finished", 1)
    }
  }
}
