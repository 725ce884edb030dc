/// The end of a P1 telegram: `!`, and up to four digits of a checksum over all bytes up to it (CRC-16/ARC; DSMR P1 companion
/// standard 5.0.2, clause 6.2).
struct P1Checksum: BitwiseCopyable {
  /// Place of `!`.
  let bang: Int
  /// Meters of version 2.2 and 3 send none; some meters leave out leading zeros.
  let digits: Int

  var isMissing: Bool { digits == 0 }

  /// Nil if a telegram does not end with this line.
  init?(_ bytes: Span<UInt8>, _ line: Range<Int>) {
    var last = line.upperBound
    while last > line.lowerBound, bytes[last - 1].isLineEnd { last -= 1 }
    var digits = 0
    while digits < 4, last - digits > line.lowerBound, Hexadecimal.digit(bytes[last - digits - 1]) != nil {
      digits += 1
    }
    bang = last - digits - 1
    self.digits = digits
    guard bang >= line.lowerBound, bytes[bang] == UInt8(ascii: "!"),
      bang == line.lowerBound || digits > 0 && bytes[bang - 1] == UInt8(ascii: ")")
    else { return nil }
  }

  /// Whether a digit follows the `!` at a place.
  static func begins(behind bang: Int, in bytes: Span<UInt8>) -> Bool {
    bang + 1 < bytes.count && Hexadecimal.digit(bytes[bang + 1]) != nil
  }

  /// The mistake in the checksum of a telegram that begins at `start`; `truncated` if digits may be missing.
  func mistake(_ bytes: Span<UInt8>, start: Int) -> DecodeError? {
    var expected: UInt16 = 0
    for index in bang + 1...bang + digits { expected = expected << 4 | UInt16(Hexadecimal.digit(bytes[index]) ?? 0) }
    let found = CRC16.arc(bytes.extracting(start...bang))
    guard found != expected, restored(bytes, start: start) != expected else { return nil }
    let place = bang + 1 - start
    return digits < 4 && bang + digits + 1 == bytes.count
      ? DecodeError(.truncated, at: place + digits)
      : DecodeError(.checksumMismatch, at: place, expected: Int(expected), found: Int(found))
  }

  /// The checksum of the telegram with CR LF, in case a gateway turned CR LF into LF.
  private func restored(_ bytes: Span<UInt8>, start: Int) -> UInt16? {
    var whole: [UInt8] = []
    whole.reserveCapacity(bang - start + 64)
    for index in start...bang {
      if bytes[index] == .lineFeed, index > start, bytes[index - 1] != .carriageReturn { whole.append(.carriageReturn) }
      whole.append(bytes[index])
    }
    return whole.count == bang + 1 - start ? nil : CRC16.arc(whole.span)
  }
}
