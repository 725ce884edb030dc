package import Base
package import Decoders

/// The dialogue with one meter at an optical head (IEC 62056-21): it asks in modes A, B and C, and listens in mode D.
///
/// A request goes out at the speed of the line, mostly 300 Bd. The identification tells what follows: data at once (A), data at
/// a speed that both change to (B), or a wait for the choice of a speed (C). A damaged block is asked for once more. What works
/// is remembered: that a meter stays at 300 Bd, and that it has to be woken.
package struct D0Session: Dialogue {
  package struct Settings: Sendable {
    package var polling = D0Polling()
    /// Nil: that of the medium.
    package var interval: Milliseconds?
    /// The line as it is opened, for requests.
    package var line: LineSettings
    /// Whether the line is configured, so that a meter that pushes is heard with it too.
    package var isLineFixed = false
    package var isOverNetwork = false
    /// Whether the program sets the line.
    package var canTune = true

    package init(line: LineSettings) { self.line = line }
  }

  enum Phase: Equatable {
    case closed
    case idle
    /// A meter may push.
    case listening
    /// NULs are on their way.
    case waking
    /// For an identification.
    case asking
    /// The meter's reaction time passes before the choice of a speed.
    case reacting
    /// The choice is on its way.
    case choosing
    /// The line changes its settings.
    case tuning(Next)
    case data
    /// Silence behind a damaged block before it is asked for again.
    case repeating
    /// Silence behind a readout.
    case resting
  }

  /// What follows a change of the line.
  enum Next: Equatable { case listening, data, idle, asking }

  let settings: Settings
  var memory = D0Memory()
  var phase = Phase.closed
  /// When the phase is over; nil for never.
  var until: Instant?
  /// The line as it is now.
  var line: LineSettings
  var readout = D0Readout()
  var reader = LineReader(D0Framer())
  var echo = D0EchoWait()
  var listener: Listener?
  var isPushing = false
  var outputs: [DialogueOutput] = []
  private(set) var due = Instant(milliseconds: 0)
  /// When bytes outside of a readout are over.
  private var strayUntil: Instant?
  private var asked = AskedReadouts()

  package init(_ settings: Settings) {
    self.settings = settings
    line = settings.line
  }

  // MARK: Events

  package mutating func opened(now: Instant) {
    line = settings.line
    echo = D0EchoWait()
    isPushing = false
    due = now
    listensFirst ? listen(now: now) : tune(home, then: .asking, now: now)
  }

  package mutating func received(_ input: LineInput, now: Instant) {
    switch phase {
    case .closed: return
    case .listening: return hear(input, now: now)
    default: break
    }
    let input = echo.rest(of: input)
    if echo.hasCome { readout.hasEcho = true }
    guard !input.bytes.isEmpty else { return }
    switch phase {
    case .asking: identify(input, now: now)
    case .data, .repeating: take(input, now: now)
    default:
      hand(reader.append(input), now: now)
      strayUntil = now + gap
    }
  }

  package mutating func tuned(_ isDone: Bool, now: Instant) {
    guard case .tuning(let next) = phase else { return }
    if isDone, let wanted = readout.wanted { line = wanted }
    // The meter changes its speed all the same: next time it stays.
    if !isDone, next == .data { memory.rateLimit = line.baud }
    readout.wanted = nil
    follow(next, now: now)
  }

  package mutating func closed(now: Instant) {
    listener?.closed(now: now)
    takeListened(now: now)
    listener = nil
    phase = .closed
    until = nil
    reject(readout.unused, .noise)
    reject(readout.heard, .truncated)
    hand(reader.finish(), now: now)
    readout = D0Readout()
  }

  package mutating func poll(meter: Int, now: Instant) -> Bool {
    guard !isPushing, settings.polling.mode != .push else { return false }
    guard phase == .idle, due > now else { return true }
    guard asked.take(interval: interval, now: now) else {
      outputs.append(.news(.readoutRefused(meter: 0)))
      return true
    }
    begin(now: now)
    return true
  }

  package mutating func tick(now: Instant) {
    if phase == .listening {
      listener?.tick(now: now)
      takeListened(now: now)
    }
    if let strayUntil, now >= strayUntil {
      self.strayUntil = nil
      if phase == .idle || phase == .resting { hand(reader.finish(), now: now) }
    }
    guard let end = phase == .idle ? due : until, now >= end else { return }
    switch phase {
    case .closed: break
    case .idle: begin(now: now)
    case .listening: endListening(now: now)
    case .waking: ask(now: now)
    case .asking: askAgain(now: now)
    case .reacting: choose(now: now)
    case .choosing: tune(baud: readout.rate, then: .data, now: now)
    case .tuning: tuned(false, now: now)
    case .data: endData(now: now)
    case .repeating: askForBlock(now: now)
    case .resting: rest(now: now)
    }
  }

  package var deadline: Instant? {
    let own: Instant? = phase == .closed ? nil : phase == .idle ? due : until
    let others = phase == .listening ? listener?.deadline : phase == .idle || phase == .resting ? strayUntil : nil
    guard let own, let others else { return own ?? others }
    return min(own, others)
  }

  package mutating func takeOutputs() -> [DialogueOutput] {
    defer { outputs.removeAll(keepingCapacity: true) }
    return outputs
  }

  /// The line for requests.
  var home: LineSettings { memory.home ?? settings.line }

  // MARK: Time

  var gap: Milliseconds { D0Timing.gap(overNetwork: settings.isOverNetwork) }

  /// How long an answer may take: a gateway adds its own time.
  var answerTime: Milliseconds { settings.isOverNetwork ? D0Timing.answerOverNetwork : D0Timing.answer }

  var interval: Milliseconds {
    settings.interval ?? memory.interval ?? Self.usualInterval(for: wakes == .none ? .electricity : .heat)
  }

  /// 60 s for electricity from the mains. Other meters run on a battery, and each readout uses it up: 15 min.
  package static func usualInterval(for medium: Medium) -> Milliseconds {
    medium == .electricity ? .seconds(60) : .minutes(15)
  }

  mutating func enter(_ phase: Phase, until: Instant?) {
    self.phase = phase
    self.until = until
  }

  /// The readout is over. The next one is due an interval after this one was; after failures a battery is spared too.
  private mutating func rest(now: Instant) {
    hand(reader.finish(), now: now)
    strayUntil = nil
    let isGood = readout.isGood
    let pause = isGood || memory.failures > 2 ? interval : min(interval, .minutes(1))
    // Until a meter forgets its session it may not hear a request.
    let isOpen = readout.isChosen && !isGood && !readout.isDamaged
    due = max(readout.started + pause, isOpen ? now + D0Timing.forgetting : now)
    readout = D0Readout()
    tune(home, then: .idle, now: now)
  }
}
