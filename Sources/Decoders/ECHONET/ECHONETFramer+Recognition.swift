extension ECHONETFramer {
  /// Recognises ECHONET Lite at the very beginning: the head of a frame, or a datagram as a Wi-SUN dongle writes it.
  package static func recognise(_ bytes: Span<UInt8>) -> Recognition? {
    let isFrame = bytes.hasText([ECHONETFrame.firstByte, ECHONETFrame.secondByte], at: 0)
    return isFrame || bytes.hasText(SKSTACKDatagramHead.keyword, at: 0) ? .beginning : nil
  }
}
