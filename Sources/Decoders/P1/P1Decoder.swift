/// Makes readings of P1 telegrams: one of the meter, and one of each gas, water or heat meter behind it.
///
/// The framer has already checked the checksum.
package struct P1Decoder: MeterDecoder {
  private let utcOffset: Int16?

  /// - Parameter utcOffset: minutes east of UTC of the meter's clock; nil to believe the letters S and W.
  package init(utcOffset: Int16? = nil) { self.utcOffset = utcOffset }

  package mutating func decode(_ frame: Span<UInt8>, into telegrams: inout [Telegram]) throws(DecodeError) {
    let end = try Self.endOfLines(frame)
    let telegram = frame.extracting(0...end)
    let identification = P1Identification(telegram)
    var readings = P1Readings(
      telegram, P1Lines(telegram, clock: P1Clock(identification, utcOffset: utcOffset), isWhole: false))
    var issues: [DecodeError] = []
    let all = readings.all(of: identification, issues: &issues)
    let bytes = [UInt8](frame)
    telegrams.append(
      Telegram(
        bytes: bytes, content: P1Content(telegram: bytes, utcOffset: utcOffset), readings: all,
        issues: readings.lines.issues + issues,
        protection: P1Checksum.begins(behind: end, in: frame) ? .checkValue : .none))
  }

  /// Every frame is a whole telegram.
  package mutating func finish(into telegrams: inout [Telegram]) throws(DecodeError) {}

  /// The place of the `!` before the checksum.
  static func endOfLines(_ frame: Span<UInt8>) throws(DecodeError) -> Int {
    guard frame.count > 0 else { throw DecodeError(.truncated, at: 0) }
    guard frame[0] == UInt8(ascii: "/") else {
      throw DecodeError(.badFrame, at: 0, expected: Int(UInt8(ascii: "/")), found: Int(frame[0]))
    }
    guard frame.count <= P1Framer.limit else { throw DecodeError(.tooLong, at: 0, expected: P1Framer.limit) }
    var end = frame.count - 1
    while end > 0, frame[end].isLineEnd || Hexadecimal.digit(frame[end]) != nil { end &-= 1 }
    guard frame[end] == UInt8(ascii: "!") else { throw DecodeError(.truncated, at: frame.count) }
    return end
  }
}
