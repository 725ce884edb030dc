/// Decodes the telegrams of wireless M-Bus meters (EN 13757-4 and -7, OMS): link layer, security, then the application layer
/// of M-Bus, compact frames, or a maker's own frame.
///
/// A frame is a whole telegram or a fragment of one. The decoder remembers the formats of full frames for compact ones.
package struct WirelessMBusDecoder: MeterDecoder {
  package struct Configuration: Sendable {
    /// AES, with the meter's key if it has one. Nil leaves all enciphered telegrams closed.
    package var cipher: WirelessCipher?
    /// What telegrams must have because the configuration names it.
    package var protection = ProtectionRule()
    /// Nil to recognise the family by each telegram.
    package var profile: Profile?

    package init() {}
  }

  let known: Configuration
  let application: MBusApplication
  private var formats = CompactFormats()
  private var fragments = WirelessFragments()
  /// The last frame had no check values. A receiver leaves them out always or never.
  private var isStripped = false
  /// How the last frame was taken; nil before the first one.
  private(set) var link: WirelessFrame?

  package init(_ known: Configuration = Configuration()) {
    self.known = known
    application = MBusApplication(profile: known.profile, doubtsEncryption: false)
  }

  /// Decodes one frame, in format A or B or without check values, into one telegram, or into none while fragments are missing.
  /// All fragments of a message may come as one frame, one behind the other.
  ///
  /// Throws the errors of `WirelessFrame`, `WirelessLayers` and `MBusApplication.read`, and these:
  /// - `noKey`, `wrongKey`, `notEncrypted`, `unsupportedSecurity`.
  /// - `segmentMissing`: a fragment that does not follow the one before.
  /// - `unknownFormat`, `formatMismatch`: a compact frame that no known format fits.
  /// - `makerFrame`: a maker's own frame that is not known here.
  package mutating func decode(_ frame: Span<UInt8>, into telegrams: inout [Telegram]) throws(DecodeError) {
    let link = try WirelessFrame(frame)
    self.link = link
    let first = telegrams.count
    var refusal: DecodeError?
    do throws(DecodeError) { try decode(frame, link, into: &telegrams) } catch { refusal = error }
    if link.format == .b, refusal != nil || telegrams.count > first && !telegrams[first].issues.isEmpty {
      var others: [Telegram] = []
      do throws(DecodeError) {
        try decode(frame, link.withoutCheckValues, into: &others)
        if let other = others.first, other.issues.isEmpty, isStripped || refusal != nil && other.isProven {
          self.link = link.withoutCheckValues
          return telegrams.replaceSubrange(first..., with: others)
        }
      } catch {
        // All blocks of the cipher are there, and what seemed to be the check value is of the last one.
        if refusal?.code == .truncated, [.noKey, .wrongKey].contains(error.code) { refusal = error }
      }
    }
    if let refusal { throw refusal }
    isStripped = link.format == .stripped
  }

  private mutating func decode(
    _ frame: Span<UInt8>, _ link: WirelessFrame, into telegrams: inout [Telegram]
  ) throws(DecodeError) {
    var message = try WirelessMessage(frame, link)
    while try message.readNextLayer() {
      if let session = message.layers.session, message.layers.isAtCheckValue { try openSession(&message, session) }
      if message.layers.authentication?.isWhole == false { return try join([UInt8](frame), into: &telegrams) }
    }
    let information = message.bytes[message.layers.start]
    message.layers.take(information)
    message.header = message.layers.address.header
    // It is changed in its place: a copy would count the owners of its arrays up and down.
    telegrams.append(try read(&message, information))
    let last = telegrams.count - 1
    if !telegrams[last].issues.isEmpty, !message.isChecked, WirelessFrame.isDamagedFormatB(frame) {
      telegrams.removeLast()
      throw DecodeError(.checksumMismatch, at: Int(frame[0]) - 1)
    }
    // A cipher shows the sender and hides no damage: half the bits of a frame in mode 5 may flip, and it still opens.
    telegrams[last].protection = message.isVerified ? .authenticated : message.isChecked ? .checkValue : .none
    let received = [UInt8](frame)
    telegrams[last].received = received
    if let counter = message.counter {
      telegrams[last].seal = TelegramSeal(
        sender: message.layers.address.word, counter: counter, isVerified: message.isVerified, frame: received)
    }
  }

  /// A message that lacks fragments throws `segmentMissing`.
  package mutating func finish(into telegrams: inout [Telegram]) throws(DecodeError) {
    var pieces: [Framed] = []
    fragments.finish(into: &pieces)
    if case .rejected(_, let error)? = pieces.first { throw error }
  }

  /// The formats of full frames.
  package var learnt: [[UInt8]] { formats.all }
  package mutating func learn(_ learnt: [[UInt8]]) { for format in learnt { formats.learn(format) } }

  /// Takes a fragment, and decodes the message if it is whole.
  private mutating func join(_ frame: [UInt8], into telegrams: inout [Telegram]) throws(DecodeError) {
    var pieces: [Framed] = []
    fragments.take(frame, into: &pieces)
    for piece in pieces {
      switch piece {
      case .frame(let message): try decode(message.span, into: &telegrams)
      case .rejected(_, let error): throw error
      }
    }
  }

  private mutating func read(
    _ message: inout WirelessMessage, _ information: UInt8
  ) throws(DecodeError) -> Telegram {
    switch information {
    case 0x72, 0x7A, 0x78:
      try message.readHeader(.of(information))
      if let mode = message.mode, mode >= 16, DiehlCipher.isMaker(message.layers.link.manufacturer) {
        message.layers.address = DiehlCipher.turned(message.bytes.span)
      }
      try openRecords(&message)
      if let layout = MakerLayout.of(message.layers.address, information, .body) { return try own(message, layout) }
      return try records(message, isFull: true)
    case 0x71 where DiehlCipher.isMaker(message.layers.link.manufacturer):
      message.layers.address = DiehlCipher.turned(message.bytes.span)
      message.bytes[message.layers.start] = 0x7A
      try message.readHeader(.short)
      message.mode = nil
      try openShiftRegister(&message)
      try known.protection.check(isEncrypted: message.isOpened, hasTag: false, at: message.body)
      return try records(message, isFull: true)
    case 0x73, 0x7B, 0x79:
      try message.readHeader(.of(information))
      try openRecords(&message)
      try expand(&message)
      return try records(message, isFull: false)
    case 0x69, 0x6A, 0x6B:
      try message.readHeader(.of(information))
      try openRecords(&message)
      try learn(message)
      message.bytes.removeSubrange(message.body...)
      message.bytes[message.layers.start] = Self.fullFrame(message.header.structure)
      return try records(message, isFull: false)
    case 0x8A, 0x8B:
      // A header, and nothing behind it: the meter tells that it can be reached.
      try message.readHeader(.of(information))
      message.bytes.removeSubrange((message.layers.start + 1)...)
      message.bytes[message.layers.start] = Self.fullFrame(.none)
      return try records(message, isFull: false)
    case 0xA0...0xB7: return try makerFrame(&message, information)
    default:
      _ = try application.read(
        message.bytes, from: message.layers.start, to: message.bytes.count, link: message.header)
      throw DecodeError(.unsupported, at: message.layers.start, found: Int(information))
    }
  }

  /// Opens a frame up to its records, or to a maker's own bytes, which stay as they are.
  ///
  /// Throws as `decode` does, and `unsupported` for what has neither.
  func opened(_ frame: Span<UInt8>, _ link: WirelessFrame) throws(DecodeError) -> WirelessMessage {
    var message = try WirelessMessage(frame, link)
    while try message.readNextLayer() {
      if let session = message.layers.session, message.layers.isAtCheckValue { try openSession(&message, session) }
    }
    message.header = message.layers.address.header
    let isDiehl = DiehlCipher.isMaker(message.layers.link.manufacturer)
    let information = message.bytes[message.layers.start]
    switch information {
    case 0x69...0x6B, 0x72, 0x73, 0x78...0x7B:
      try message.readHeader(.of(information))
      message.isTurned = isDiehl && message.mode ?? 0 >= 16
      try openRecords(&message)
    case 0xA0...0xB7:
      message.body = message.layers.start + 1
      try checkCode(&message)
      message.isTurned = isDiehl && information <= 0xA7 && message.body == 11
      guard message.isTurned else { break }
      message.isPRIOS = true
      let key = known.cipher?.key
      let opened = DiehlCipher.open(message.bytes, key: key) { $0.first == DiehlCipher.mark }
      guard let opened else { throw message.error(key == nil ? .noKey : .wrongKey) }
      (message.bytes, message.security, message.isOpened) = (opened.bytes, .shiftRegister, key != nil)
      message.publicKey = key == nil ? opened.key : nil
    default: throw DecodeError(.unsupported, at: message.layers.start, found: Int(information))
    }
    if message.isTurned { message.layers.address = DiehlCipher.turned(message.bytes.span) }
    return message
  }

  /// The CI field of a full frame with this header.
  private static func fullFrame(_ structure: MBusHeader.Structure) -> UInt8 {
    structure == .variable ? 0x72 : structure == .short ? 0x7A : 0x78
  }

  /// The records of a full frame, or of one that was made of a compact one.
  private mutating func records(_ message: WirelessMessage, isFull: Bool) throws(DecodeError) -> Telegram {
    var read = try application.read(
      message.bytes, from: message.layers.start, to: message.bytes.count, link: message.layers.address.header)
    if let doubt = message.doubt, read.issues.contains(where: { $0.offset < message.provenEnd }) {
      throw doubt == .unsupportedSecurity
        ? DecodeError(doubt, at: message.body - 1, found: Int(message.mode ?? 0)) : message.error(doubt)
    }
    if isFull, read.issues.isEmpty { formats.learn(read.content.records, read.bytes.span) }
    if let layout = MakerLayout.of(message.layers.address, 0, .record) { try addOwn(message, layout, to: &read) }
    return telegram(message, read)
  }

  /// Adds the fields of a record with a maker's layout. Its bytes are no text.
  private func addOwn(
    _ message: WirelessMessage, _ layout: MakerLayout, to read: inout MBusApplication.Message
  ) throws(DecodeError) {
    var records = read.content.records
    for index in records.indices where layout.fits(records[index], read.bytes) {
      let data = records[index].makerData(read.bytes)
      records[index].value = .bytes(ByteRange(from: data.lowerBound, to: data.upperBound))
      var reader = MakerReader(Array(read.bytes[data]), message, known.cipher, read.reading)
      try layout.read(&reader)
      read.reading = reader.reading
    }
    read.content = MBusContent(header: read.content.header, records: records, profile: read.content.profile)
  }

  private func telegram(_ message: WirelessMessage, _ read: consuming MBusApplication.Message) -> Telegram {
    read.telegram(.none) { content in
      WirelessMBusContent(
        message: content, chain: message.layers.chain, mode: message.mode, security: message.security,
        linkAccessNumber: message.layers.accessNumber,
        isOpenToAll: message.publicKey != nil
          || message.security == .shiftRegister && !message.isOpened && !message.isStoredPlain,
        hasUncheckedCode: message.hasUncheckedCode)
    }
  }

  /// Puts the records of a full frame in place of a compact one.
  private func expand(_ message: inout WirelessMessage) throws(DecodeError) {
    var start = message.body
    if message.security != nil, message.hasCheckWord(at: start) { start += 2 }
    let compact = message.bytes
    let bytes = compact.span
    guard start + 4 <= bytes.count else {
      throw DecodeError(.truncated, at: bytes.count, expected: 4, found: bytes.count - start)
    }
    let signature = UInt16(bytes[start]) | UInt16(bytes[start + 1]) << 8
    guard let format = formats.format(signature) else {
      throw DecodeError(.unknownFormat, at: start, found: Int(signature))
    }
    let records = try CompactFormats.expand(
      format, bytes, start + 4..<bytes.count, check: UInt16(bytes[start + 2]) | UInt16(bytes[start + 3]) << 8)
    message.bytes.replaceSubrange(message.body..., with: records)
    message.bytes[message.layers.start] = Self.fullFrame(message.header.structure)
    message.isChecked = true
    message.provenEnd = min(message.provenEnd, message.bytes.count)
  }

  /// Learns the format in a format frame: a signature, then the DIBs and VIBs that it is of.
  private mutating func learn(_ message: WirelessMessage) throws(DecodeError) {
    var format = message.bytes[message.body...].drop { $0 == 0x2F }
    while format.last == 0x2F { format.removeLast() }
    guard format.count > 2 else { throw DecodeError(.truncated, at: message.bytes.count, expected: 2) }
    let signature = Int(format[format.startIndex]) | Int(format[format.startIndex + 1]) << 8
    let codes = Array(format.dropFirst(2))
    let found = Int(CompactFormats.signature(codes.span))
    guard signature == found else {
      throw DecodeError(.formatMismatch, at: message.body, expected: signature, found: found)
    }
    formats.learn(codes)
  }

  /// A frame behind CI A0 to B7.
  private func makerFrame(_ message: inout WirelessMessage, _ information: UInt8) throws(DecodeError) -> Telegram {
    message.body = message.layers.start + 1
    if DiehlCipher.isMaker(message.layers.link.manufacturer), information <= 0xA7, message.body == 11 {
      message.layers.address = DiehlCipher.turned(message.bytes.span)
    }
    try checkCode(&message)
    guard let layout = MakerLayout.of(message.layers.address, information, .frame) else {
      try known.protection.check(isEncrypted: false, hasTag: false, at: message.body)
      throw DecodeError(.makerFrame, at: message.layers.start, found: Int(information))
    }
    return try own(message, layout)
  }

  /// A frame without records.
  private func own(_ message: WirelessMessage, _ layout: MakerLayout) throws(DecodeError) -> Telegram {
    var message = message
    var header = message.header
    let address = message.layers.address
    (header.identification, header.manufacturer) = (address.identification, address.manufacturer)
    (header.version, header.medium) = (address.version, address.medium)
    let nothing = MBusContext(records: [], bytes: [])
    var reading = MBusReadingBuilder.reading(header, nothing, profile: known.profile)
    reading.meter.medium = layout.medium
    var reader = MakerReader(Array(message.bytes[message.body...]), message, known.cipher, reading)
    try layout.read(&reader)
    message.security = reader.security ?? message.security
    message.isOpened = message.isOpened || reader.isOpened
    try known.protection.check(isEncrypted: message.isOpened, hasTag: message.isVerified, at: message.body)
    let content = MBusContent(header: header, records: [], profile: nil)
    return telegram(
      message,
      MBusApplication.Message(bytes: message.bytes, content: content, reading: reader.reading, issues: reader.issues))
  }
}
