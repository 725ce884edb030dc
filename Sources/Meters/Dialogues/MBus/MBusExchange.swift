internal import Base
internal import Decoders

/// One request on the bus and the wait for its answer.
struct MBusExchange: Sendable {
  /// The frame that is sent.
  let request: [UInt8]
  /// When the wait is over.
  private(set) var until: Instant
  /// Whether bytes other than an echo came back.
  private(set) var isHeard = false
  /// Good answers of meters that may not be the right one.
  private(set) var answers: [Answer] = []
  /// Whether the answer of a wrong meter came.
  var hasMetStranger = false

  struct Answer: Sendable {
    let bytes: [UInt8]
    let sender: MBusSender
  }

  private let patience: Milliseconds
  /// When the wait is over even if bytes still come in.
  private var limit: Instant
  /// The number of request bytes that came back so far; nil after the comparison.
  ///
  /// Level converters echo the request. A slave never begins an answer with a whole request.
  private var echoed: Int? = 0

  init(_ request: MBusRequest, to address: MBusAddress, timing: MBusTiming, now: Instant) {
    self.init(
      request.bytes(to: address), wantsAcknowledgement: request.wantsAcknowledgement, timing: timing, now: now)
  }

  init(_ request: [UInt8], wantsAcknowledgement: Bool, timing: MBusTiming, now: Instant) {
    self.request = request
    patience = wantsAcknowledgement ? timing.acknowledgement : timing.answer
    until = now + timing.transmission(of: self.request.count) + patience
    limit = until + timing.frame + timing.gap
  }

  /// Removes the echo from the input.
  mutating func withoutEcho(_ input: LineInput, now: Instant) -> LineInput {
    guard let before = echoed else {
      isHeard = true
      return input
    }
    var same = 0
    while same < input.bytes.count, before + same < request.count, input.bytes[same] == request[before + same] {
      same += 1
    }
    if let bad = input.damaged.first { same = min(same, bad) }
    if before + same == request.count {
      echoed = nil
      // The last byte has left only now, so the wait begins again.
      let answerBy = now + patience
      limit = max(limit, answerBy + (limit - until))
      until = max(until, answerBy)
      isHeard = same < input.bytes.count
      return LineInput(bytes: Array(input.bytes[same...]), damaged: input.damaged.map { $0 - same })
    }
    if same == input.bytes.count {
      echoed = before + same
      return LineInput(bytes: [])
    }
    echoed = nil
    isHeard = true
    return LineInput(bytes: request.prefix(before) + input.bytes, damaged: input.damaged.map { $0 + before })
  }

  /// Keeps an answer until the time for a second one is over.
  mutating func keep(_ answer: Answer, until time: Instant) {
    answers.append(answer)
    until = time
  }

  /// The whole answer is there, so the wait need not last longer than this.
  mutating func end(by time: Instant) { until = min(until, time) }

  /// Bytes that looked like the beginning of an echo.
  var unfinishedEcho: [UInt8] { Array(request.prefix(echoed ?? 0)) }

  /// Bytes came in, and more may follow.
  mutating func extend(by gap: Milliseconds, now: Instant) {
    if isHeard { until = min(max(until, now + gap), limit) }
  }
}
