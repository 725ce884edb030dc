/// Decodes the answers of M-Bus meters (EN 13757-3): variable data (CI 72, 76, 78, 7A) and fixed data (CI 73).
///
/// Every frame is a whole telegram. `moreRecordsFollow` announces further telegrams of a readout, and `join` makes one of
/// them.
package struct MBusDecoder: MeterDecoder {
  private static let fixedData: UInt8 = 0x73
  private static let applicationError: UInt8 = 0x70
  /// Bytes of a long frame before its data, and behind it.
  private static let dataStart = 7
  private static let trailer = 2

  /// Nil to recognise the family by the header of each telegram.
  private let profile: Profile?

  package init(profile: Profile? = nil) { self.profile = profile }

  /// Decodes one link frame into one telegram.
  ///
  /// Throws the errors of a link frame, and these:
  /// - `notAnAnswer`: a frame from a master.
  /// - `applicationError`: with the meter's code, or 0.
  /// - `unsupported`: another kind of frame or CI field.
  /// - `truncated`, `lengthMismatch`: a header that is too short, or fixed data of the wrong size.
  /// - `encrypted`.
  package mutating func decode(_ frame: Span<UInt8>, into telegrams: inout [Telegram]) throws(DecodeError) {
    var records: [MBusRecord] = []
    var issues: [DecodeError] = []
    let header = try Self.read(frame, into: &records, issues: &issues)
    let bytes = [UInt8](frame)
    let profile = profile ?? Profile(detecting: header)
    var content = MBusContent(header: header, records: records, profile: profile)
    var context = MBusContext(records: records, bytes: bytes)
    if header.structure == .reversed {
      context.bytes = content.ordered(bytes)
      content = Self.reread(context.bytes, content)
      context.records = content.records
    }
    let reading = MBusReadingBuilder.reading(header, context, profile: profile)
    telegrams.append(
      Telegram(bytes: bytes, content: content, readings: [reading], issues: issues, protection: .checkValue))
  }

  /// Every frame is a whole telegram.
  package mutating func finish(into telegrams: inout [Telegram]) throws(DecodeError) {}

  private static func read(
    _ frame: Span<UInt8>, into records: inout [MBusRecord], issues: inout [DecodeError]
  ) throws(DecodeError) -> MBusHeader {
    try checkLink(frame)
    let end = frame.count - trailer
    if let structure = MBusHeader.Structure(information: frame[6]) {
      let header = try MBusHeader(structure, frame, at: dataStart, to: end)
      let start = dataStart + structure.length
      MBusRecordParser.collect(frame.extracting(0..<end), from: start, into: &records, issues: &issues)
      if header.announcesEncryption { try checkPlain(frame, at: start, records, issues) }
      return header
    }
    switch frame[6] {
    case fixedData: return try MBusFixedData.read(frame, at: dataStart, to: end, into: &records)
    case applicationError:
      throw DecodeError(.applicationError, at: dataStart, found: end > dataStart ? Int(frame[dataStart]) : 0)
    default: throw DecodeError(.unsupported, at: 6, found: Int(frame[6]))
    }
  }

  /// Reads the records anew, with the bytes of each number turned round. No length depends on their order.
  private static func reread(_ ordered: [UInt8], _ content: MBusContent) -> MBusContent {
    guard let first = content.records.first else { return content }
    var records: [MBusRecord] = []
    var issues: [DecodeError] = []
    MBusRecordParser.collect(
      ordered.span.extracting(0..<ordered.count - trailer), from: Int(first.dib.start), into: &records, issues: &issues)
    return MBusContent(header: content.header, records: records, profile: content.profile)
  }

  /// A whole, sound long frame with data from a meter.
  private static func checkLink(_ frame: Span<UInt8>) throws(DecodeError) {
    try MBusLink.check(frame)
    guard frame.count > 1 else { throw DecodeError(.unsupported, at: 0, found: Int(frame[0])) }
    let controlAt = frame[0] == MBusLink.longStart ? 4 : 1
    let control = frame[controlAt]
    guard control & 0x40 == 0 else { throw DecodeError(.notAnAnswer, at: controlAt, found: Int(control)) }
    guard frame[0] == MBusLink.longStart else { throw DecodeError(.unsupported, at: 0, found: Int(frame[0])) }
  }

  /// Some meters on a wire announce encryption and still send plain records. Cipher text read as records would invent
  /// values. So the decoder believes such a telegram only if it begins like a plain one, or if every byte makes sense.
  private static func checkPlain(
    _ frame: Span<UInt8>, at start: Int, _ records: [MBusRecord], _ issues: [DecodeError]
  ) throws(DecodeError) {
    if start + 1 < frame.count, frame[start] == 0x2F, frame[start + 1] == 0x2F { return }
    guard issues.isEmpty, records.first?.kind == .data, records.allSatisfy(\.isOrdinary) else {
      throw DecodeError(.encrypted, at: start)
    }
  }
}

extension MBusRecord {
  /// The record has only common features; cipher text read as a record nearly always has rare ones.
  fileprivate var isOrdinary: Bool {
    guard kind == .data else { return true }
    guard quantity != .reserved, modifiers.isDisjoint(with: [.otherMeaning, .otherUnit]) else { return false }
    if case .absent = value { return false }
    return storage < 256 && tariff < 16 && subunit < 16
  }
}
