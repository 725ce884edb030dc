import Testing

@testable import Decoders

/// Builds P1 telegrams of lines, where a test needs one that no sample is.
enum P1Builder {
  /// The bytes of a telegram.
  static func bytes(_ lines: [String], identification: String = "XYZ5TEST", checksum: Bool = true) -> [UInt8] {
    let text = Array(("/" + identification + "\r\n\r\n" + lines.map { $0 + "\r\n" }.joined() + "!").utf8)
    return text + Array(((checksum ? P1Builder.checksum(text) : "") + "\r\n").utf8)
  }

  /// CRC-16/ARC bit by bit, so that the table of the program is held against another way to compute it.
  static func checksum(_ bytes: [UInt8]) -> String {
    var crc: UInt16 = 0
    for byte in bytes {
      crc ^= UInt16(byte)
      for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xA001 : crc >> 1 }
    }
    let digits = String(crc, radix: 16, uppercase: true)
    return String(repeating: "0", count: 4 - digits.count) + digits
  }

  /// The telegram with the checksum that its bytes want, where it still ends with `!`, four digits and a line end.
  static func resealed(_ telegram: [UInt8]) -> [UInt8] {
    let text = Array(telegram.dropLast(6))
    guard text.last == UInt8(ascii: "!") else { return telegram }
    return text + Array(checksum(text).utf8) + [0x0D, 0x0A]
  }

  /// One telegram of these lines, decoded.
  static func telegram(
    _ lines: String..., identification: String = "XYZ5\\METER-1", utcOffset: Int16? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> Telegram {
    let bytes = bytes(lines, identification: identification)
    return try #require(telegrams(bytes, utcOffset: utcOffset).first, sourceLocation: sourceLocation)
  }

  /// All telegrams of a stream.
  static func telegrams(_ bytes: [UInt8], utcOffset: Int16? = nil) throws -> [Telegram] {
    var decoder = P1Decoder(utcOffset: utcOffset)
    var telegrams: [Telegram] = []
    for frame in goodFrames(frames(P1Framer(), bytes)) { try decoder.decode(frame.span, into: &telegrams) }
    return telegrams
  }
}
