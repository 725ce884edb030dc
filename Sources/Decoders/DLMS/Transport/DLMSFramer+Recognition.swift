extension DLMSFramer {
  /// Recognises a DLMS meter by the head of a segment on M-Bus or of a frame of HDLC.
  ///
  /// At the very beginning the wrapper's head or the tag of application data suffice.
  package static func recognise(_ bytes: Span<UInt8>) -> Recognition? {
    for index in bytes.indices
    where MBusLink.hasHeadOfSegment(bytes, at: index) || DLMSHDLCTransport.begins(bytes, at: index) {
      return .telegram(at: index)
    }
    guard bytes.count > 0 else { return nil }
    switch bytes[0] {
    case 0x00 where bytes.count > DLMSWrapperTransport.headerCount && bytes[1] == 0x01: return .beginning
    case DLMSTag.dataNotification, DLMSTag.generalGlobalCiphering, DLMSTag.generalDedicatedCiphering,
      DLMSTag.generalBlockTransfer, DLMSTag.linkControl:
      return .firstByte
    default: return nil
    }
  }
}
