internal import Base
internal import Decoders

/// One request of a scan and the wait for all that comes back.
struct ScanExchange: Sendable {
  let request: ScanRequest
  /// When the wait is over.
  private(set) var until: Instant
  private var bytes: [UInt8] = []
  private var isDamaged = false
  private var limit: Instant
  private let sent: [UInt8]
  /// Whether the level converter is known to send requests back.
  private let echoes: Bool
  private let gap: Milliseconds

  /// Bytes of an echo that noise may have changed.
  private static let changesOfEcho = 3

  init(_ request: ScanRequest, timing: ScanTiming, echoes: Bool, now: Instant) {
    self.echoes = echoes
    self.request = request
    sent = request.bytes
    gap = timing.gap
    until = now + timing.transmission(of: sent.count) + timing.answer
    limit = until + timing.frame + timing.gap
  }

  mutating func received(_ input: LineInput, now: Instant) {
    bytes += input.bytes
    isDamaged = isDamaged || !input.damaged.isEmpty
    // A slave answers once. After its answer only another one can follow.
    let isAnswered = bytes.count > sent.count || !echoes && !sent.starts(with: bytes)
    if isAnswered { until = min(now + gap, limit) }
  }

  /// The answer when the wait is over.
  ///
  /// - Parameter echoes: whether the level converter is known to send requests back; set as soon as it does.
  /// - Returns: what came back without the echo.
  func answer(_ echoes: inout Bool) -> ScanAnswer {
    guard bytes.count >= sent.count else { return ScanAnswer(bytes, isDamaged: isDamaged) }
    let changes = zip(bytes, sent).count { $0 != $1 }
    guard changes <= (echoes ? Self.changesOfEcho : 0) else { return ScanAnswer(bytes, isDamaged: isDamaged) }
    echoes = true
    return ScanAnswer(Array(bytes.dropFirst(sent.count)), isDamaged: isDamaged)
  }
}

/// The times of a scan. They are shorter than those of `MBusTiming`: most requests are not answered.
struct ScanTiming: Sendable {
  /// From the last byte of a request to the first byte of its answer.
  let answer: Milliseconds
  /// The silence that ends an answer.
  let gap: Milliseconds
  /// The quiet time before the next request: 33 bit times.
  let quiet: Milliseconds
  /// The longest frame.
  let frame: Milliseconds
  private let baud: Int64

  /// - Parameters:
  ///   - baud: of the line, in bits a second.
  ///   - overNetwork: whether a gateway adds its own time.
  ///   - margin: what slaves take beyond 330 bit times and 50 ms.
  init(baud: Int, overNetwork: Bool, margin: Milliseconds) {
    let usual = MBusTiming(baud: baud, overNetwork: overNetwork)
    self.baud = Int64(max(1, baud))
    answer = Milliseconds((330 * 1000 + self.baud - 1) / self.baud + 50 + margin.count + (overNetwork ? 1000 : 0))
    gap = Milliseconds(usual.gap.count / (overNetwork ? 2 : 1))
    quiet = usual.quiet
    frame = usual.frame
  }

  /// The time that bytes take to leave: 11 bits each (8E1).
  func transmission(of count: Int) -> Milliseconds { Milliseconds((Int64(count) * 11_000 + baud - 1) / baud) }
}
