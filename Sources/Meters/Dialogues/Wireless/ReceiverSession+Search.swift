internal import Base

/// Asking: who the receiver is, and what it is to do.
extension ReceiverSession {
  /// Begins anew on an open line.
  mutating func search(now: Instant) {
    let isSearching = settings.reception.receiver == .auto
    candidates = isSearching ? WirelessReception.Receiver.asked : [settings.reception.receiver]
    if isSearching, let known { candidates = [known] + candidates.filter { $0 != known } }
    stick = nil
    isCertain = false
    tries = 0
    input = WirelessInput()
    var wait = failures == 0 ? Milliseconds(0) : min(Limits.receiverPause, .seconds(1 << Int64(min(failures, 6))))
    if isSearching, known == nil {
      wait = max(wait, settings.isOverNetwork ? Limits.receiverListeningOverNetwork : Limits.receiverListening)
    }
    if wait > 0 { enter(.listening, until: now + wait) } else { askNext(now: now) }
  }

  /// Asks for the next receiver, at its speed.
  mutating func askNext(now: Instant) {
    guard !candidates.isEmpty else { return endSearch(now: now) }
    kind = candidates.removeFirst()
    tries = 0
    // Who is named, or was here before, is not taken for another one.
    isCertain = settings.reception.receiver != .auto
    let wanted = settings.isLineFixed || !settings.canTune ? line : Self.line(kind.speed)
    guard wanted == line else {
      if takeHeard(), !isCertain { return settle(now: now) }
      stick = kind.stick(settings.reception.mode)
      return tune(wanted, now: now)
    }
    stick = kind.stick(settings.reception.mode)
    held = []
    if !heard.isEmpty, let pieces = stick?.append(heard) { handle(pieces, now: now) }
    if isCertain { heard = [] }
    carryOutStep(now: now)
  }

  private static func line(_ baud: Int) -> LineSettings {
    LineSettings(baud: baud, dataBits: 8, parity: .none, stopBits: 1)
  }

  private mutating func tune(_ line: LineSettings, now: Instant) {
    ordered = line
    enter(.tuning, until: now + Limits.comPortSetup + .seconds(1))
    outputs.append(.tune(line))
  }

  /// Sends what is next.
  mutating func carryOutStep(now: Instant) {
    while true {
      switch stick?.step {
      case nil: return
      case .done: return finishSetUp(now: now)
      case .tell(let bytes):
        outputs.append(.send(bytes))
        stick?.told()
      case .ask(let bytes):
        outputs.append(.send(bytes))
        let patience = settings.isOverNetwork ? Limits.receiverAnswerOverNetwork : Limits.receiverAnswer
        return enter(.asking, until: now + line.transmission(of: bytes.count) + patience)
      }
    }
  }

  /// No answer came.
  mutating func askAgain(now: Instant) {
    tries += 1
    if tries < (isCertain ? Limits.knownReceiverTries : Limits.receiverTries) {
      stick?.begin()
      return carryOutStep(now: now)
    }
    guard isCertain else { return askNext(now: now) }
    failures += 1
    known = nil
    // Until the line is opened again, it may still hear.
    enter(.working, until: nil)
    let name = stick?.name ?? ""
    outputs.append(
      .reopen(reason: "the receiver \(name) does not answer at \(line); `receiver: auto` asks for others"))
  }

  /// After a long silence.
  mutating func check(now: Instant) {
    tries = 0
    guard stick != nil else { return search(now: now) }
    isCertain = true
    stick?.begin()
    carryOutStep(now: now)
  }

  /// None has answered.
  private mutating func endSearch(now: Instant) {
    if takeHeard() { return settle(now: now) }
    known = nil
    let trouble = ReceiverTrouble.nothingAnswers(line: settings.line.description)
    if isNew("\(trouble)") { outputs.append(.news(.receiverTrouble(trouble))) }
    stick = nil
    if line == settings.line { work(now: now) } else { tune(settings.line, now: now) }
  }
}

extension WirelessReception.Receiver {
  /// The factory's, in bits a second.
  fileprivate var speed: Int {
    switch self {
    case .amb8465: AMB8465.baud
    case .cul: CULStick.baud
    case .rc1180: RC1180.baud
    case .im871a, .auto, .lines, .frames: IM871A.baud
    }
  }
}
