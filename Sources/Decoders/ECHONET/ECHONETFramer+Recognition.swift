extension ECHONETFramer {
  /// What tells that bytes are of ECHONET Lite: the head of a frame, or a datagram as a Wi-SUN dongle writes it, at the
  /// very beginning.
  package static func recognise(_ bytes: Span<UInt8>) -> Recognition? {
    let isFrame = bytes.hasText([ECHONETFrame.firstByte, ECHONETFrame.secondByte], at: 0)
    return isFrame || bytes.hasText(SKSTACKDatagramHead.keyword, at: 0) ? .beginning : nil
  }
}
