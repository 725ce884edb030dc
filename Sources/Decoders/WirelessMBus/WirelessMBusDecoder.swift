/// Decodes the telegrams of wireless M-Bus meters (EN 13757-4 and -7, OMS): link layer, security, then the application layer
/// of M-Bus, compact frames, or a maker's own frame.
///
/// Every frame is a whole telegram. The decoder remembers the formats of full frames for compact ones.
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
  private let application: MBusApplication
  private var formats = CompactFormats()

  package init(_ known: Configuration = Configuration()) {
    self.known = known
    application = MBusApplication(profile: known.profile, doubtsEncryption: false)
  }

  /// Decodes one frame, in format A or B or without check values, into one telegram.
  ///
  /// Throws the errors of `WirelessFrame`, `WirelessLayers` and `MBusApplication.read`, and these:
  /// - `noKey`, `wrongKey`, `notEncrypted`, `unsupportedSecurity`.
  /// - `unknownFormat`, `formatMismatch`: a compact frame that no known format fits.
  /// - `makerFrame`: a maker's own frame that is not known here.
  package mutating func decode(_ frame: Span<UInt8>, into telegrams: inout [Telegram]) throws(DecodeError) {
    var message = try WirelessMessage(frame)
    while try message.readNextLayer() {
      if let session = message.layers.session, message.layers.isAtCheckValue { try openSession(&message, session) }
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
    telegrams[last].protection =
      message.isVerified ? .authenticated : message.isChecked || message.isOpened ? .checkValue : .none
    let received = [UInt8](frame)
    telegrams[last].received = received
    if let counter = message.counter {
      telegrams[last].seal = TelegramSeal(
        sender: message.layers.address.word, counter: counter, isVerified: message.isVerified, frame: received)
    }
  }

  /// Every frame is a whole telegram.
  package mutating func finish(into telegrams: inout [Telegram]) throws(DecodeError) {}

  private mutating func read(
    _ message: inout WirelessMessage, _ information: UInt8
  ) throws(DecodeError) -> Telegram {
    switch information {
    case 0x72, 0x7A, 0x78:
      try message.readHeader(information == 0x72 ? .variable : information == 0x7A ? .short : .none)
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
      try message.readHeader(information == 0x73 ? .variable : information == 0x7B ? .short : .none)
      try openRecords(&message)
      try expand(&message)
      return try records(message, isFull: false)
    case 0x69, 0x6A, 0x6B:
      try message.readHeader(information == 0x6B ? .variable : information == 0x6A ? .short : .none)
      try openRecords(&message)
      try learn(message)
      message.bytes.removeSubrange(message.body...)
      message.bytes[message.layers.start] = Self.fullFrame(message.header.structure)
      return try records(message, isFull: false)
    case 0xA0...0xB7: return try makerFrame(&message, information)
    default:
      _ = try application.read(
        message.bytes.span, from: message.layers.start, to: message.bytes.count, link: message.header)
      throw DecodeError(.unsupported, at: message.layers.start, found: Int(information))
    }
  }

  /// The CI field of a full frame with this header.
  private static func fullFrame(_ structure: MBusHeader.Structure) -> UInt8 {
    structure == .variable ? 0x72 : structure == .short ? 0x7A : 0x78
  }

  /// The records of a full frame, or of one that was made of a compact one.
  private mutating func records(_ message: WirelessMessage, isFull: Bool) throws(DecodeError) -> Telegram {
    var read = try application.read(
      message.bytes.span, from: message.layers.start, to: message.bytes.count, link: message.layers.address.header)
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
        linkAccessNumber: message.layers.accessNumber)
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
