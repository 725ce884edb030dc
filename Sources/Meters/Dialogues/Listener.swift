package import Base
package import Decoders

/// Listens to meters that push, and reads files and web pages.
package struct Listener: Dialogue {
  /// Returns the meter that a frame is from; nil for an unknown meter.
  package typealias Attribution = @Sendable (_ frame: [UInt8]) -> Int?

  /// What silence means, in this order.
  private enum Silence { case pause, quiet, end }

  private var reader: LineReader
  private let gap: Milliseconds
  private let pause: Milliseconds
  private let configuredInterval: Milliseconds?
  private let attribution: Attribution?
  private var outputs: [DialogueOutput] = []
  private var isOpen = false
  /// When the last bytes came, and what the silence since then means next; nil for nothing until the next bytes.
  private var silence: (since: Instant, next: Silence)?
  /// When the last frame came, or the line was opened.
  private var silentSince = Instant(milliseconds: 0)
  /// The time between two frames, so that a slow meter does not look like a dead line.
  private var learnt = LearntInterval()

  /// The silence that ends half a frame.
  ///
  /// A meter may pause for 150 ms inside a telegram, and one type pauses longer before its checksum. A gateway waits
  /// until its packets are full, and a bad radio link sends them again and again.
  package static func gap(overNetwork: Bool) -> Milliseconds { overNetwork ? .seconds(5) : 500 }

  /// The silence behind which a frame may begin. Meters that push every 5 s leave less than `gap` between two telegrams.
  package static func pause(overNetwork: Bool) -> Milliseconds { overNetwork ? .seconds(2) : 500 }

  /// The assumed interval of a meter that pushes. P1 meters send every 1 or 10 s.
  static let usualInterval = Milliseconds.seconds(10)

  /// - Parameters:
  ///   - framer: finds the frames of the meter's protocol.
  ///   - gap: the silence that ends half a frame.
  ///   - pause: the silence behind which a frame may begin; nil for `gap`.
  ///   - interval: the time between two telegrams; nil to find out.
  ///   - attribution: finds the sender of a frame; nil if the source has only one meter.
  package init(
    framer: any Framer, gap: Milliseconds, pause: Milliseconds? = nil, interval: Milliseconds? = nil,
    attribution: Attribution? = nil
  ) {
    reader = LineReader(framer)
    self.gap = gap
    self.pause = pause ?? gap
    configuredInterval = interval
    self.attribution = attribution
  }

  package mutating func opened(now: Instant) {
    isOpen = true
    silentSince = now
  }

  package mutating func received(_ input: LineInput, now: Instant) {
    silence = (now, pause < gap ? .pause : .quiet)
    hand(reader.append(input), now: now)
  }

  package mutating func closed(now: Instant) {
    isOpen = false
    silence = nil
    hand(reader.finish(), now: now)
  }

  package mutating func poll(meter: Int, now: Instant) -> Bool { false }

  package mutating func tick(now: Instant) {
    while let deadline = silenceDeadline, now >= deadline { meet(now: now) }
    guard isOpen, now >= silentSince + patience else { return }
    outputs.append(.reopen(reason: "no telegram for \((now - silentSince).count / 1000) s"))
    silentSince = now
  }

  package var deadline: Instant? {
    guard isOpen else { return silenceDeadline }
    let doubtful = silentSince + patience
    return silenceDeadline.map { min($0, doubtful) } ?? doubtful
  }

  package mutating func takeOutputs() -> [DialogueOutput] {
    defer { outputs = [] }
    return outputs
  }

  private var patience: Milliseconds { learnt.patience(configured: configuredInterval, usual: Self.usualInterval) }

  /// When the silence means the next thing; nil for never.
  private var silenceDeadline: Instant? {
    guard let silence else { return nil }
    switch silence.next {
    case .pause: return silence.since + pause
    case .quiet: return silence.since + gap
    case .end:
      // Behind half an interval comes the rest of another telegram.
      let interval = configuredInterval ?? learnt.median ?? 0
      return silence.since + max(gap, max(Limits.restOfTelegram, Milliseconds(interval.count / 2)))
    }
  }

  /// The silence has lasted until its deadline.
  private mutating func meet(now: Instant) {
    guard let (since, next) = silence else { return }
    switch next {
    case .pause:
      silence = (since, .quiet)
      hand(reader.pause(), now: now)
    case .quiet:
      hand(reader.quiet(), now: now)
      silence = reader.isWaiting ? (since, .end) : nil
    case .end:
      silence = nil
      hand(reader.finish(), now: now)
    }
  }

  private mutating func hand(_ framed: [Framed], now: Instant) {
    for piece in framed {
      switch piece {
      case .frame(let bytes):
        silentSince = now
        learnt.heard(at: now)
        if let meter = attribution.map({ $0(bytes) }) ?? 0 {
          outputs.append(.readout(meter: meter, frames: [bytes]))
        } else {
          outputs.append(.rejected(meter: nil, bytes: bytes, error: DecodeError(.noise, at: 0, found: bytes.count)))
        }
      case .rejected(let bytes, let error):
        outputs.append(.rejected(meter: attribution == nil ? 0 : nil, bytes: bytes, error: error))
      }
    }
  }
}
