/// DLMS over M-Bus: `68 L L 68 C A CI STSAP DTSAP data CS 16` (EN 13757-3, CI 00 to 1F).
///
/// CI is the number of the segment; its bit 4 marks the last one.
enum DLMSMBusTransport {
  /// Bytes before the segment's data: four of the start, C, A, CI, and the two service access points.
  static let overhead = 9

  /// Bytes of the user data by L. L cannot be more than 255: older Sagemcom T210-D send 257 bytes with L = 1.
  static func length(_ octet: UInt8) -> Int { octet < 3 ? Int(octet) + 256 : Int(octet) }

  static func examine(_ bytes: Span<UInt8>, ignoresChecksum: Bool) -> Examination {
    guard bytes.count >= 4 else { return isHeaderSoFar(bytes) ? .incomplete() : .none }
    guard bytes[3] == MBusLink.longStart else { return .none }
    guard bytes[1] == bytes[2] else {
      return .broken(DecodeError(.lengthMismatch, at: 2, expected: Int(bytes[1]), found: Int(bytes[2])), extent: 0)
    }
    let length = length(bytes[1])
    let total = length + 6
    guard bytes.count >= total else { return .incomplete() }
    guard bytes[total - 1] == MBusLink.stop else {
      let found = Int(bytes[total - 1])
      return .broken(DecodeError(.badFrame, at: total - 1, expected: Int(MBusLink.stop), found: found), extent: total)
    }
    var sum: UInt8 = 0
    for index in 4..<total - 2 { sum &+= bytes[index] }
    guard sum == bytes[total - 2] || ignoresChecksum else {
      let expected = Int(bytes[total - 2])
      return .broken(
        DecodeError(.checksumMismatch, at: total - 2, expected: expected, found: Int(sum)), extent: total)
    }
    guard MBusLink.isSegment(bytes[6]), length > 5 else {
      return .foreign(total, DecodeError(.otherProtocol, at: 6, found: Int(MBusLink.longStart)))
    }
    return .frame(total)
  }

  private static func isHeaderSoFar(_ bytes: Span<UInt8>) -> Bool { bytes.count < 3 || bytes[1] == bytes[2] }
}
