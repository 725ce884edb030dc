/// Joins the link frames of a telegram: the segments of M-Bus and HDLC, and the blocks of general block transfer in them.
///
/// It concatenates them as received. So a telegram is one frame for its decoder, and one dead letter with all its bytes.
struct DLMSSegments: Sendable {
  /// The link frames that wait for the rest.
  private var held: [UInt8] = []
  /// Bytes of `held` that are whole blocks; behind them are segments of the current block or telegram.
  private var settled = 0
  /// Number of the next block, or 0.
  private var nextBlock = 0
  /// Number of the next M-Bus segment, or 0.
  private var nextSegment = 0
  /// The current segments are of an HDLC telegram.
  private var isInRun = false
  /// They are the rest of a telegram whose first segment did not come.
  private var isHeadless = false
  /// The block of the current segments; nil for other data.
  private var block: (number: Int, isLast: Bool)?

  var isHolding: Bool { !held.isEmpty }

  /// Takes the next link frame. It appends lost bytes to `out`, then the telegram if it is whole.
  mutating func take(_ frame: [UInt8], into out: inout [Framed]) {
    guard let link = DLMSLinkFrame(frame.span, at: 0) else { return out.append(.frame(frame)) }
    switch link.transport {
    case .mbus: takeMBus(frame, link, into: &out)
    case .hdlc where link.payload.isEmpty: out.append(.frame(frame))
    case .hdlc: takeHDLC(frame, link, into: &out)
    default:
      if held.count > settled { drop(expected: 0, found: 0, into: &out) }
      begin(frame, link, into: &out)
      settle(into: &out)
    }
  }

  /// The segments of HDLC lack numbers: only the beginning of its application data tells the first one.
  private mutating func takeHDLC(_ frame: [UInt8], _ link: DLMSLinkFrame, into out: inout [Framed]) {
    if isInRun, !link.hasLinkControl(frame.span) {
      append(frame)
    } else {
      if held.count > settled { drop(expected: 0, found: isHeadless ? 1 : 0, into: &out) }
      begin(frame, link, into: &out)
      isHeadless = !link.beginsTelegram(frame.span)
    }
    isInRun = !link.isLast
    if !link.isLast { return bound(into: &out) }
    if isHeadless { drop(expected: 0, found: 1, into: &out) } else { settle(into: &out) }
  }

  /// The line is quiet: the held link frames will never be whole.
  mutating func finish(into out: inout [Framed]) {
    guard isHolding else { return }
    if isHeadless { return drop(expected: 0, found: 1, into: &out) }
    let expected = held.count > settled ? nextSegment : nextBlock
    drop(expected: expected, found: -1, into: &out)
  }

  /// Other bytes came between link frames. A broken segment and the held ones are one broken telegram. Noise leaves them
  /// as they are.
  mutating func interrupted(by piece: [UInt8], _ error: DecodeError) -> Framed {
    guard isHolding, error.code != .noise, error.code != .otherProtocol else { return .rejected(piece, error) }
    var error = error
    error.offset += held.count
    defer { reset() }
    return .rejected(held + piece, error)
  }

  private mutating func takeMBus(_ frame: [UInt8], _ link: DLMSLinkFrame, into out: inout [Framed]) {
    if link.segment == 0 {
      if held.count > settled { drop(expected: nextSegment, found: 0, into: &out) }
      begin(frame, link, into: &out)
    } else if link.segment == nextSegment, nextSegment > 0 {
      append(frame)
    } else {
      let expected = nextSegment
      append(frame)
      return drop(expected: expected, found: link.segment, into: &out)
    }
    nextSegment = link.isLast ? 0 : link.segment + 1
    if link.isLast { settle(into: &out) } else { bound(into: &out) }
  }

  /// The first segment of a block or telegram.
  private mutating func begin(_ frame: [UInt8], _ link: DLMSLinkFrame, into out: inout [Framed]) {
    block = link.block(frame.span).map { ($0.number, $0.isLast) }
    // Block 1, or data without a block, ends an incomplete transfer.
    if nextBlock > 0, block == nil || block?.number == 1 {
      drop(expected: nextBlock, found: block?.number ?? 0, into: &out)
      block = link.block(frame.span).map { ($0.number, $0.isLast) }
    }
    append(frame)
  }

  private mutating func append(_ frame: [UInt8]) {
    if held.isEmpty { held = frame } else { held += frame }
  }

  /// The current segments are complete.
  private mutating func settle(into out: inout [Framed]) {
    guard let block else { return release(into: &out) }
    guard block.number == max(1, nextBlock) else {
      return drop(expected: max(1, nextBlock), found: block.number, into: &out)
    }
    if block.isLast { return release(into: &out) }
    settled = held.count
    nextBlock = block.number + 1
    self.block = nil
    bound(into: &out)
  }

  private mutating func release(into out: inout [Framed]) {
    out.append(.frame(held))
    reset()
  }

  private mutating func drop(expected: Int, found: Int, into out: inout [Framed]) {
    out.append(.rejected(held, DecodeError(.segmentMissing, at: held.count, expected: expected, found: found)))
    reset()
  }

  private mutating func bound(into out: inout [Framed]) {
    guard held.count > DLMSFramer.limit else { return }
    out.append(.rejected(held, DecodeError(.tooLong, at: held.count, expected: DLMSFramer.limit)))
    reset()
  }

  private mutating func reset() {
    held = []
    settled = 0
    nextBlock = 0
    nextSegment = 0
    isInRun = false
    isHeadless = false
    block = nil
  }
}
