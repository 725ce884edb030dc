/// Makes readings of P1 telegrams: one of the meter, and one of each gas, water or heat meter behind it.
///
/// The framer has already checked the checksum.
package struct P1Decoder: MeterDecoder {
  private let utcOffset: Int16?
  private let layouts: P1Layouts
  private var patience = Patience()

  /// - Parameter utcOffset: minutes east of UTC of the meter's clock; nil to believe the letters S and W.
  package init(utcOffset: Int16? = nil) { self.init(utcOffset: utcOffset, .shared) }

  init(utcOffset: Int16?, _ layouts: P1Layouts) {
    self.utcOffset = utcOffset
    self.layouts = layouts
  }

  package mutating func decode(_ frame: Span<UInt8>, into telegrams: inout [Telegram]) throws(DecodeError) {
    let end = try Self.endOfLines(frame)
    let telegram = frame.extracting(0...end)
    var issues: [DecodeError] = []
    let readings = readings(of: telegram, issues: &issues)
    let bytes = [UInt8](frame)
    telegrams.append(
      Telegram(
        bytes: bytes, content: P1Content(telegram: bytes, utcOffset: utcOffset), readings: readings, issues: issues,
        protection: P1Checksum.begins(behind: end, in: frame) ? .checkValue : .none))
  }

  /// By the layout of the telegram if it is known, else line by line.
  private mutating func readings(of telegram: Span<UInt8>, issues: inout [DecodeError]) -> [Reading] {
    if let known = layouts.readings(telegram, utcOffset: utcOffset) {
      patience.meetsKnown()
      return known
    }
    let meter = P1Identification(telegram)
    var readings = P1Readings(
      telegram, P1Lines(telegram, clock: P1Clock(meter, utcOffset: utcOffset), isWhole: false))
    let all = readings.all(of: meter, issues: &issues)
    issues = readings.lines.issues + issues
    if issues.isEmpty, !layouts.isFull, patience.meetsStranger(),
      let layout = P1Layout(telegram, of: meter, utcOffset: utcOffset, all)
    {
      layouts.learn(layout)
    }
    return all
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
