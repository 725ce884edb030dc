/// Redacts P1 telegrams. Enciphered ones are deciphered, redacted and enciphered with another key.
package struct P1Redactor: FrameRedactor {
  package var pseudonyms = Pseudonyms()
  private var envelopes: EnvelopeRedactor

  /// - Parameters:
  ///   - cipher: the meter's; nil without a key.
  ///   - systemTitle: for meters that do not send theirs.
  ///   - example: the cipher with a key that is not a secret.
  package init(cipher: DLMSCipher?, systemTitle: SystemTitle?, example: DLMSCipher?) {
    envelopes = EnvelopeRedactor(cipher: cipher, systemTitle: systemTitle ?? SystemTitle(0), example: example)
  }

  package mutating func redact(_ frame: [UInt8]) throws(RedactionError) -> [UInt8] {
    guard let block = P1CipherBlock(frame: frame.span) else { return try P1Text.redacted(frame, &pseudonyms) }
    var data = frame
    let opened = try envelopes.open(&data, at: block.start)
    // The cipher may hold a whole telegram, or the lines alone. A checksum behind it covers the bytes before it.
    let text = Array(data[opened.text])
    if text.first == DLMSTag.text {
      data.replaceSubrange(opened.text, with: try P1Text.redacted(text, &pseudonyms))
    } else {
      let head = Array("/XXX5\r\n".utf8)
      let end = Array("!\r\n".utf8)
      let isWhole = text.contains(UInt8(ascii: "!"))
      let redacted = try P1Text.redacted(head + text + (isWhole ? [] : end), &pseudonyms)
      data.replaceSubrange(opened.text, with: redacted.dropFirst(head.count).dropLast(isWhole ? 0 : end.count))
    }
    if data[0] == DLMSTag.text { P1Text.redactIdentification(&data, &pseudonyms) }
    try envelopes.close(&data, opened, &pseudonyms)
    return P1Text.withChecksum(data, at: block.end)
  }
}

extension P1Text {
  /// A whole telegram in plain, redacted.
  static func redacted(_ frame: [UInt8], _ pseudonyms: inout Pseudonyms) throws(RedactionError) -> [UInt8] {
    var end = frame.count - 1
    while end > 0, frame[end].isLineEnd || Hexadecimal.digit(frame[end]) != nil { end -= 1 }
    guard end > 0, frame[end] == UInt8(ascii: "!") else { throw .unreadable(DecodeError(.truncated, at: frame.count)) }
    let telegram = Array(frame[...end])
    var lines = P1Lines(telegram.span, clock: P1Clock(P1Identification(telegram.span), utcOffset: nil), isWhole: true)
    lines.readAll(telegram.span)
    if let issue = lines.issues.first { throw .unreadable(issue) }
    var result = frame
    redactIdentification(&result, &pseudonyms)
    for record in lines.records {
      for group in lines.groups[record.groups] where identifies(group, of: record.obis, telegram) {
        let range = group.text.indices
        result.replaceSubrange(range, with: replacement(Array(frame[range]), &pseudonyms))
      }
    }
    guard !pseudonyms.isLeft(in: result) else { throw .numberLeft }
    return withChecksum(result, at: end)
  }

  /// Long numbers in the first line; the name of the model stays.
  static func redactIdentification(_ frame: inout [UInt8], _ pseudonyms: inout Pseudonyms) {
    let line = P1Identification(frame.span).line.indices
    for run in frame[line].indices.split(whereSeparator: { !frame[$0].isDigit }) where run.count >= longNumber {
      frame.replaceSubrange(run.startIndex..<run.endIndex, with: pseudonyms.text(Array(frame[run])))
    }
  }

  /// So many digits in a row are a serial number, not a type.
  private static let longNumber = 6
  /// The longest text that names no meter and no customer: a word, a tariff, a unit.
  private static let word = 5
  /// The longest counter without a unit.
  private static let counter = 7

  static func identifies(_ group: P1Group, of obis: Obis, _ bytes: [UInt8]) -> Bool {
    guard group.unit.isEmpty, !group.text.isEmpty else { return false }
    let text = Array(bytes[group.text.indices])
    switch (obis.c, obis.d, obis.e) {
    // Versions.
    case (96, 1, 4), (0, 2, _): return text.count > 8
    case (0, 0, _), (42, 0, _), (96, 1, _), (96, 2, _), (96, 13, _): return true
    // States, counters and tariffs.
    case (96, 3, _), (96, 5, _), (96, 7, _), (96, 8, _), (96, 14, _): return text.count > 16
    default: break
    }
    switch group.content {
    case .time: return false
    case .number, .longNumber: return text.count > counter && !text.contains(UInt8(ascii: "."))
    case .text:
      var index = 0
      let isCode = P1Lines.code((text + [UInt8(ascii: "(")]).span, &index) != nil
      return text.count > word && !isCode && !P1Notation.isTime(text.span)
    }
  }

  /// Hexadecimal digits of a text stay such digits.
  private static func replacement(_ text: [UInt8], _ pseudonyms: inout Pseudonyms) -> [UInt8] {
    guard let plain = decoded(text.span), plain.count * 2 == text.count else { return pseudonyms.text(text) }
    return Array(Hexadecimal.text(pseudonyms.text(plain)).utf8)
  }

  /// The bytes with a new checksum, if `!` and digits stand at a place.
  static func withChecksum(_ frame: [UInt8], at bang: Int) -> [UInt8] {
    guard bang < frame.count, frame[bang] == UInt8(ascii: "!") else { return frame }
    let digits = frame[(bang + 1)...].prefix(4).prefix { Hexadecimal.digit($0) != nil }
    guard !digits.isEmpty else { return frame }
    let checksum = String(CRC16.arc(frame.span.extracting(0...bang)), width: 4, radix: 16, uppercase: true)
    return Array(frame[...bang]) + Array(checksum.utf8) + frame[digits.endIndex...]
  }
}
