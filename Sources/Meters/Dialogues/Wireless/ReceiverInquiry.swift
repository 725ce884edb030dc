package import Base
internal import Decoders

/// Finds out whether a receiver of wireless M-Bus that takes commands is on a line, sets it up as the program does, and
/// listens for a while to what is in the air.
package struct ReceiverInquiry: Inquiry {
  private var session: ReceiverSession
  private var actions: [ConversationAction] = []
  /// The receiver, in words; nil until it has answered.
  private var found: String?
  private var frames: [[UInt8]] = []
  /// When it has listened long enough; nil before there is a receiver.
  private var until: Instant?
  package private(set) var isDone = false
  package private(set) var answer: InquiryAnswer?

  /// - Parameters:
  ///   - line: the line as it is opened.
  ///   - isOverNetwork: whether a gateway has the line.
  ///   - canTune: whether the program sets its speed.
  package init(line: LineSettings, isOverNetwork: Bool, canTune: Bool) {
    var settings = ReceiverSession.Settings()
    settings.line = line
    (settings.isOverNetwork, settings.canAsk, settings.canTune) = (isOverNetwork, true, canTune)
    session = ReceiverSession(settings)
  }

  package var deadline: Instant? { isDone ? nil : [until, session.until].compactMap(\.self).min() }

  package mutating func opened(now: Instant) {
    session.opened(now: now)
    take(now: now)
  }

  package mutating func tuned(_ isDone: Bool, now: Instant) {
    session.tuned(isDone, now: now)
    take(now: now)
  }

  package mutating func received(_ input: LineInput, now: Instant) {
    session.received(input.bytes, now: now)
    take(now: now)
  }

  package mutating func tick(now: Instant) {
    session.tick(now: now)
    take(now: now)
    guard let until, now >= until else { return }
    session.quiet(now: now)
    take(now: now)
    end(found.map { .receiver($0, frames: frames) })
  }

  package mutating func takeActions() -> [ConversationAction] {
    defer { actions = [] }
    return actions
  }

  private mutating func take(now: Instant) {
    for case .frame(let bytes, _) in session.takePieces() where frames.count < Limits.wirelessStrangers {
      frames.append(bytes)
    }
    for output in session.takeOutputs() {
      switch output {
      case .send(let bytes): actions.append(.send(bytes))
      case .tune(let line): actions.append(.tune(line))
      case .news(.receiver(let text)):
        found = text
        until = now + Limits.receiverHearing
      case .news(.receiverTrouble(.nothingAnswers)), .reopen: end(nil)
      case .news(.receiverTrouble(.hearsOnlyT1)), .news(.receiverTrouble(.cutsTelegrams)): break
      case .news(.receiverTrouble(let trouble)): end(.unsupported("\(trouble)"))
      default: break
      }
    }
    // Telegrams that come by themselves have ended the search.
    if !isDone, until == nil, session.phase == .working {
      found = "a receiver that writes by itself"
      until = now + Limits.receiverHearing
    }
  }

  private mutating func end(_ answer: InquiryAnswer?) {
    self.answer = self.answer ?? answer
    isDone = true
  }
}
