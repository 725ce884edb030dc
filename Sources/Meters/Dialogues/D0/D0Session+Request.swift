internal import Base
internal import Decoders

/// From the request to the choice of a speed.
extension D0Session {
  var wakes: D0Polling.Wake { settings.polling.wake == .none && memory.wakes ? .nulls : settings.polling.wake }

  mutating func begin(now: Instant) {
    readout = D0Readout()
    readout.started = now
    // A meter with a battery may sleep, though nobody said so.
    readout.isTrialOfWaking = memory.failures == 2 && wakes == .none
    startRequest(now: now)
  }

  /// Wakes the meter first, if need be.
  private mutating func startRequest(now: Instant) {
    readout.requests += 1
    readout.unused += readout.heard
    readout.heard = []
    guard wakes == .nulls || readout.isTrialOfWaking && readout.requests == 1 else { return ask(now: now) }
    send([UInt8](repeating: 0, count: D0Timing.nulls))
    enter(.waking, until: now + D0Timing.transmission(D0Timing.nulls, baud: line.baud) + D0Timing.waking)
  }

  mutating func ask(now: Instant) {
    let nulls = wakes == .uh50 ? D0Timing.nullsOfUltraheat : 0
    let bytes = [UInt8](repeating: 0, count: nulls) + D0Request.request(settings.polling)
    send(bytes)
    readout.askedAt = now
    enter(.asking, until: now + D0Timing.transmission(bytes.count, baud: line.baud) + answerTime)
  }

  /// Nothing came, or no identification: twice more, then not before the next readout.
  mutating func askAgain(now: Instant) {
    if triesOtherParity { return tryOtherParity(now: now) }
    if readout.requests < 3 { return startRequest(now: now) }
    memory.failures += 1
    outputs.append(.noAnswer(meter: 0, tries: readout.requests, .silence))
    let heard = takeUnused()
    if !heard.isEmpty || readout.hasEcho {
      let bytes = heard.isEmpty ? D0Request.request(settings.polling) : heard
      let error =
        if hasBadParity {
          DecodeError(.lineError, at: 0, found: readout.earlyDamage)
        } else {
          DecodeError(readout.hasEcho ? .noIdentification : .noise, at: 0, found: bytes.count)
        }
      outputs.append(.rejected(meter: 0, bytes: bytes, error: error))
    }
    forgetParity()
    enter(.resting, until: now)
  }

  // MARK: Parity

  /// Whether the parity of more than a tenth of the answers is bad.
  private var hasBadParity: Bool { readout.earlyDamage * 10 > readout.early }

  private var triesOtherParity: Bool {
    hasBadParity && readout.early >= 4 && settings.canTune && !settings.isLineFixed && !memory.isParityTried
  }

  /// Some meters and gateways send eight bits. It is tried once, and remembered if it helps.
  private mutating func tryOtherParity(now: Instant) {
    outputs.append(
      .rejected(
        meter: 0, bytes: takeUnused(),
        error: DecodeError(.lineError, at: 0, found: readout.earlyDamage)))
    let isSeven = line.dataBits == 7
    let other = LineSettings(
      baud: line.baud, dataBits: isSeven ? 8 : 7, parity: isSeven ? .none : .even, stopBits: 1)
    outputs.append(.news(.progress("answers come with bad parity at \(line); trying \(other)")))
    memory.isParityTried = true
    memory.home = other
    tune(other, then: .asking, now: now)
  }

  /// Unless an identification has come with it, the other parity is no help.
  private mutating func forgetParity() {
    if !memory.isParityProven { memory.home = nil }
  }

  mutating func send(_ bytes: [UInt8]) {
    // A gateway's port may have eight bits, which nobody tells. One with seven drops the eighth.
    let isEightBit = !settings.canTune || line.dataBits == 8 && line.parity == .none
    echo.expect(bytes)
    outputs.append(.send(isEightBit ? D0Request.withParity(bytes) : bytes))
  }

  // MARK: Bytes without a use

  /// All that came of requests without an identification, and not a second time.
  private mutating func takeUnused() -> [UInt8] {
    defer { (readout.unused, readout.heard) = ([], []) }
    return readout.unused + readout.heard
  }

  /// Hands out bytes of requests that were no use. Line ends and NULs alone are none.
  mutating func reject(_ bytes: [UInt8], _ code: DecodeError.Code) {
    guard bytes.contains(where: { $0 & 0x7F > 0x20 }) else { return }
    outputs.append(.rejected(meter: 0, bytes: bytes, error: DecodeError(code, at: 0, found: bytes.count)))
  }

  // MARK: Identification

