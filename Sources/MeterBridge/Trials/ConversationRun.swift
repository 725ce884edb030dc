internal import Base
internal import Meters
internal import Platform

/// Holds one conversation on a source, until it ends, the source is lost or the user presses Ctrl-C.
struct ConversationRun {
  enum Ending: Equatable {
    case done
    /// The source cannot be read.
    case failed(String)
    case interrupted
  }

  let address: SourceAddress
  let lookup: LookupThread?
  /// Nil to let a signal end the program.
  let signals: Signals?
  /// Tells a step of the conversation.
  let tell: (String) -> Void

  func run(_ conversation: inout some Conversation, with line: LineSettings) -> Ending {
    var transport = address.transport(
      line: line, interval: HTTPSource.usualInterval, lookup: lookup, fetcher: nil)
    defer { transport.close() }
    do throws(SourceError) {
      try open(&transport, &conversation)
      while true {
        try carryOut(&conversation, &transport)
        if conversation.isDone, transport.hasSentAll { return .done }
        if signals?.take().contains(.end) ?? false { return .interrupted }
        try step(&conversation, &transport)
      }
    } catch { return .failed(error.reason) }
  }

  private func open(
    _ transport: inout any Transport, _ conversation: inout some Conversation
  ) throws(SourceError) {
    let now = Clock.now()
    if try transport.open(now: now) == .opened { conversation.opened(now: now) }
  }

  private func step(
    _ conversation: inout some Conversation, _ transport: inout any Transport
  ) throws(SourceError) {
    var polled = PollSet()
    if let signals { polled.add(PollInterest(descriptor: signals.descriptor, readiness: .readable)) }
    let token = transport.interest.map { polled.add($0) }
    let next = [conversation.deadline, transport.deadline].compactMap(\.self).min()
    polled.wait(atMost: next.map { $0 - Clock.now() })
    let now = Clock.now()
    switch try transport.service(polled.readiness(of: token), now: now) {
    case .opened: conversation.opened(now: now)
    case .bytes(let input): conversation.received(input, now: now)
    case .warning(let text): tell(text)
    case .tuned(let refusal): tuned(refusal, &conversation, now: now)
    case .message, .left, .unchanged, .ended, nil: break
    }
    conversation.tick(now: now)
  }

  private func carryOut(
    _ conversation: inout some Conversation, _ transport: inout any Transport
  ) throws(SourceError) {
    for action in conversation.takeActions() {
      switch action {
      case .send(let bytes): try transport.send(bytes, now: Clock.now())
      case .progress(let text): tell(text)
      case .tune(let line):
        let now = Clock.now()
        if !transport.tune(line, now: now) { tuned(address.fixedLine, &conversation, now: now) }
      }
    }
  }

  private func tuned(_ refusal: String?, _ conversation: inout some Conversation, now: Instant) {
    if let refusal { tell(refusal) }
    conversation.tuned(refusal == nil, now: now)
  }
}
