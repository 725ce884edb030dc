/// DLMS over HDLC frames of type 3 (IEC 62056-46): `7E format(2) destination source control HCS(2) information FCS(2) 7E`.
///
/// The length in the format field governs: bytes are not stuffed, and 7E may stand inside. Neighbouring frames may share
/// one flag; the second then begins with its format field.
enum DLMSHDLCTransport {
  static let flag: UInt8 = 0x7E

  /// The parts of a frame, without a test of its check values.
  struct Layout: BitwiseCopyable {
    /// Place of the format field: 1 behind a flag, else 0.
    var format: Int
    /// Place of the header's check value, or of the frame's if it lacks information.
    var headerEnd: Int
    /// Place of the frame's check value.
    var end: Int
    /// More frames with information of this telegram follow.
    var isSegmented: Bool

    /// Bytes with the closing flag.
    var total: Int { end + 3 }
    /// Place of the information.
    var information: Range<Int> { end > headerEnd ? headerEnd + 2..<end : end..<end }

    /// Nil if the bytes are not a frame with a whole header.
    init?(_ bytes: Span<UInt8>) {
      format = bytes.count > 0 && bytes[0] == DLMSHDLCTransport.flag ? 1 : 0
      guard bytes.count > format + 2, bytes[format] & 0xF0 == 0xA0 else { return nil }
      isSegmented = bytes[format] & 0x08 != 0
      end = format + (Int(bytes[format] & 0x07) << 8 | Int(bytes[format + 1])) - 2
      var place = format + 2
      for _ in 0..<2 {
        // An address ends with the first byte that has its lowest bit set, after at most four bytes.
        let limit = min(place + 4, bytes.count)
        while place < limit, bytes[place] & 1 == 0 { place += 1 }
        guard place < limit else { return nil }
        place += 1
      }
      headerEnd = place + 1
      guard headerEnd == end || headerEnd + 2 < end else { return nil }
    }
  }

  /// Bytes of the longest header: flag, format, two addresses, control and check value.
  private static let longestHeader = 14

  /// Whether a flag and the format field of a frame of type 3 stand at a place.
  static func begins(_ bytes: Span<UInt8>, at place: Int) -> Bool {
    bytes[place] == flag && place + 1 < bytes.count && bytes[place + 1] & 0xF0 == 0xA0
  }

  static func examine(_ bytes: Span<UInt8>, ignoresChecksums: Bool) -> Examination {
    let start = bytes[0] == flag ? 1 : 0
    guard bytes.count > start else { return .incomplete() }
    if start == 1, bytes[1] == flag { return .fill }
    guard bytes[start] & 0xF0 == 0xA0 else { return .none }
    guard let layout = Layout(bytes) else { return bytes.count < longestHeader ? .incomplete() : .none }
    if layout.end > layout.headerEnd {
      guard bytes.count >= layout.headerEnd + 2 else { return .incomplete() }
      if let error = mismatch(bytes, from: layout.format, to: layout.headerEnd), !ignoresChecksums {
        return .broken(error, extent: 0)
      }
    }
    guard bytes.count >= layout.total else { return .incomplete() }
    guard bytes[layout.total - 1] == flag else {
      let found = Int(bytes[layout.total - 1])
      return .broken(
        DecodeError(.badFrame, at: layout.total - 1, expected: Int(flag), found: found), extent: layout.total)
    }
    if let error = mismatch(bytes, from: layout.format, to: layout.end), !ignoresChecksums {
      return .broken(error, extent: layout.total)
    }
    return .frame(layout.total)
  }

  /// The mistake in the check value at `end`.
  private static func mismatch(_ bytes: Span<UInt8>, from start: Int, to end: Int) -> DecodeError? {
    let expected = UInt16(bytes[end]) | UInt16(bytes[end + 1]) << 8
    let found = CRC16.x25(bytes.extracting(start..<end))
    return expected == found
      ? nil : DecodeError(.checksumMismatch, at: end, expected: Int(expected), found: Int(found))
  }
}