  /// Looks for the identification in what came so far.
  mutating func identify(_ input: LineInput, now: Instant) {
    var bytes = input.bytes
    for index in input.damaged { bytes[index] = 0 }
    readout.heard += bytes
    readout.early += bytes.count
    readout.earlyDamage += input.damaged.count
    if readout.heard.count > Limits.frameBytes {
      reject(Array(readout.heard.prefix(Limits.frameBytes / 2)), .noise)
      readout.heard.removeFirst(Limits.frameBytes / 2)
    }
    // An endless noise is no identification.
    until = min(max(until ?? now, now + gap), readout.askedAt + D0Timing.longestIdentification)
    guard let range = D0Identification.first(in: readout.heard.span) else {
      let blank: [UInt8] = [0x0D, 0x0A, 0x0D, 0x0A]
      if wakes == .uh50, readout.heard.prefix(blank.count).map({ $0 & 0x7F }) == blank {
        identifiedByBlankLines(rest: heard(from: blank.count, input), now: now)
      }
      return
    }
    readout.identification = Array(readout.heard[range])
    let before = Array(readout.heard[..<range.lowerBound])
    identified(behind: before, rest: heard(from: range.upperBound, input), now: now)
  }

  /// What came since the request, from a place on. The newest input is at its end.
  private func heard(from place: Int, _ newest: LineInput) -> LineInput {
    let bytes = Array(readout.heard[place...])
    let shift = bytes.count - newest.bytes.count
    return LineInput(bytes: bytes, damaged: newest.damaged.map { $0 + shift }.filter { $0 >= 0 })
  }

  /// The meter has answered: what came before its identification, and what came with the last byte of that.
  private mutating func identified(behind before: [UInt8], rest: LineInput, now: Instant) {
    reject(readout.unused + before, .noise)
    (readout.unused, readout.heard) = ([], [])
    if memory.home == line { memory.isParityProven = true } else { forgetParity() }
    let text = readout.identification.map { $0 & 0x7F }
    let meter = D0Identification(text.span)
    readout.isFast = meter.isFast
    readout.rate = line.baud
    hand(reader.append(LineInput(bytes: readout.identification)), now: now)
    switch (settings.polling.mode, meter.mode) {
    case (.auto, .c(let rate)), (.c, .c(let rate)):
      readout.rate = choice(upTo: rate)
      enter(.reacting, until: now + D0Timing.reaction(isFast: meter.isFast))
    case (.c, _):
      enter(.reacting, until: now + D0Timing.reaction(isFast: meter.isFast))
    case (.auto, .b(let rate)), (.b, .b(let rate)):
      readout.rate = rate
      tellFixedSpeed(rate, isReadable: false)
      tune(baud: rate, then: .data, now: now)
    default: enter(.data, until: now + answerTime)
    }
    if !rest.bytes.isEmpty { take(rest, now: now) }
  }

  /// Some T550 answer with blank lines alone, and send at 2400 Bd.
  private mutating func identifiedByBlankLines(rest: LineInput, now: Instant) {
    let hasParity = readout.heard[0] & 0x80 != 0
    let line = Array("/LUGC\r\n".utf8)
    readout.identification = hasParity ? D0Request.withParity(line) : line
    identified(behind: [], rest: rest, now: now)
  }

  /// The speed to ask for: as offered, within the limits, and one that the line can have.
  private mutating func choice(upTo offered: Int) -> Int {
    let limit = min(settings.polling.maximumBaud, memory.rateLimit ?? .max)
    let best = D0Identification.rates.last { $0 <= min(offered, limit) } ?? D0Identification.rates[0]
    guard best != line.baud, !settings.canTune else { return best }
    tellFixedSpeed(best, isReadable: true)
    return line.baud
  }

  private mutating func tellFixedSpeed(_ rate: Int, isReadable: Bool) {
    guard !settings.canTune, rate != line.baud, !memory.isToldOfSpeed else { return }
    memory.isToldOfSpeed = true
    outputs.append(.news(.speedFixed(meter: 0, line: line, offered: rate, isReadable: isReadable)))
  }

  // MARK: Speed

  /// Tells the meter the speed.
  mutating func choose(now: Instant) {
    let bytes = D0Request.choice(of: readout.rate)
    let sent = now + D0Timing.transmission(bytes.count, baud: line.baud)
    send(bytes)
    readout.isChosen = true
    if readout.rate == line.baud { return enter(.data, until: sent + answerTime) }
    enter(.choosing, until: sent + D0Timing.change(isFast: readout.isFast))
  }

  /// Gives the line another speed, unless it has it.
  mutating func tune(baud: Int, then next: Next, now: Instant) {
    var wanted = line
    wanted.baud = baud
    tune(wanted, then: next, now: now)
  }

  mutating func tune(_ wanted: LineSettings, then next: Next, now: Instant) {
    guard wanted != line, settings.canTune else { return follow(next, now: now) }
    readout.wanted = wanted
    enter(.tuning(next), until: now + D0Timing.tuning)
    outputs.append(.tune(wanted))
  }

  mutating func follow(_ next: Next, now: Instant) {
    switch next {
    case .data: enter(.data, until: now + answerTime)
    case .listening: startListening(now: now)
    case .asking: begin(now: now)
    case .idle: enter(.idle, until: nil)
    }
  }
}
