package import Base
package import Decoders

/// Listens to meters that push, and reads files and web pages.
package struct Listener: Dialogue {
  /// Returns the meter that a frame is from; nil for an unknown meter.
  package typealias Attribution = @Sendable (_ frame: [UInt8]) -> Int?

  private var reader: LineReader
  private let gap: Milliseconds
  private let configuredInterval: Milliseconds?
  private let attribution: Attribution?
  private var outputs: [DialogueOutput] = []
  private var isOpen = false
  /// When the line counts as quiet; nil until the next bytes.
  private var quietAt: Instant?
  /// When the last frame came, or the line was opened.
  private var silentSince = Instant(milliseconds: 0)
  private var lastFrame: Instant?
  /// The time between the last two frames, so that a slow meter does not look like a dead line.
  private var lastInterval: Milliseconds?

  /// The silence that ends an incomplete telegram.
  ///
  /// A meter may pause for 150 ms inside a telegram, and one type pauses longer before its checksum. A gateway waits
  /// until its packets are full.
  package static func gap(overNetwork: Bool) -> Milliseconds { overNetwork ? .seconds(2) : 500 }

  /// The assumed interval of a meter that pushes. P1 meters send every 1 or 10 s.
  static let usualInterval = Milliseconds.seconds(10)

  /// - Parameters:
  ///   - framer: finds the frames of the meter's protocol.
  ///   - gap: the silence that ends an incomplete frame.
  ///   - interval: the time between two telegrams; nil to find out.
  ///   - attribution: finds the sender of a frame; nil if the source has only one meter.
  package init(
    framer: any Framer, gap: Milliseconds, interval: Milliseconds? = nil, attribution: Attribution? = nil
  ) {
    reader = LineReader(framer)
    self.gap = gap
    configuredInterval = interval
    self.attribution = attribution
  }

  package mutating func opened(now: Instant) {
    isOpen = true
    silentSince = now
  }

  package mutating func received(_ input: LineInput, now: Instant) {
    quietAt = now + gap
    hand(reader.append(input), now: now)
  }

  package mutating func closed(now: Instant) {
    isOpen = false
    finish(now: now)
  }

  package mutating func poll(meter: Int, now: Instant) -> Bool { false }

  package mutating func tick(now: Instant) {
    if let quietAt, now >= quietAt { finish(now: now) }
    guard isOpen, now >= silentSince + patience else { return }
    outputs.append(.reopen(reason: "no telegram for \((now - silentSince).count / 1000) s"))
    silentSince = now
  }

  package var deadline: Instant? {
    guard isOpen else { return quietAt }
    let doubtful = silentSince + patience
    return quietAt.map { min($0, doubtful) } ?? doubtful
  }

  package mutating func takeOutputs() -> [DialogueOutput] {
    defer { outputs.removeAll(keepingCapacity: true) }
    return outputs
  }

  private var patience: Milliseconds {
    let interval = configuredInterval ?? max(lastInterval ?? 0, Self.usualInterval)
    return max(Milliseconds(interval.count * 3), Limits.silence)
  }

  private mutating func finish(now: Instant) {
    quietAt = nil
    hand(reader.finish(), now: now)
  }

  private mutating func hand(_ framed: [Framed], now: Instant) {
    for piece in framed {
      switch piece {
      case .frame(let bytes):
        silentSince = now
        if let lastFrame { lastInterval = now - lastFrame }
        lastFrame = now
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
