/// An enciphered part of a P1 stream by its head, which alone tells its end: bytes of the cipher may look like text.
///
///     DB 08 title(8) length security counter(4) text [tag(12)]            (Luxmetering E-Meter P1 3.2.5)
///     /ident CRLF CRLF [DB] 00 length security counter(4) text [tag(12)] [! checksum CRLF]     (Kaifa, Elgama in Poland)
///
/// The title is missing behind an identification, and some meters leave out the DB too.
struct P1CipherBlock: BitwiseCopyable {
  /// Place of the byte before the title's length: of DB, or of the line end where DB is missing.
  let start: Int
  /// First byte behind it; it may lie behind the received bytes.
  let end: Int
  /// By the security control byte: the text is not in plain.
  let isEncrypted: Bool

  /// The block that may begin at a place.
  enum Found {
    case none
    /// More bytes decide.
    case incomplete
    case block(P1CipherBlock)
  }

  /// Examines the bytes at a place; behind an identification, DB may be missing.
  static func examine(_ bytes: Span<UInt8>, at place: Int, isBehindIdentification: Bool) -> Found {
    guard place < bytes.count else { return .incomplete }
    var position = place
    if bytes[place] == 0xDB || bytes[place] == 0xDC {
      position += 1
    } else if !isBehindIdentification || place == 0 {
      return .none
    }
    let start = position - 1
    guard position < bytes.count else { return .incomplete }
    guard bytes[position] == 8 || bytes[position] == 0 else { return .none }
    position += 1 + Int(bytes[position])
    guard position < bytes.count else { return .incomplete }
    // A length below 128 is one byte; else the byte tells how many follow.
    var length = Int(bytes[position])
    if length >= 0x80 {
      let count = length - 0x80
      guard count == 1 || count == 2 else { return .none }
      guard position + count < bytes.count else { return .incomplete }
      length = 0
      for index in position + 1...position + count { length = length << 8 | Int(bytes[index]) }
      position += count
    }
    position += 1
    guard length > 5, length <= P1Framer.limit else { return .none }
    guard position < bytes.count else { return .incomplete }
    // Security control: a suite that exists, and some protection.
    guard bytes[position] & 0x0F <= 2, bytes[position] & 0x30 != 0 else { return .none }
    return .block(
      P1CipherBlock(start: start, end: position + length, isEncrypted: bytes[position] & 0x20 != 0))
  }

  /// The block of a frame; nil for a telegram in plain.
  init?(frame: Span<UInt8>) {
    var place = 0
    let isBehindIdentification = frame.count > 0 && frame[0] == UInt8(ascii: "/")
    if isBehindIdentification {
      while place < frame.count, !frame[place].isLineEnd { place += 1 }
      while place < frame.count, frame[place].isLineEnd { place += 1 }
    }
    guard
      case .block(let block) = Self.examine(frame, at: place, isBehindIdentification: isBehindIdentification)
    else { return nil }
    self = block
  }

  private init(start: Int, end: Int, isEncrypted: Bool) {
    self.start = start
    self.end = end
    self.isEncrypted = isEncrypted
  }
}
