internal import Base
internal import Decoders

/// One request on an M-Bus at a time, and everything that comes back; for conversations that are not readouts.
struct MBusRequester: Sendable {
  /// What came back.
  enum Result: Equatable, Sendable {
    case silence
    /// One E5 and nothing else.
    case acknowledged
    /// The answer of one meter with data.
    case answer([UInt8], MBusSender)
    /// Something else: answers of several meters, or one that is damaged.
    case damage
  }

  private let timing: MBusTiming
  /// The request that is sent at a time, when the line has been quiet.
  private var next: (frame: MBusFrame, at: Instant, latest: Instant)?
  private var exchange: MBusExchange?
  private var wantsData = false
  private var reader = LineReader(MBusFramer())
  private var quietAt = Instant.past
  // What has come back so far.
  private var acknowledgements = 0
  private var answers: [MBusExchange.Answer] = []
  private var isDisturbed = false

  init(_ timing: MBusTiming) { self.timing = timing }

  var deadline: Instant? { next?.at ?? exchange?.until }

  /// Sends a request as soon as the line has been quiet for long enough.
  mutating func ask(_ frame: MBusFrame, now: Instant) {
    let start = max(now, quietAt)
    next = (frame, start, start + timing.frame + timing.answer)
  }

  mutating func received(_ input: LineInput, now: Instant) {
    quietAt = now + timing.quiet
    guard var exchange else {
      if let waiting = next { next?.at = min(max(waiting.at, quietAt), waiting.latest) }
      return
    }
    for piece in reader.append(exchange.withoutEcho(input, now: now)) { take(piece) }
    exchange.extend(by: timing.gap, now: now)
    // A second meter may still answer.
    if acknowledgements + answers.count > 0 { exchange.end(by: now + timing.gap) }
    self.exchange = exchange
  }

  /// Does what is due.
  ///
  /// - Parameters:
  ///   - now: the time.
  ///   - actions: gets the request when it is sent.
  /// - Returns: what came back, once the time for it is over.
  mutating func tick(now: Instant, into actions: inout [ConversationAction]) -> Result? {
    if let waiting = next, now >= waiting.at {
      next = nil
      begin(waiting.frame, now: now)
      actions.append(.send(waiting.frame.bytes))
    }
    guard let exchange, now >= exchange.until else { return nil }
    for piece in reader.append(LineInput(bytes: exchange.unfinishedEcho)) + reader.finish() { take(piece) }
    self.exchange = nil
    quietAt = max(quietAt, now + timing.quiet)
    return result
  }

  private mutating func begin(_ frame: MBusFrame, now: Instant) {
    if case .short(let control, _) = frame { wantsData = control & 0xDF == 0x5B } else { wantsData = false }
    exchange = MBusExchange(frame.bytes, wantsAcknowledgement: !wantsData, timing: timing, now: now)
    reader = LineReader(MBusFramer())
    acknowledgements = 0
    answers = []
    isDisturbed = false
  }

  private mutating func take(_ piece: Framed) {
    guard case .frame(let bytes) = piece, let frame = try? MBusFrame(parsing: bytes.span) else {
      isDisturbed = true
      return
    }
    if case .acknowledge = frame {
      acknowledgements += 1
    } else if let sender = MBusSender(of: frame) {
      answers.append(MBusExchange.Answer(bytes: bytes, sender: sender))
    } else {
      isDisturbed = true
    }
  }

  /// A checksum proves an answer with data. An E5 lacks one, so it counts only alone.
  private var result: Result {
    if wantsData, let first = answers.first, answers.allSatisfy({ $0.sender == first.sender }) {
      return .answer(first.bytes, first.sender)
    }
    if answers.isEmpty, !isDisturbed, acknowledgements < 2 {
      return acknowledgements == 0 ? .silence : .acknowledged
    }
    return .damage
  }
}
