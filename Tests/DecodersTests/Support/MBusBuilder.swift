@testable import Decoders

/// Builds M-Bus answers, where a test needs one that no sample is.
enum MBusBuilder {
  /// An answer with CI 72 of a meter TST 12345678.
  static func answer(_ records: [UInt8], medium: UInt8 = 0x07, configuration: UInt16 = 0) -> [UInt8] {
    let header: [UInt8] = [0x78, 0x56, 0x34, 0x12, 0x74, 0x52, 0x01, medium, 0x05, 0x00]
    let word = [UInt8(configuration & 255), UInt8(configuration >> 8)]
    return MBusFrame.long(control: 0x08, address: 1, information: 0x72, data: header + word + records).bytes
  }

  /// The frame with the checksum that its bytes want.
  static func resealed(_ frame: [UInt8]) -> [UInt8] {
    guard frame.count > 6 else { return frame }
    var frame = frame
    frame[frame.count - 2] = frame[4..<frame.count - 2].reduce(0, &+)
    return frame
  }

  /// The telegram of a frame, or why it has none.
  static func decoded(_ frame: [UInt8], profile: Profile? = nil) -> Result<Telegram, DecodeError> {
    let decoded = decodeAll([.frame(frame)], MBusDecoder(profile: profile))
    if let error = decoded.errors.first { return .failure(error) }
    return decoded.telegrams.first.map { .success($0) } ?? .failure(DecodeError(.noise, at: 0))
  }
}
