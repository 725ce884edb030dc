/// Redacts the answers of M-Bus meters: numbers, texts, and data whose meaning is not known, which become zeros.
package struct MBusRedactor: FrameRedactor {
  package var pseudonyms = Pseudonyms()

  private let profile: Profile?

  /// - Parameter profile: the configured family, which knows more codes; nil to recognise it.
  package init(profile: Profile? = nil) { self.profile = profile }

  package mutating func redact(_ frame: [UInt8]) throws(RedactionError) -> [UInt8] {
    // An acknowledgement says nothing of the meter.
    if frame == [MBusLink.acknowledge] { return frame }
    let telegram = try readable { () throws(DecodeError) in
      var decoder = MBusDecoder(profile: profile)
      var telegrams: [Telegram] = []
      try decoder.decode(frame.span, into: &telegrams)
      return telegrams[0]
    }
    if let issue = telegram.issues.first { throw .unreadable(issue) }
    guard let content = telegram.content as? MBusContent else { return frame }
    var result = frame
    let isReversed = content.header.structure == .reversed
    if content.header.hasIdentification {
      Pseudonyms.replace(&result, Self.identification, isReversed: isReversed) { pseudonyms.packed($0) }
    }
    pseudonyms.replace(content, of: telegram, in: &result)
    guard !pseudonyms.isLeft(in: result) else { throw .numberLeft }
    result[frame.count - 2] = result[4..<frame.count - 2].reduce(0, &+)
    return result
  }

  private static let identification = 7..<11
}

extension Pseudonyms {
  /// Replaces what the records of an M-Bus telegram tell of the meter: numbers and texts. What is not known becomes zeros.
  mutating func replace(_ content: MBusContent, of telegram: Telegram, in frame: inout [UInt8]) {
    let unknown = Self.unknownCodes(of: telegram)
    let isReversed = content.header.structure == .reversed
    for record in content.records {
      let code = Array(frame[record.dib.indices] + frame[record.vib.indices])
      replace(record, isUnknown: unknown.contains(code), isReversed: isReversed, in: &frame)
    }
  }

  /// The DIB and VIB of records without a name, which may be a number of the meter.
  private static func unknownCodes(of telegram: Telegram) -> Set<[UInt8]> {
    var codes: Set<[UInt8]> = []
    for reading in telegram.readings {
      for case .mbus(let range, _) in reading.fields.map(\.key.code) {
        codes.insert(Array(reading.text[range.indices]))
      }
    }
    return codes
  }

  /// Replaces a range, which `change` sees with the least significant byte first, whatever the meter's order.
  fileprivate static func replace(
    _ frame: inout [UInt8], _ range: Range<Int>, isReversed: Bool, _ change: ([UInt8]) -> [UInt8]
  ) {
    let bytes = Array(frame[range])
    let changed = change(isReversed ? bytes.reversed() : bytes)
    frame.replaceSubrange(range, with: isReversed ? changed.reversed() : changed)
  }

  private mutating func replace(
    _ record: MBusRecord, isUnknown: Bool, isReversed: Bool, in frame: inout [UInt8]
  ) {
    var range = record.data.indices
    guard record.kind == .data else { return Self.empty(&frame, range) }
    let format = frame[Int(record.dib.start)] & 15
    // Data of variable length begins with its length.
    if format == 13 { range = range.dropFirst() }
    switch record.value {
    case .text: Self.replace(&frame, range, isReversed: isReversed) { text($0.reversed()).reversed() }
    case .digits: Self.replace(&frame, range, isReversed: isReversed) { packed($0) }
    case .number where record.isIdentifier || record.isSecret:
      Self.replace(&frame, range, isReversed: isReversed) { bytes in
        (9...14).contains(format) ? packed(bytes) : self.bytes(bytes.reversed()).reversed()
      }
    case .bytes: Self.empty(&frame, range)
    // Two bytes are too short for a number of the meter.
    case .number where isUnknown && range.count > 2: Self.empty(&frame, range)
    case .number, .absent, .time, .timeOfDay: break
    }
  }

  private static func empty(_ frame: inout [UInt8], _ range: Range<Int>) {
    for index in range { frame[index] = 0 }
  }
}

extension Pseudonyms {
  /// Decimal digits, two a byte, the last ones first.
  mutating func packed(_ bytes: [UInt8]) -> [UInt8] {
    let digits = digits(Array(Hexadecimal.text(bytes.reversed()).utf8))
    return (Hexadecimal.bytes(digits) ?? bytes).reversed()
  }
}
