internal import Base
internal import Decoders

/// The data, and what goes wrong with them.
extension D0Session {
  /// Bytes behind the identification.
  mutating func take(_ input: LineInput, now: Instant) {
    readout.received += input.bytes.count
    readout.strange += input.damaged.count + input.bytes.count { !Self.isText($0) }
    let framed = reader.append(input)
    hand(framed, now: now)
    guard phase == .data || phase == .repeating else { return }
    if readout.isDamaged, !readout.isGood {
      enter(.repeating, until: now + D0Timing.beforeRepeat)
    } else if readout.isGood {
      enter(.resting, until: now + D0Timing.rest)
    } else if readout.received > 2 * D0Framer.limit {
      // An endless noise is no readout.
      endData(now: now)
    } else {
      until = now + gap
      if isWrongSpeed { goBack(now: now) }
    }
  }

  static func isText(_ byte: UInt8) -> Bool {
    let byte = byte & 0x7F
    return byte >= 0x20 && byte < 0x7F || byte == 0x0D || byte == 0x0A || byte == 0x02 || byte == 0x03
  }

  /// At another speed than the line's, half of the bytes are no text.
  private var isWrongSpeed: Bool {
    !readout.isBack && line.baud != settings.line.baud && readout.received >= 12
      && readout.strange * 2 > readout.received
  }

  /// The meter has stayed at the first speed.
  private mutating func goBack(now: Instant) {
    readout.isBack = true
    if readout.received > 0 {
      hand(reader.finish(), now: now)
      restart(now: now)
    }
    tune(home, then: .data, now: now)
  }

  /// The identification once more, for a block that comes again.
  private mutating func restart(now: Instant) {
    readout.received = 0
    readout.strange = 0
    readout.isDamaged = false
    hand(reader.append(LineInput(bytes: readout.identification)), now: now)
  }

  /// The line is silent.
  mutating func endData(now: Instant) {
    if readout.received == 0, !readout.isBack, line.baud != settings.line.baud { return goBack(now: now) }
    hand(reader.finish(), now: now)
    if readout.isGood { return enter(.resting, until: now) }
    // At the wrong speed the beginning was lost, or bytes of it were damaged.
    if readout.received > 0, readout.isDamaged || readout.isBack { return askForBlock(now: now) }
    fail(now: now)
  }

  /// The block once more, and only once.
  mutating func askForBlock(now: Instant) {
    guard !readout.isRepeated, !readout.identification.isEmpty else { return fail(now: now) }
    readout.isRepeated = true
    restart(now: now)
    send(D0Request.again)
    enter(.data, until: now + D0Timing.transmission(1, baud: line.baud) + answerTime)
  }

  /// Next time at a lower speed.
  private mutating func fail(now: Instant) {
    memory.failures += 1
    if let place = D0Identification.rates.firstIndex(of: line.baud), place > 0, readout.isDamaged || readout.isRepeated
    {
      memory.rateLimit = D0Identification.rates[place - 1]
    } else if readout.isBack {
      memory.rateLimit = settings.line.baud
    }
    enter(.resting, until: now + D0Timing.rest)
  }

  /// Takes what the framer has cut.
  mutating func hand(_ framed: [Framed], now: Instant) {
    for piece in framed {
      switch piece {
      case .frame(let bytes):
        outputs.append(.readout(meter: 0, frames: [bytes]))
        succeeded(bytes)
      case .rejected(let bytes, let error):
        outputs.append(.rejected(meter: 0, bytes: bytes, error: error))
        switch error.code {
        case .checksumMismatch, .checksumMissing, .lineError, .parityError: readout.isDamaged = true
        default: break
        }
      }
    }
  }

  private mutating func succeeded(_ frame: [UInt8]) {
    readout.isGood = true
    memory.failures = 0
    if readout.isBack { memory.rateLimit = settings.line.baud }
    if readout.isTrialOfWaking, !memory.wakes {
      memory.wakes = true
      outputs.append(.news(.progress("the meter answers when NULs wake it: `wake: nulls` spares the tries before")))
    }
    var decoder = D0Decoder()
    var telegrams: [Telegram] = []
    do throws(DecodeError) { try decoder.decode(frame.span, into: &telegrams) } catch { return }
    guard let medium = telegrams.first?.readings.first?.meter.medium else { return }
    memory.interval = Self.usualInterval(for: medium)
    let sparing = Milliseconds.minutes(5)
    if !isPushing, medium == .heat, let interval = settings.interval, interval < sparing, !memory.isToldOfBattery {
      memory.isToldOfBattery = true
      outputs.append(.news(.batteryInterval(meter: 0, interval)))
    }
  }
}
