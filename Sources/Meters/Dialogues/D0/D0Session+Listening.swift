internal import Base
internal import Decoders

/// Mode D: a meter that speaks by itself.
extension D0Session {
  /// The settings that such meters use, the most frequent first.
  static let lines = [
    LineSettings(baud: 9600, dataBits: 7, parity: .even, stopBits: 1),
    LineSettings(baud: 9600, dataBits: 8, parity: .none, stopBits: 1),
    LineSettings(baud: 2400, dataBits: 7, parity: .even, stopBits: 1),
    LineSettings(baud: 300, dataBits: 7, parity: .even, stopBits: 1),
  ]

  /// Whether to listen before anything is sent.
  var listensFirst: Bool {
    let polling = settings.polling
    if polling.mode == .push { return true }
    return polling.mode == .auto && settings.interval == nil && polling.wake == .none && polling.address.isEmpty
  }

  mutating func listen(now: Instant) {
    listener = nil
    tune(settings.isLineFixed ? settings.line : Self.lines[0], then: .listening, now: now)
  }

  mutating func startListening(now: Instant) {
    if listener == nil {
      var heard = Listener(framer: D0Framer(), gap: gap, pause: settings.isOverNetwork ? .seconds(2) : 500)
      heard.opened(now: now)
      listener = heard
      readout.started = now
    }
    enter(.listening, until: settings.polling.mode == .push ? nil : now + D0Timing.listening)
  }

  mutating func hear(_ input: LineInput, now: Instant) {
    listener?.received(input, now: now)
    // A telegram that has begun is heard to its end.
    if let until, now < readout.started + D0Timing.longestListening { self.until = max(until, now + gap) }
    takeListened(now: now)
  }

  /// Nobody speaks: the meter waits for a request.
  mutating func endListening(now: Instant) {
    listener?.closed(now: now)
    takeListened(now: now)
    guard !isPushing else { return enter(.listening, until: nil) }
    listener = nil
    tune(home, then: .asking, now: now)
  }

  mutating func takeListened(now: Instant) {
    guard let heard = listener?.takeOutputs() else { return }
    var isStrange = false
    for output in heard {
      switch output {
      case .readout:
        isPushing = true
        until = nil
        outputs.append(output)
      case .rejected(_, let bytes, let error):
        outputs.append(output)
        if Self.isOfOtherLine(bytes, error) { isStrange = true }
      // Noise does not keep a meter from being asked.
      case .reopen where !isPushing && settings.polling.mode != .push: break
      default: outputs.append(output)
      }
    }
    if isStrange, !isPushing, phase == .listening { tryNextLine(now: now) }
  }

  /// Whether bytes are those of other line settings: many have bad parity, or most are no text. The rest of a readout whose
  /// beginning was missed is text.
  private static func isOfOtherLine(_ bytes: [UInt8], _ error: DecodeError) -> Bool {
    let damaged = error.code == .parityError ? error.found : 0
    return bytes.count > 16 && (damaged * 10 > bytes.count || bytes.count { !isText($0) } * 2 > bytes.count)
  }

  /// Something comes that is not a readout: with other settings it may be.
  private mutating func tryNextLine(now: Instant) {
    guard !settings.isLineFixed, settings.canTune else { return }
    let place = Self.lines.firstIndex(of: line) ?? Self.lines.count - 1
    guard place + 1 < Self.lines.count || settings.polling.mode == .push else { return }
    // What comes next has its parity elsewhere.
    listener?.closed(now: now)
    outputs += listener?.takeOutputs() ?? []
    listener = nil
    tune(Self.lines[(place + 1) % Self.lines.count], then: .listening, now: now)
  }
}
