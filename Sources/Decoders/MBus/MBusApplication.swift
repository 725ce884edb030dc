/// The application layer of M-Bus (EN 13757-3): CI field, header and records, whatever link layer carries them.
///
/// It reads variable data (CI 72, 76, 78, 7A), fixed data (CI 73) and application errors (CI 70). All places are places in
/// the frame around it.
struct MBusApplication {
  private static let fixedData: UInt8 = 0x73
  private static let applicationError: UInt8 = 0x70

  /// What it says. `bytes` is the whole frame.
  struct Message: ~Copyable {
    var bytes: [UInt8]
    var content: MBusContent
    var reading: Reading
    /// Unusable records; the others stand.
    var issues: [DecodeError]

    /// It moves its parts out: copies would count the owners of each up and down. `wrap` makes the telegram's content of its
    /// own.
    consuming func telegram(
      _ protection: Telegram.Protection, wrap: (MBusContent) -> any TelegramContent = { $0 }
    ) -> Telegram {
      var own = MBusContent(header: content.header, records: [], profile: nil)
      swap(&own, &content)
      var telegram = Telegram(
        bytes: [], content: wrap(own), readings: [Reading(meter: reading.meter)], protection: protection)
      swap(&telegram.bytes, &bytes)
      swap(&telegram.readings[0], &reading)
      swap(&telegram.issues, &issues)
      return telegram
    }
  }

  /// Nil to recognise the family by the header.
  let profile: Profile?
  /// Whether records in plain count although the header announces encryption; see `checkPlain`.
  let doubtsEncryption: Bool

  /// Reads the application layer of a frame: from the CI field at `start` up to `end`. A short header, or none, leaves the
  /// sender as `link` has it, which is what the link layer knows.
  ///
  /// Throws `applicationError` with the meter's code or 0, `unsupported` for another CI field, `truncated` or
  /// `lengthMismatch` for a header that is too short or fixed data of the wrong size, and `encrypted`.
  func read(
    _ bytes: [UInt8], from start: Int, to end: Int, link: MBusHeader
  ) throws(DecodeError) -> Message {
    var records: [MBusRecord] = []
    var issues: [DecodeError] = []
    let header = try readRecords(bytes.span, start, end, link, into: &records, issues: &issues)
    let profile = profile ?? Profile(detecting: header)
    if header.structure == .reversed {
      let content = MBusContent(header: header, records: records, profile: profile)
      let ordered = content.ordered(bytes)
      records = Self.reread(ordered, content, to: end)
      let reading = MBusReadingBuilder.reading(
        header, MBusContext(records: records, bytes: ordered), profile: profile)
      return Message(
        bytes: bytes, content: MBusContent(header: header, records: records, profile: profile), reading: reading,
        issues: issues)
    }
    let context = MBusContext(records: records, bytes: bytes)
    let reading = MBusReadingBuilder.reading(header, context, profile: profile)
    return Message(
      bytes: bytes, content: MBusContent(header: header, records: records, profile: profile), reading: reading,
      issues: issues)
  }

  private func readRecords(
    _ frame: Span<UInt8>, _ start: Int, _ end: Int, _ link: MBusHeader, into records: inout [MBusRecord],
    issues: inout [DecodeError]
  ) throws(DecodeError) -> MBusHeader {
    let dataStart = start + 1
    if let structure = MBusHeader.Structure(information: frame[start]) {
      let header = try MBusHeader(structure, frame, at: dataStart, to: end, link: link)
      let first = dataStart + structure.length
      records = MBusRecordParser.records(frame.extracting(0..<end), from: first, issues: &issues)
      if doubtsEncryption, header.announcesEncryption { try Self.checkPlain(frame, at: first, records, issues) }
      return header
    }
    switch frame[start] {
    case Self.fixedData: return try MBusFixedData.read(frame, at: dataStart, to: end, link: link, into: &records)
    case Self.applicationError:
      throw DecodeError(.applicationError, at: dataStart, found: end > dataStart ? Int(frame[dataStart]) : 0)
    default: throw DecodeError(.unsupported, at: start, found: Int(frame[start]))
    }
  }

  /// Reads the records anew, with the bytes of each number turned round. No length depends on their order.
  private static func reread(_ ordered: [UInt8], _ content: MBusContent, to end: Int) -> [MBusRecord] {
    guard let first = content.records.first else { return [] }
    var issues: [DecodeError] = []
    return MBusRecordParser.records(ordered.span.extracting(0..<end), from: Int(first.dib.start), issues: &issues)
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
