/// Finds the frames in bytes of a receiver of wireless M-Bus, with check values or without.
///
/// A frame without them has no mark of its own. So it counts only where a frame may begin: at the beginning, behind a good
/// frame and behind silence, never behind rejected bytes. It ends with silence, or where the bytes behind it show that it is
/// none of format A. Receivers put a few bytes of their own behind a frame, such as the signal strength; they stay with it.
package struct WirelessMBusFramer: Framer {
  private var scanner = FrameScanner(WirelessLink())

  package init() {}

  package mutating func append(_ bytes: Span<UInt8>) { scanner.append(bytes) }
  /// The next frame or rejected piece, oldest first; nil until more bytes come.
  package mutating func next() -> Framed? { scanner.next() }
  /// The line is quiet or has ended: the framer rejects a half frame.
  package mutating func finish() { scanner.finish() }

  /// Recognises a frame with check values, or the head of one without.
  package static func recognise(_ bytes: Span<UInt8>) -> Recognition? {
    guard bytes.count > WirelessFrame.headCount + 2, WirelessFrame.isFromMeter(bytes[1]), WirelessLink.hasHead(bytes)
    else { return nil }
    // Behind the head stands the CI field, or in format A a check value and then the CI field.
    guard isLayer(bytes[WirelessFrame.headCount]) || isLayer(bytes[WirelessFrame.headCount + 2]) else { return nil }
    guard let frame = try? WirelessFrame(bytes) else { return .firstByte }
    return frame.format == .stripped ? .beginning : .telegram(at: 0)
  }

  /// Whether a byte may be a CI field of a meter's telegram.
  static func isLayer(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x69...0x73, 0x78...0x7B, 0x81, 0x86, 0x8A...0x8F, 0x90, 0xA0...0xB7: true
    default: false
    }
  }
}

private struct WirelessLink: LinkLayer {
  /// Bytes behind a frame that a receiver may have put there: a time, a signal strength and a check value.
  private static let rubbish = 8

  func examine(_ bytes: Span<UInt8>, at place: ScanPlace) -> Examination {
    let mayBegin = place.isFirst && place.predecessor != .rejected && place.predecessor != .noise
    guard bytes[0] >= WirelessFrame.shortest else { return .none }
    do throws(DecodeError) {
      let frame = try WirelessFrame(anyones: bytes)
      let isChecked = frame.format != .stripped
      // A message of others is whole too: its bytes are no noise.
      guard isChecked && Self.isKnown(bytes[1]) || mayBegin && Self.hasHead(bytes) else { return .none }
      // Until then it may be one of format A with damage at its beginning: the bytes that follow tell, or the silence.
      let certain = WirelessFrame.countToTell(bytes[0])
      if !isChecked, !place.isLast, bytes.count < certain { return .incomplete(missing: certain - bytes.count) }
      return .frame(place.isLast ? Self.withRubbish(frame.count, bytes) : frame.count, isChecked: isChecked)
    } catch {
      let isHead = bytes.count <= WirelessFrame.headCount || Self.hasHead(bytes)
      let isOurs = bytes.count < 2 || WirelessFrame.isFromMeter(bytes[1]) || mayBegin && Self.isKnown(bytes[1])
      guard isOurs, mayBegin || isHead else { return .none }
      switch error.code {
      case .truncated: return .incomplete(missing: error.expected)
      case .checksumMismatch where mayBegin: return .broken(error, extent: min(bytes.count, Int(bytes[0]) + 3))
      default: return .none
      }
    }
  }

  private static func isKnown(_ control: UInt8) -> Bool {
    WirelessFrame.isFromMeter(control) || WirelessFrame.isOfOthers(control)
  }

  /// Whether control field and maker may be those of a message.
  static func hasHead(_ bytes: Span<UInt8>) -> Bool {
    guard bytes.count > WirelessFrame.headCount, isKnown(bytes[1]) else { return false }
    return MeterIdentity.letters((UInt16(bytes[2]) | UInt16(bytes[3]) << 8) & 0x7FFF) != nil
  }

  private static func withRubbish(_ count: Int, _ bytes: Span<UInt8>) -> Int {
    bytes.count - count <= rubbish ? bytes.count : count
  }
}
