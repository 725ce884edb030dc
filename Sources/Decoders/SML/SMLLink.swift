/// The transport protocol of SML, version 1 (BSI TR-03109-1, SML 1.04, part 8): `1B1B1B1B 01010101`, the file, 0 to 3 bytes
/// 00 that fill it up to a multiple of four, `1B1B1B1B 1A`, their number, CRC.
///
/// Four bytes 1B of the file are sent twice. The search goes byte by byte: words of four would miss every mark behind a lost
/// byte. A file ends in 00, so that its last byte never touches the mark.
struct SMLLink: LinkLayer {
  static let escape: UInt8 = 0x1B
  /// Bytes of an escape and the four bytes that give it its meaning.
  static let markCount = 8
  /// Fill bytes of the longest gap.
  static let mostFill: UInt8 = 3

  private static let start: UInt8 = 0x01
  private static let startOfVersion2: UInt8 = 0x02
  private static let end: UInt8 = 0x1A

  /// Whether a CRC-16/KERMIT counts too. A meter that has sent the CRC of the standard once always does.
  var acceptsKermit = true

  func examine(_ bytes: Span<UInt8>, at place: ScanPlace) -> Examination {
    guard bytes[0] == Self.escape else { return DLMSForeignText.examine(bytes, isLast: place.isLast) }
    let mark = min(Self.markCount, bytes.count)
    for index in 1..<max(1, min(4, mark)) where bytes[index] != Self.escape { return .none }
    guard mark > 4 else { return .incomplete() }
    for index in 4..<mark where bytes[index] != bytes[4] { return .none }
    switch bytes[4] {
    case Self.start where mark == Self.markCount: return examineFile(bytes)
    case Self.startOfVersion2 where mark == Self.markCount:
      return .broken(DecodeError(.unsupported, at: 4, found: Int(Self.startOfVersion2)), extent: Self.markCount)
    case Self.start, Self.startOfVersion2: return .incomplete()
    default: return .none
    }
  }

  /// Finds the end of the file that begins here.
  private func examineFile(_ bytes: Span<UInt8>) -> Examination {
    var position = Self.markCount
    while let place = Self.nextEscape(bytes, from: position), place < SMLFramer.limit {
      let missing = place + Self.markCount - bytes.count
      guard missing <= 0 else { return .incomplete(missing: missing) }
      switch bytes[place + 4] {
      case Self.end: return examineEnd(bytes, place)
      case Self.escape where Self.isRepeated(bytes, place + 4): position = place + Self.markCount
      // The next file: this one has lost its end.
      case Self.start where Self.isRepeated(bytes, place + 4):
        return .broken(DecodeError(.truncated, at: place), extent: place)
      case let mark:
        let error = DecodeError(.badFrame, at: place + 4, expected: Int(Self.end), found: Int(mark))
        return .broken(error, extent: place)
      }
    }
    guard bytes.count >= SMLFramer.limit else { return .incomplete() }
    return .broken(DecodeError(.tooLong, at: SMLFramer.limit, expected: SMLFramer.limit), extent: SMLFramer.limit)
  }

  private func examineEnd(_ bytes: Span<UInt8>, _ place: Int) -> Examination {
    let count = place + Self.markCount
    let checked = bytes.extracting(0..<count - 2)
    let expected = UInt16(bytes[count - 2]) | UInt16(bytes[count - 1]) << 8
    let found = CRC16.x25(checked)
    guard found == expected || acceptsKermit && CRC16.kermit(checked) == expected else {
      return .broken(
        DecodeError(.checksumMismatch, at: count - 2, expected: Int(expected), found: Int(found)), extent: count)
    }
    let fill = bytes[place + 5]
    guard fill <= Self.mostFill else {
      return .broken(
        DecodeError(.badFrame, at: place + 5, expected: Int(Self.mostFill), found: Int(fill)), extent: count)
    }
    return .frame(count)
  }

  /// Whether the CRC of a file is that of the standard.
  static func isStandard(_ file: Span<UInt8>) -> Bool {
    let end = file.count - 2
    return CRC16.x25(file.extracting(0..<end)) == UInt16(file[end]) | UInt16(file[end + 1]) << 8
  }

  /// Place of the next four bytes 1B from a place on.
  static func nextEscape(_ bytes: Span<UInt8>, from start: Int) -> Int? {
    var index = start
    while index &+ 4 <= bytes.count {
      if bytes[index &+ 3] != escape {
        index &+= 4
      } else if isRepeated(bytes, index) {
        return index
      } else {
        index &+= 1
      }
    }
    return nil
  }

  /// Whether the byte at a place stands there four times.
  private static func isRepeated(_ bytes: Span<UInt8>, _ place: Int) -> Bool {
    let byte = bytes[place]
    return bytes[place + 1] == byte && bytes[place + 2] == byte && bytes[place + 3] == byte
  }
}
