internal import Base
internal import Decoders

/// The line of a receiver of wireless M-Bus: finds out which one it is, sets it up, and takes the telegrams out of its framing.
///
/// First it listens: some receivers write lines of text by themselves. Then it asks for those that take commands, each at its
/// own speed. The one that answers is set up, again after a long silence, and first of all on the next connection. Where
/// none answers, lines and frames are taken as they come.
struct ReceiverSession: Sendable {
  struct Settings: Sendable {
    var reception = WirelessReception()
    /// The line as it is opened.
    var line = LineSettings(baud: 57_600, dataBits: 8, parity: .none, stopBits: 1)
    /// Whether the line is configured, so that every receiver is asked at its speed.
    var isLineFixed = false
    var isOverNetwork = false
    /// Whether the source takes bytes.
    var canAsk = false
    /// Whether the program sets the line.
    var canTune = false
  }

  enum Phase: Equatable { case closed, listening, tuning, asking, working }

  let settings: Settings
  var phase = Phase.closed
  /// When the phase is over, and while it works: when the receiver is asked whether it still answers. Nil for never.
  var until: Instant?
  /// The line as it is now, and as it was ordered.
  var line: LineSettings
  var ordered: LineSettings?
  /// The receiver that is asked or works; nil for one that takes no commands.
  var stick: (any WirelessStick)?
  var kind = WirelessReception.Receiver.auto
  /// Those still to be asked.
  var candidates: [WirelessReception.Receiver] = []
  /// The receiver of the connection before.
  var known: WirelessReception.Receiver?
  /// Whether the receiver that is asked has answered, now or before.
  var isCertain = false
  var tries = 0
  /// Failed set-ups in a row.
  var failures = 0
  var input: WirelessInput
  /// What came until the receiver is known.
  var heard: [UInt8] = []
  /// What a receiver that is not certain yet seems to have sent.
  var held: [WirelessStickPiece] = []
  /// What was told of the receiver.
  private var told: String?
  /// Whether it has refused to be set up.
  private var isRefused = false
  private var pieces: [WirelessInput.Piece] = []
  var outputs: [DialogueOutput] = []

  init(_ settings: Settings) {
    self.settings = settings
    line = settings.line
    input = WirelessInput(Self.form(settings.reception.receiver))
  }

  private static func form(_ receiver: WirelessReception.Receiver) -> WirelessInput.Form? {
    switch receiver {
    case .lines: .lines
    case .frames: .frames
    default: nil
    }
  }

  // MARK: Events

  mutating func opened(now: Instant) {
    line = settings.line
    if takesCommands { search(now: now) } else { enter(.working, until: nil) }
  }

  mutating func received(_ bytes: [UInt8], now: Instant) {
    switch phase {
    case .closed: take(input.append(bytes))
    case .listening:
      hear(bytes, now: now)
      settleOnHeard(isQuiet: false, now: now)
    case .tuning: hear(bytes, now: now)
    case .asking:
      if !isCertain { hear(bytes, now: now) }
      if let pieces = stick?.append(bytes) { handle(pieces, now: now) }
    case .working:
      guard let pieces = stick?.append(bytes) else { return takeWritten(input.append(bytes)) }
      if until != nil { until = now + Limits.receiverCheck }
      handle(pieces, now: now)
    }
  }

  /// The line is quiet: what has no end is over.
  mutating func quiet(now: Instant) {
    switch phase {
    case .closed, .tuning: break
    case .listening: settleOnHeard(isQuiet: true, now: now)
    case .asking, .working:
      if let pieces = stick?.finish() { handle(pieces, now: now) } else { takeWritten(input.finish()) }
    }
  }

  mutating func tuned(_ isDone: Bool, now: Instant) {
    guard phase == .tuning else { return }
    if isDone, let ordered { line = ordered }
    ordered = nil
    if stick == nil { work(now: now) } else { carryOutStep(now: now) }
  }

  mutating func tick(now: Instant) {
    guard let end = until, now >= end else { return }
    switch phase {
    case .closed: until = nil
    case .listening: askNext(now: now)
    case .tuning: tuned(false, now: now)
    case .asking: askAgain(now: now)
    case .working: check(now: now)
    }
  }

  mutating func closed(now: Instant) {
    quiet(now: now)
    if let pieces = stick?.close() { handle(pieces, now: now) }
    takeHeard()
    enter(.closed, until: nil)
    stick = nil
    take(input.finish())
  }

  mutating func takePieces() -> [WirelessInput.Piece] {
    defer { pieces.removeAll(keepingCapacity: true) }
    return pieces
  }

