@testable import Decoders

/// Builds files of an SML meter, where a test needs one that no sample is.
enum SMLBuilder {
  /// What the file and its messages are sealed with.
  enum Checksum {
    case standard, kermit

    func of(_ bytes: [UInt8]) -> [UInt8] {
      let value = self == .standard ? CRC16.x25(bytes.span) : CRC16.kermit(bytes.span)
      return [UInt8(truncatingIfNeeded: value), UInt8(value >> 8)]
    }
  }

  static let serverID: [UInt8] = [0x0A, 0x01, 0x49, 0x53, 0x4B, 0x00, 0x04, 0x2D, 0xCE, 0x66]
  static let absent: [UInt8] = [0x01]

  // MARK: Elements

  static func octets(_ bytes: [UInt8]) -> [UInt8] {
    bytes.count < 15
      ? [UInt8(bytes.count + 1)] + bytes
      : [0x80 | UInt8((bytes.count + 2) >> 4), UInt8((bytes.count + 2) & 15)] + bytes
  }

  static func list(_ elements: [UInt8]...) -> [UInt8] { list(elements) }

  static func list(_ elements: [[UInt8]]) -> [UInt8] {
    let head =
      elements.count < 16
      ? [0x70 | UInt8(elements.count)] : [0xF0 | UInt8(elements.count >> 4), UInt8(elements.count & 15)]
    return head + elements.joined()
  }

  /// A number of so many bytes, marked by its type.
  static func number(_ value: Int64, _ width: Int, type: UInt8 = 0x60) -> [UInt8] {
    [type | UInt8(width + 1)]
      + (0..<width).map { UInt8(truncatingIfNeeded: value >> Int64(8 * (width - 1 - $0))) }
  }

  static func signed(_ value: Int64, _ width: Int) -> [UInt8] { number(value, width, type: 0x50) }

  // MARK: Entries and messages

  static func entry(
    _ code: [UInt8], _ value: [UInt8], unit: Int64? = nil, scaler: Int64? = nil, status: [UInt8] = absent,
    time: [UInt8] = absent
  ) -> [UInt8] {
    list(
      octets(code), status, time, unit.map { number($0, 1) } ?? absent, scaler.map { signed($0, 1) } ?? absent, value,
      absent)
  }

  /// A total of 12345.6 Wh.
  static let total = entry([1, 0, 1, 8, 0, 255], number(123_456, 4), unit: 30, scaler: -1)

  static func message(_ tag: Int64, _ body: [UInt8], _ checksum: Checksum = .standard) -> [UInt8] {
    var message = [0x76] + octets([1, 2, 3, 4]) + [0x62, 0x00, 0x62, 0x00] + list(number(tag, 2), body)
    message += [0x63] + checksum.of(message) + [0x00]
    return message
  }

  /// GetListResponse.
  static func values(
    _ entries: [[UInt8]], server: [UInt8] = serverID, time: [UInt8] = absent, _ checksum: Checksum = .standard
  ) -> [UInt8] {
    message(0x0701, list(absent, octets(server), absent, time, list(entries), absent, absent), checksum)
  }

  /// The messages between the marks of a file.
  static func file(_ messages: [UInt8]..., checksum: Checksum = .standard, fill: UInt8? = nil) -> [UInt8] {
    let body = messages.flatMap(\.self)
    let usual = UInt8((4 - body.count % 4) % 4)
    var file: [UInt8] = [0x1B, 0x1B, 0x1B, 0x1B, 1, 1, 1, 1] + body + [UInt8](repeating: 0, count: Int(usual))
    file += [0x1B, 0x1B, 0x1B, 0x1B, 0x1A, fill ?? usual]
    return file + checksum.of(file)
  }

  /// The file with the CRC of its bytes.
  static func resealed(_ file: [UInt8]) -> [UInt8] {
    file.count < 2 ? file : file.dropLast(2) + Checksum.standard.of(Array(file.dropLast(2)))
  }

  // MARK: Decoding

  static func decoded(_ stream: [UInt8], piece: Int = .max) -> Decoded {
    decodeAll(frames(SMLFramer(), stream, piece: piece), SMLDecoder())
  }

  /// The lines of the fields of one file, and of its issues or error.
  static func lines(_ file: [UInt8]) -> [String] {
    let decoded = decoded(file)
    return decoded.telegrams.flatMap { $0.fieldLines() + $0.issues.map { "issue: \($0.code.name)" } }
      + decoded.errors.map { "error: \($0.code.name)" }
  }
}
