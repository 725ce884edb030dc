extension MBusFramer {
  /// Recognises M-Bus by the head of a long frame without a segment of DLMS.
  package static func recognise(_ bytes: Span<UInt8>) -> Recognition? {
    for index in bytes.indices where MBusLink.hasHead(bytes, at: index) && !MBusLink.hasHeadOfSegment(bytes, at: index)
    {
      return .telegram(at: index)
    }
    guard bytes.count > 0 else { return nil }
    switch bytes[0] {
    case MBusLink.longStart, MBusLink.shortStart, MBusLink.acknowledge: return .firstByte
    default: return nil
    }
  }
}
