@testable import Decoders

/// Builds readouts of D0 meters, where a test needs one that no sample is.
enum D0Builder {
  /// Lines between STX, `!`, ETX and the exclusive or, or the sum, of what stands behind STX.
  static func bytes(_ lines: [String], identification: String = "XYZ5TEST", isSum: Bool = false) -> [UInt8] {
    let text = Array(lines.map { $0 + "\r\n" }.joined().utf8) + Array("!\r\n".utf8) + [0x03]
    let check = isSum ? text.reduce(0, &+) & 0x7F : text.reduce(0, ^) & 0x7F
    return Array("/\(identification)\r\n".utf8) + [0x02] + text + [check]
  }

  /// The same without a check character.
  static func unchecked(_ lines: [String], identification: String = "XYZ5TEST") -> [UInt8] {
    Array("/\(identification)\r\n".utf8) + Array(lines.map { $0 + "\r\n" }.joined().utf8) + Array("!\r\n".utf8)
  }

  /// The readout with the check character that its bytes want, where it still has STX and ends with ETX and one.
  static func resealed(_ readout: [UInt8]) -> [UInt8] {
    guard let stx = readout.firstIndex(of: 0x02), readout.dropLast().last == 0x03 else { return readout }
    return readout.dropLast() + [readout[(stx + 1)...].dropLast().reduce(0, ^) & 0x7F]
  }

  /// One readout of these lines, decoded.
  static func telegram(_ lines: String..., identification: String = "XYZ5TEST", utcOffset: Int16? = nil) -> Telegram? {
    decodeAll(frames(D0Framer(), bytes(lines, identification: identification)), D0Decoder(utcOffset: utcOffset))
      .telegrams.first
  }
}