  mutating func takeOutputs() -> [DialogueOutput] {
    defer { outputs.removeAll(keepingCapacity: true) }
    return outputs
  }

  // MARK: What came

  /// Whether it is asked at all.
  var takesCommands: Bool {
    settings.canAsk && settings.reception.receiver != .lines && settings.reception.receiver != .frames
  }

  mutating func enter(_ phase: Phase, until: Instant?) {
    self.phase = phase
    self.until = until
  }

  /// Keeps bytes until the receiver is known.
  private mutating func hear(_ bytes: [UInt8], now: Instant) {
    heard += bytes
    if heard.count >= Limits.frameBytes, takeHeard(), settings.reception.receiver == .auto { settle(now: now) }
  }

  mutating func take(_ pieces: [WirelessInput.Piece]) { self.pieces += pieces }

  /// Pieces of a receiver that takes no commands.
  private mutating func takeWritten(_ pieces: [WirelessInput.Piece]) {
    // A telegram shows that it does not need any.
    if pieces.contains(where: \.isFrame) { until = nil }
    take(pieces)
  }

  /// Takes what was heard as lines and frames.
  ///
  /// - Returns: whether there is a telegram.
  @discardableResult
  mutating func takeHeard() -> Bool {
    guard !heard.isEmpty else { return false }
    // Lines of a CUL do not settle it before the CUL was asked.
    let isOfCUL = heard.first { $0 > 0x20 } == UInt8(ascii: "b") && heard.allSatisfy(WirelessInput.isText)
    let mayBeSet = isOfCUL && (kind == .cul || candidates.contains(.cul))
    var input = WirelessInput()
    let found = input.append(heard) + input.finish()
    heard = []
    held = []
    take(found)
    return !mayBeSet && found.contains(where: \.isFrame)
  }

  /// Ends the search if what was heard so far is from a receiver that takes no commands. Lines of a CUL are not; frames may be those of
  /// another stick, unless a network is between.
  private mutating func settleOnHeard(isQuiet: Bool, now: Instant) {
    guard settings.reception.receiver == .auto, known == nil, let first = heard.first(where: { $0 > 0x20 }) else {
      return
    }
    let isText = heard.allSatisfy(WirelessInput.isText)
    guard isText ? first | 0x20 != UInt8(ascii: "b") : !settings.canTune else { return }
    var input = WirelessInput()
    var found = input.append(heard)
    if isQuiet { found += input.finish() }
    guard found.contains(where: \.isFrame) else { return }
    heard = []
    take(found)
    self.input = input
    settle(now: now)
  }

  /// Telegrams come without any command.
  mutating func settle(now: Instant) {
    work(now: now)
    until = nil
  }

  mutating func handle(_ pieces: [WirelessStickPiece], now: Instant) {
    for piece in pieces {
      switch piece {
      case .frame, .rejected: if isCertain { give(piece) } else if held.count < Limits.frameBytes { held.append(piece) }
      case .answered:
        becomeCertain()
        if phase == .asking { carryOutStep(now: now) }
      case .refused(let trouble):
        becomeCertain()
        outputs.append(.news(.receiverTrouble(trouble)))
        isRefused = true
        if phase == .asking { carryOutStep(now: now) }
      case .remark(let trouble): outputs.append(.news(.receiverTrouble(trouble)))
      }
    }
  }

  private mutating func becomeCertain() {
    isCertain = true
    held.forEach { give($0) }
    (heard, held) = ([], [])
  }

  private mutating func give(_ piece: WirelessStickPiece) {
    switch piece {
    case .frame(let bytes, let strength): take([.frame(bytes, signalStrength: strength)])
    case .rejected(let bytes, let error): take([.rejected(bytes, error)])
    case .answered, .refused, .remark: break
    }
  }

  /// The set-up is complete.
  mutating func finishSetUp(now: Instant) {
    guard let stick else { return }
    failures = 0
    known = kind
    enter(.working, until: now + Limits.receiverCheck)
    let text = "found the receiver \(stick.name), which hears \(stick.hears)"
    defer { isRefused = false }
    if !isRefused, isNew(text) { outputs.append(.news(.receiver(text))) }
  }

  /// Whether the log does not say so already.
  mutating func isNew(_ text: String) -> Bool {
    defer { told = text }
    return told != text
  }

  /// Takes lines and frames as they come, until a long silence.
  mutating func work(now: Instant) {
    stick = nil
    enter(.working, until: takesCommands ? now + Limits.receiverCheck : nil)
  }
}

extension WirelessInput.Piece {
  var isFrame: Bool { if case .frame = self { true } else { false } }
}
