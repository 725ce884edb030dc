/// One link frame of a telegram, and its part of the telegram. The framer has tested its check values.
struct DLMSLinkFrame {
  /// Its transport.
  var transport: DLMSTransports
  /// Bytes of the frame.
  var count: Int
  /// The place of its part of the application data.
  var payload: Range<Int>
  /// M-Bus: number of the segment, from 0 on.
  var segment: Int
  /// It is the last segment.
  var isLast: Bool

  /// The frame at `start`; nil for other bytes.
  init?(_ bytes: Span<UInt8>, at start: Int) {
    guard start < bytes.count else { return nil }
    let rest = bytes.extracting(start..<bytes.count)
    segment = 0
    isLast = true
    switch rest[0] {
    case MBusLink.longStart:
      guard rest.count >= 4 else { return nil }
      transport = .mbus
      count = DLMSMBusTransport.length(rest[1]) + 6
      guard count > DLMSMBusTransport.overhead + 2, count <= rest.count else { return nil }
      segment = Int(rest[6] & 0x0F)
      isLast = rest[6] & 0x10 != 0
      payload = start + DLMSMBusTransport.overhead..<start + count - 2
    case DLMSHDLCTransport.flag, 0xA0...0xAF:
      guard let layout = DLMSHDLCTransport.Layout(rest), layout.total <= rest.count else { return nil }
      transport = .hdlc
      count = layout.total
      isLast = !layout.isSegmented
      payload = start + layout.information.lowerBound..<start + layout.information.upperBound
    case 0x00:
      guard rest.count > DLMSWrapperTransport.headerCount else { return nil }
      transport = .wrapper
      count = DLMSWrapperTransport.headerCount + DLMSWrapperTransport.length(rest)
      guard count <= rest.count else { return nil }
      payload = start + DLMSWrapperTransport.headerCount..<start + count
    default:
      transport = .apdu
      count = rest.count
      // Without frames only blocks come in several pieces.
      if let block = Self.block(rest, at: 0), block.data.upperBound <= rest.count { count = block.data.upperBound }
      payload = start..<start + count
    }
  }

  /// Whether its part of the application data begins with a link control header, which only a first segment has.
  func hasLinkControl(_ bytes: Span<UInt8>) -> Bool {
    DLMSAPDUTransport.hasLinkControl(bytes, at: payload.lowerBound)
  }

  /// Whether the beginning of a telegram is in this frame: a link control header, or without one a block or application
  /// data that the frame holds whole.
  func beginsTelegram(_ bytes: Span<UInt8>) -> Bool {
    if hasLinkControl(bytes) || block(bytes) != nil { return true }
    switch DLMSAPDUTransport.examine(bytes.extracting(payload), isLast: true) {
    case .frame(let count, _): return count == payload.count
    case .incomplete: return !isLast
    default: return false
    }
  }

  /// The block of general block transfer at the beginning of its application data; nil for other data.
  func block(_ bytes: Span<UInt8>) -> DLMSBlock? {
    Self.block(bytes.extracting(0..<payload.upperBound), at: payload.lowerBound)
  }

  private static func block(_ bytes: Span<UInt8>, at start: Int) -> DLMSBlock? {
    let start = DLMSAPDUTransport.hasLinkControl(bytes, at: start) ? start + DLMSAPDUTransport.linkControlCount : start
    guard start < bytes.count, bytes[start] == DLMSTag.generalBlockTransfer else { return nil }
    do throws(DecodeError) { return try DLMSBlock(bytes, at: start) } catch { return nil }
  }
}
