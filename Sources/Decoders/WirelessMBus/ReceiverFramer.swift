/// Finds the frames in what a receiver of wireless M-Bus with a protocol of its own sends: telegrams, and answers to commands.
///
///     A5 cE MM LL payload [time 4] [strength 1] [check 2]      IMST iM871A (WMBus HCI)
///        c: 2 time, 4 strength, 8 check value; E: endpoint; M: message; L: bytes of the payload
///     FF CC LL payload xor                                     Amber AMB8465, AMB3665: command mode
///     LL C … [strength]                                        Amber in transparent mode, Radiocrafts RC1180
///
/// The last form is that of a stripped frame, whose length also counts the strength.
package struct ReceiverFramer: Framer {
  package enum Framing: Sendable { case im871a, amber, lengths }

  private var scanner: FrameScanner<ReceiverLink>

  package init(_ framing: Framing) { scanner = FrameScanner(ReceiverLink(framing: framing)) }

  package mutating func append(_ bytes: Span<UInt8>) { scanner.append(bytes) }
  /// The next frame or rejected piece, oldest first; nil until more bytes come.
  package mutating func next() -> Framed? { scanner.next() }
  /// The line is quiet or has ended: the framer rejects a half frame.
  package mutating func finish() { scanner.finish() }
}

private struct ReceiverLink: LinkLayer {
  let framing: ReceiverFramer.Framing

  private static let hciHead = 4
  private static let amberHead = 3

  func examine(_ bytes: Span<UInt8>, at place: ScanPlace) -> Examination {
    switch framing {
    case .im871a: examineHCI(bytes)
    case .amber: bytes[0] == 0xFF ? examineAmber(bytes) : examineLength(bytes, at: place)
    case .lengths: examineLength(bytes, at: place)
    }
  }

  private func examineHCI(_ bytes: Span<UInt8>) -> Examination {
    guard bytes[0] == 0xA5 else { return .none }
    // Bit 10 is reserved; there are four endpoints, and the first has the most messages.
    if bytes.count > 1, bytes[1] & 0x10 != 0 || !(1...4).contains(bytes[1] & 0x0F) { return .none }
    if bytes.count > 2, !(1...0x27).contains(bytes[2]) { return .none }
    guard bytes.count >= Self.hciHead else { return .incomplete(missing: Self.hciHead - bytes.count) }
    let (flags, length) = (bytes[1], Int(bytes[3]))
    let hasCheck = flags & 0x80 != 0
    let count =
      Self.hciHead + length + (flags & 0x20 != 0 ? 4 : 0) + (flags & 0x40 != 0 ? 1 : 0) + (hasCheck ? 2 : 0)
    guard bytes.count >= count else { return .incomplete(missing: count - bytes.count) }
    guard hasCheck else {
      // A damaged length takes the next telegram in.
      if flags & 0x0F == 2, let next = Self.nextHead(bytes, in: Self.hciHead..<count) {
        return .broken(DecodeError(.truncated, at: next, expected: count - next), extent: next)
      }
      return .frame(count, isChecked: false)
    }
    let expected = UInt16(bytes[count - 2]) | UInt16(bytes[count - 1]) << 8
    let found = CRC16.x25(bytes.extracting(1..<count - 2))
    if found == expected { return .frame(count) }
    return .broken(
      DecodeError(.checksumMismatch, at: count - 2, expected: Int(expected), found: Int(found)), extent: count)
  }

  /// Where another telegram of an iM871A begins in one, with the same head. At a place with enciphered bytes that is so by
  /// chance one time in 10⁹.
  private static func nextHead(_ bytes: Span<UInt8>, in range: Range<Int>) -> Int? {
    for start in range where bytes[start] == 0xA5 && start + hciHead <= bytes.count {
      if bytes[start + 1] == bytes[1], bytes[start + 2] == bytes[2], bytes[start + 3] >= WirelessFrame.shortest,
        start + hciHead == bytes.count || WirelessFrame.isFromMeter(bytes[start + hciHead])
      {
        return start
      }
    }
    return nil
  }

  private func examineAmber(_ bytes: Span<UInt8>) -> Examination {
    // A telegram, or the answer to a command.
    if bytes.count > 1, bytes[1] != 0x03, !(0x80...0x8F).contains(bytes[1]) { return .none }
    guard bytes.count >= Self.amberHead else { return .incomplete(missing: Self.amberHead - bytes.count) }
    let count = Self.amberHead + Int(bytes[2]) + 1
    guard bytes.count >= count else { return .incomplete(missing: count - bytes.count) }
    var sum: UInt8 = 0
    for index in 0..<count - 1 { sum ^= bytes[index] }
    if sum == bytes[count - 1] { return .frame(count) }
    return .broken(
      DecodeError(.checksumMismatch, at: count - 1, expected: Int(bytes[count - 1]), found: Int(sum)), extent: count)
  }

  private func examineLength(_ bytes: Span<UInt8>, at place: ScanPlace) -> Examination {
    guard bytes[0] >= WirelessFrame.shortest else { return .none }
    // Behind noise only the messages that meters send by themselves are a sign.
    let isInStep = place.isFirst && place.predecessor != .rejected && place.predecessor != .noise
    // Behind the command of a damaged frame stands no length of its own.
    if framing == .amber, !isInStep, place.previous == 0x03 { return .none }
    if bytes.count > 1, bytes[1] != 0x44, bytes[1] != 0x46 {
      let isMessage = WirelessFrame.isFromMeter(bytes[1]) || WirelessFrame.isOfOthers(bytes[1])
      guard isInStep, isMessage else { return .none }
    }
    if bytes.count > 3, MeterIdentity.letters((UInt16(bytes[2]) | UInt16(bytes[3]) << 8) & 0x7FFF) == nil {
      return .none
    }
    let count = Int(bytes[0]) + 1
    guard bytes.count >= count else { return .incomplete(missing: count - bytes.count) }
    return .frame(count, isChecked: false)
  }
}
