/// Makes the reading of a readout (IEC 62056-21). The framer has already checked the BCC.
package struct D0Decoder: MeterDecoder {
  private let utcOffset: Int16?
  private(set) var habit = D0Habit()

  /// - Parameter utcOffset: minutes east of UTC of the meter's clock; nil where it is not configured.
  package init(utcOffset: Int16? = nil) { self.utcOffset = utcOffset }

  package mutating func decode(_ frame: Span<UInt8>, into telegrams: inout [Telegram]) throws(DecodeError) {
    if let telegram = habit.telegram(frame, utcOffset: utcOffset) { return telegrams.append(telegram) }
    let parts = try D0Parts(frame)
    let readout = frame.extracting(0...parts.bang)
    var sets = D0Sets(readout, from: parts.body)
    let medium = D0Readings.complete(&sets.records)
    var changing = D0Changing(isWanted: habit.meetsStranger())
    let reading = D0Readings(bytes: readout, groups: sets.groups, medium: medium, utcOffset: utcOffset)
      .reading(of: sets.records, D0Identification(readout), &changing, issues: &sets.issues)
    let content = D0Content(records: sets.records, groups: sets.groups)
    if changing.isWanted, sets.issues.isEmpty, let layout = D0Layout(frame, parts, content, reading, changing) {
      habit.learn(layout)
    }
    telegrams.append(
      Telegram(
        bytes: [UInt8](frame), content: content, readings: [reading], issues: sets.issues,
        protection: parts.etx == nil ? .none : .checkValue))
  }

  /// Every frame is a whole readout.
  package mutating func finish(into telegrams: inout [Telegram]) throws(DecodeError) {}
}

/// Where the parts of a whole readout are.
struct D0Parts: BitwiseCopyable {
  /// The first byte that BCC covers, or the first behind the identification.
  let body: Int
  /// The `!` behind the last set.
  let bang: Int
  /// Nil without a check character; else it follows.
  let etx: Int?

  init(_ frame: Span<UInt8>) throws(DecodeError) {
    guard frame.count > 0 else { throw DecodeError(.truncated, at: 0) }
    guard frame[0] == UInt8(ascii: "/") else {
      throw DecodeError(.badFrame, at: 0, expected: Int(UInt8(ascii: "/")), found: Int(frame[0]))
    }
    guard frame.count <= D0Framer.limit else { throw DecodeError(.tooLong, at: 0, expected: D0Framer.limit) }
    let hasCheck = frame[max(0, frame.count - 2)] == D0Block.etx
    etx = hasCheck ? frame.count - 2 : nil
    var end = frame.count - (hasCheck ? 3 : 1)
    while end > 0, frame[end].isLineEnd { end &-= 1 }
    guard end > 0, frame[end] == UInt8(ascii: "!") else { throw DecodeError(.truncated, at: frame.count) }
    bang = end
    var index = 0
    while index < end, !frame[index].isLineEnd { index &+= 1 }
    if index + 1 < end, frame[index] == .carriageReturn, frame[index + 1] == .lineFeed { index &+= 1 }
    let first = min(index + 1, end)
    index = first
    while index < end, frame[index] != D0Block.stx, frame[index] != UInt8(ascii: "(") { index &+= 1 }
    body = frame[index] == D0Block.stx ? index + 1 : first
  }
}
