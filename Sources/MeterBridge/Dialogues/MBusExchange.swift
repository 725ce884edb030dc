/// One request on the bus and the wait for its answer.
struct MBusExchange: Sendable {
  let step: MBusMaster.Step
  /// When the wait is over.
  private(set) var until: Instant
  /// Something came back that is no echo.
  private(set) var isHeard = false

  private let request: [UInt8]
  private let patience: Milliseconds
  /// When it is over, however much is still coming in.
  private var limit: Instant
  /// Bytes of the request that came back so far. Level converters echo what is sent; a slave never begins an answer
  /// with the whole of it. Nil once there is nothing more to compare.
  private var echoed: Int? = 0

  init(_ step: MBusMaster.Step, request: [UInt8], timing: MBusTiming, now: Instant) {
    self.step = step
    self.request = request
    patience = step == .data ? timing.answer : timing.acknowledgement
    until = now + timing.transmission(of: request.count) + patience
    limit = until + timing.frame + timing.gap
  }

  /// Takes the echo off what came in.
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
      // Only now has everything been sent.
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

  /// What looked like the beginning of an echo and never became one.
  var unfinishedEcho: [UInt8] { Array(request.prefix(echoed ?? 0)) }

  /// More may follow what just came in.
  mutating func extend(by gap: Milliseconds, now: Instant) {
    if isHeard { until = min(max(until, now + gap), limit) }
  }
}
