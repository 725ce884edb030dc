/// A frame of the data link layer of wireless M-Bus (EN 13757-4, clause 12): in format A or B with its check values, or as a
/// receiver left it without them.
///
///     L C M M A A A A A A data
///     L  length: the bytes behind it, in format B with the check values
///     C  control: what kind of message it is
///     M  manufacturer of the sender, three letters
///     A  number, version and medium of the sender
///
/// A check value stands in format A behind the first ten bytes and behind every sixteen that follow, in format B behind 126
/// bytes and at the end. Nothing in a frame tells its format; its check values do.
package struct WirelessFrame: BitwiseCopyable {
  package enum Format: UInt8, BitwiseCopyable {
    case a, b
    /// Without check values.
    case stripped
  }

  /// Bytes up to the CI field, and with it.
  static let headCount = 10
  /// The shortest length with a CI field.
  static let shortest = 10
  private static let block = 16
  /// The first part of format B, and with its check value.
  private static let firstPart = 126

  package let format: Format
  /// Bytes that it takes, with its check values. What a receiver puts behind them, such as a signal strength, is not of it.
  let count: Int

  /// Whether a control field is of a message from a meter: data, installation, access, or an answer.
  static func isFromMeter(_ control: UInt8) -> Bool {
    switch control {
    case 0x44, 0x46, 0x47, 0x48, 0x08: true
    default: false
    }
  }

  /// Whether a control field is of a message that has no data of a meter: of a collector (SND_NKE, SND_UD, CNF_IR, REQ_UD1,
  /// REQ_UD2), or ACK and NACK (EN 13757-3 and -4). In the lower ones bits 4 and 5 are the link's own.
  package static func isOfOthers(_ control: UInt8) -> Bool {
    switch control {
    case 0x40, 0x43, 0x53, 0x73, 0x06, 0x5A, 0x7A, 0x5B, 0x7B: true
    default: control & 0xCE == 0
    }
  }

  /// The frame at the beginning of some bytes.
  ///
  /// Throws `badFrame` for a length without room for a CI field, `truncated` with the missing bytes, `checksumMismatch`, and
  /// `notAnAnswer` for a message that is not from a meter.
  package init(_ bytes: Span<UInt8>) throws(DecodeError) {
    try self.init(anyones: bytes)
    guard Self.isFromMeter(bytes[1]) else { throw DecodeError(.notAnAnswer, at: 1, found: Int(bytes[1])) }
  }

  /// The same, whoever the message is from.
  init(anyones bytes: Span<UInt8>) throws(DecodeError) {
    guard bytes.count > 1 else { throw DecodeError(.truncated, at: bytes.count, expected: 2 - bytes.count) }
    let length = Int(bytes[0])
    guard length >= Self.shortest else {
      throw DecodeError(.badFrame, at: 0, expected: Self.shortest, found: length)
    }
    let plain = length + 1
    if Self.fits(bytes, 0..<Self.headCount), Self.isInFormatA(bytes, plain, fitting: 1) {
      format = .a
      count = Self.countInFormatA(plain)
      guard count <= bytes.count else { throw Self.truncated(count, bytes) }
      try Self.checkBlocks(bytes, count)
    } else {
      count = plain
      guard count <= bytes.count else { throw Self.truncated(count, bytes) }
      format = Self.isInFormatB(bytes, count) ? .b : .stripped
      // Its first block is damaged.
      if format == .stripped, Self.isInFormatA(bytes, plain, fitting: 0) {
        throw Self.mismatch(bytes, 0..<Self.headCount)
      }
      if format == .stripped, let part = Self.damagedPart(bytes, count) { throw Self.mismatch(bytes, part) }
    }
  }

  private init(_ format: Format, count: Int) {
    self.format = format
    self.count = count
  }

  /// A frame of format B taken as one without check values: of these one in 65 536 ends with what would be right.
  var withoutCheckValues: WirelessFrame { WirelessFrame(.stripped, count: count) }

  /// The bytes without check values; the length counts the bytes behind it.
  func stripped(_ bytes: Span<UInt8>) -> [UInt8] {
    var plain: [UInt8]
    switch format {
    case .stripped: plain = [UInt8](bytes.extracting(0..<count))
    case .b:
      plain = [UInt8](bytes.extracting(0..<min(count - 2, Self.firstPart)))
      if count > Self.firstPart + 2 { plain.append(bytes.extracting(Self.firstPart + 2..<count - 2)) }
    case .a:
      // The bytes behind the first block are written over.
      plain = [UInt8](bytes.extracting(0..<Int(bytes[0]) + 1))
      var end = Self.headCount
      var start = Self.headCount + 2
      var places = plain.mutableSpan
      while start < count {
        let part = min(Self.block, count - 2 - start)
        places.write(bytes.extracting(start..<start + part), at: end)
        start += Self.block + 2
        end += part
      }
    }
    plain[0] = UInt8(truncatingIfNeeded: plain.count - 1)
    return plain
  }

  /// A frame without check values with its own length, where rtl_433 has changed it. Versions 20.11 to 23.11 print two less,
  /// and behind a frame of format A its last check value, which proves it. Later ones print the length of format B, which
  /// counts the check value that they leave out: there is no proof then but that `hasHead` says what the bytes begin with.
  static func withLength(_ bytes: [UInt8], hasHead: Bool) -> [UInt8] {
    var frame = bytes
    let length = Int(bytes[0])
    if bytes.count == length + 5, bytes.count > shortest + 2 {
      let plain = bytes.count - 2
      let start = headCount + (plain - headCount - 1) / block * block
      guard fits(bytes.span, start..<plain) else { return bytes }
      frame.removeLast(2)
    } else {
      // Of a longer one rtl_433 mixes up the bytes.
      guard hasHead, bytes.count == length - 1, bytes.count <= firstPart else { return bytes }
    }
    frame[0] = UInt8(clamping: frame.count - 1)
    return frame
  }

  /// A frame without check values, made into one of a format.
  static func frame(_ plain: [UInt8], as format: Format) -> [UInt8] {
    guard format != .stripped else { return plain }
    var frame: [UInt8] = []
    var start = 0
    while start < plain.count {
      let end = format == .b ? start + firstPart : start == 0 ? headCount : start + block
      let part = plain[start..<min(end, plain.count)]
      frame += part
      if format == .b, start == 0 {
        frame[0] = UInt8(truncatingIfNeeded: plain.count + (plain.count > firstPart ? 3 : 1))
      }
      let checked = frame.count - part.count..<frame.count
      let value = CRC16.en13757(frame.span, checked)
      frame += [UInt8(value >> 8), UInt8(value & 255)]
      start = end
    }
    return frame
  }

  private static func countInFormatA(_ plain: Int) -> Int {
    plain + 2 + (plain - headCount + block - 1) / block * 2
  }

  /// The bytes that tell a frame without check values from one of format A whose first block is damaged; see `isInFormatA`.
  static func countToTell(_ length: UInt8) -> Int {
    max(countInFormatA(Int(length) + 1), headCount + 2 + block + 2)
  }

  /// Whether a frame is in format A: one block fits, and two where all speaks for a frame without check values, of whose
  /// bytes one block in 65 536 fits by chance. Damage may be in the length, so the second block counts whatever the length
  /// says. `fitting` is 1 if the first block is known to fit, else 0.
  private static func isInFormatA(_ bytes: Span<UInt8>, _ plain: Int, fitting: Int) -> Bool {
    let least = looksStripped(bytes, plain) ? 2 : 1
    var fitting = fitting
    guard fitting < least else { return true }
    let first = headCount + 2
    if fits(bytes, first..<first + block) { fitting += 1 }
    let count = countInFormatA(plain)
    for start in stride(from: first, to: count, by: block + 2) where fitting < least {
      let end = min(start + block, count - 2)
      if end > start, start > first || end < first + block, fits(bytes, start..<end) { fitting += 1 }
    }
    return fitting >= least
  }

  /// Whether a frame is too short for format A, and has its CI field where that format has a check value. Where format A has
  /// the CI field any byte may stand, such as an access number, if its length is right.
  private static func looksStripped(_ bytes: Span<UInt8>, _ plain: Int) -> Bool {
    let mayBeWhole = bytes.count >= plain && bytes.count < countInFormatA(plain) && bytes.count > headCount + 2
    return mayBeWhole && WirelessMBusFramer.isLayer(bytes[headCount])
      && (bytes.count == plain || !WirelessMBusFramer.isLayer(bytes[headCount + 2]))
  }

  /// Every block behind the first.
  private static func checkBlocks(_ bytes: Span<UInt8>, _ count: Int) throws(DecodeError) {
    var start = headCount + 2
    while start < count {
      let end = min(start + block, count - 2)
      guard end > start, fits(bytes, start..<end) else { throw mismatch(bytes, start..<end) }
      start = end + 2
    }
  }

  /// Whether a frame that looks stripped is one of format B with one bit flipped. In format B one check value covers all
  /// bytes, so damage hides the format; of stripped frames one in two hundred looks so by chance.
  static func isDamagedFormatB(_ frame: Span<UInt8>) -> Bool {
    let count = Int(frame[0]) + 1
    guard count <= frame.count, count <= firstPart + 2 else { return false }
    let bytes = [UInt8](frame.extracting(0..<count))
    let expected = UInt16(bytes[count - 2]) << 8 | UInt16(bytes[count - 1])
    let difference = CRC16.en13757(bytes.span, 0..<count - 2) ^ expected
    if difference.nonzeroBitCount == 1 { return true }
    // The change of a check value depends on the flipped bit alone.
    let zeros = [UInt8](repeating: 0, count: count - 2)
    let none = CRC16.en13757(zeros.span, 0..<zeros.count)
    for bit in 8..<zeros.count * 8 {
      var flipped = zeros
      flipped[bit / 8] = 1 << UInt8(bit % 8)
      if CRC16.en13757(flipped.span, 0..<flipped.count) ^ none == difference { return true }
    }
    return false
  }

  /// The part of a long frame of format B that does not fit while the other one does; nil for any other frame.
  private static func damagedPart(_ bytes: Span<UInt8>, _ count: Int) -> Range<Int>? {
    guard count > firstPart + 4 else { return nil }
    let (first, second) = (0..<firstPart, firstPart + 2..<count - 2)
    let fitsFirst = fits(bytes, first)
    return fitsFirst == fits(bytes, second) ? nil : fitsFirst ? second : first
  }

  private static func isInFormatB(_ bytes: Span<UInt8>, _ count: Int) -> Bool {
    guard count > firstPart + 2 else { return fits(bytes, 0..<count - 2) }
    return fits(bytes, 0..<firstPart) && count > firstPart + 4 && fits(bytes, firstPart + 2..<count - 2)
  }

  /// Whether the check value behind some bytes is theirs, the high byte first.
  private static func fits(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
    let end = range.upperBound
    guard end + 2 <= bytes.count else { return false }
    return CRC16.en13757(bytes, range) == UInt16(bytes[end]) << 8 | UInt16(bytes[end + 1])
  }

  private static func mismatch(_ bytes: Span<UInt8>, _ range: Range<Int>) -> DecodeError {
    let end = range.upperBound
    return DecodeError(
      .checksumMismatch, at: end, expected: Int(bytes[end]) << 8 | Int(bytes[end + 1]),
      found: Int(CRC16.en13757(bytes, range)))
  }

  /// The error of a frame that must have check values, and has none that fits. Nil if there is room for none.
  package static func damage(_ bytes: Span<UInt8>, isFormatB: Bool) -> DecodeError? {
    guard bytes.count >= headCount + 2 else { return nil }
    let length = Int(bytes[0]) + 1
    let end = length > firstPart + 2 ? firstPart : length - 2
    return mismatch(bytes, 0..<(isFormatB ? max(headCount, min(end, bytes.count - 2)) : headCount))
  }

  private static func truncated(_ count: Int, _ bytes: Span<UInt8>) -> DecodeError {
    DecodeError(.truncated, at: bytes.count, expected: count - bytes.count)
  }
}
