/// What opens a telegram. Errors about a key carry the meter.
extension WirelessMBusDecoder {
  /// Blocks of the cipher.
  private static let block = 16
  /// Communication control without the bits that a repeater changes: relayed, repeated.
  private static let unchangedControl: UInt8 = 0xED
  /// Sixteen zeros, the key of Apator's meters as delivered.
  private static let zeroKey = [UInt8](repeating: 0, count: 16)

  /// Opens what follows an extended link layer with a session, and checks its check value.
  func openSession(_ message: inout WirelessMessage, _ session: WirelessLayers.Session) throws(DecodeError) {
    let place = message.layers.start
    let isPlain = Self.fitsCheckValue(message.bytes.span, at: place)
    message.isChecked = true
    message.sessionPlace = place
    if session.isEncrypted {
      message.security = .counter
      if let cipher = known.cipher, cipher.key != nil {
        var opened = message.bytes
        let vector = vector(message.layers, session)
        if cipher.apply(.counter, vector, to: &opened, place..<opened.count),
          Self.fitsCheckValue(opened.span, at: place)
        {
          message.bytes = opened
          message.vector = vector
          message.isOpened = true
          message.counter = session.counter
        } else if !isPlain {
          throw message.error(.wrongKey)
        }
      } else if !isPlain {
        throw message.error(.noKey)
      }
    } else {
      guard session.number >> 29 == 0 else {
        throw DecodeError(.unsupportedSecurity, at: place - 4, found: Int(session.number >> 29))
      }
      guard isPlain else {
        throw DecodeError(
          .checksumMismatch, at: place, expected: Self.checkValue(message.bytes.span, at: place),
          found: Int(CRC16.en13757(message.bytes.span, place + 2..<message.bytes.count)))
      }
    }
    message.layers.stepOverCheckValue()
  }

  /// Opens the records behind a header by the mode in its configuration word.
  func openRecords(_ message: inout WirelessMessage) throws(DecodeError) {
    switch message.mode {
    case nil, 0: try checkCode(&message)
    case 5:
      try checkCode(&message)
      try openChained(&message)
    case 7: try openDerived(&message)
    case let mode? where mode >= 16:
      try checkCode(&message)
      if DiehlCipher.isMaker(message.layers.link.manufacturer) {
        try openShiftRegister(&message)
      } else {
        message.doubt = .unsupportedSecurity
        message.provenEnd = message.bytes.count
      }
    case let mode?: throw DecodeError(.unsupportedSecurity, at: message.body - 1, found: Int(mode))
    }
    try known.protection.check(isEncrypted: message.isOpened, hasTag: message.isVerified, at: message.body)
  }

  /// Mode 5.
  private func openChained(_ message: inout WirelessMessage) throws(DecodeError) {
    message.security = .chainedWithVector
    let blocks = try enciphered(message, from: message.body)
    message.provenEnd = blocks.upperBound
    if let cipher = known.cipher, cipher.key != nil {
      if decipher(&message, cipher, blocks) {
        message.isOpened = true
      } else if !message.hasCheckWord(at: message.body), !isPlain(message) {
        throw message.error(.wrongKey)
      }
      message.doubt = .wrongKey
      return
    }
    message.doubt = .noKey
    if message.hasCheckWord(at: message.body) { return }
    if let cipher = known.cipher, let key = publicKey(message), decipher(&message, cipher.with(key: key), blocks) {
      message.publicKey = key
      return
    }
    // Without a number of blocks all of it may be plain.
    guard message.header.configuration & 0xF0 == 0 else { throw message.error(.noKey) }
  }

  /// Whether a telegram whose configuration word counts no enciphered blocks is all records.
  private func isPlain(_ message: WirelessMessage) -> Bool {
    guard message.header.configuration & 0xF0 == 0 else { return false }
    do throws(DecodeError) {
      let read = try application.read(
        message.bytes, from: message.layers.start, to: message.bytes.count, link: message.layers.address.header)
      return read.issues.isEmpty && read.content.records.allSatisfy { $0.kind == .data }
    } catch { return false }
  }

  /// Checks the code of the authentication layer, unless it is part of the mode (7). It is over what is still enciphered.
  ///
  /// Without the meter's key it cannot be checked: the telegram counts as one without. With a key, one that does not fit is
  /// `wrongKey`, and one that has no counter to derive a key from is `unsupportedSecurity`.
  func checkCode(_ message: inout WirelessMessage) throws(DecodeError) {
    guard let layer = message.layers.authentication, !layer.code.isEmpty else { return }
    guard let cipher = known.cipher, cipher.key != nil else { return message.hasUncheckedCode = true }
    guard try derivedKey(message, cipher) != nil else { throw message.error(.wrongKey) }
    message.isVerified = true
    message.isChecked = true
    message.counter = layer.counter
  }

  /// Deciphers blocks in place if the check word then stands at their beginning.
  private func decipher(_ message: inout WirelessMessage, _ cipher: WirelessCipher, _ blocks: Range<Int>) -> Bool {
    let (meter, link) = (message.layers.address, message.layers.link)
    if decipher(&message, cipher, blocks, meter) { return true }
    // Behind a short header the address is that of the link layer, also where a layer above has another one.
    if link != meter, decipher(&message, cipher, blocks, link) { return true }
    guard let twin = ApatorModule.twin(of: link) else { return false }
    return decipher(&message, cipher, blocks, twin)
  }

  /// The same with the vector of one address. What does not fit is enciphered again, which gives the bytes as they came.
  private func decipher(
    _ message: inout WirelessMessage, _ cipher: WirelessCipher, _ blocks: Range<Int>, _ address: WirelessAddress
  ) -> Bool {
    let vector = address.vector(message.header.accessNumber)
    guard !blocks.isEmpty, cipher.apply(.decipherChained, vector, to: &message.bytes, blocks) else { return false }
    guard message.hasCheckWord(at: blocks.lowerBound) else {
      _ = cipher.apply(.encipherChained, vector, to: &message.bytes, blocks)
      return false
    }
    (message.deciphered, message.vector) = (blocks, vector)
    return true
  }

  /// The key that a maker has published for all his meters.
  private func publicKey(_ message: WirelessMessage) -> [UInt8]? {
    let maker = message.layers.address.manufacturer & 0x7FFF
    if DiehlCipher.isMaker(maker) || DiehlCipher.isMaker(message.layers.link.manufacturer) {
      return DiehlCipher.openKey + DiehlCipher.openKey
    }
    return ApatorModule.makers.contains(maker) ? Self.zeroKey : nil
  }

  /// Mode 7: a byte that extends the configuration word stands before the records.
  private func openDerived(_ message: inout WirelessMessage) throws(DecodeError) {
    message.security = .chainedWithDerivedKey
    guard message.body < message.bytes.count else {
      throw DecodeError(.truncated, at: message.body, expected: 1)
    }
    guard message.bytes[message.body] >> 4 & 3 == 1 else {
      throw DecodeError(.unsupportedSecurity, at: message.body, found: 7)
    }
    let start = message.body + 1
    let blocks = try enciphered(message, from: start)
    if let cipher = known.cipher, cipher.key != nil {
      if let key = try derivedKey(message, cipher) {
        let opened = cipher.with(key: key).apply(
          .decipherChained, WirelessCipher.Block(repeating: 0), to: &message.bytes, blocks)
        guard opened, blocks.isEmpty || message.hasCheckWord(at: start) else { throw message.error(.wrongKey) }
        message.isOpened = true
        message.isVerified = true
        message.isChecked = true
        message.counter = message.layers.authentication?.counter
      } else if !message.hasCheckWord(at: start) {
        throw message.error(.wrongKey)
      }
    } else {
      guard message.hasCheckWord(at: start) else { throw message.error(.noKey) }
      message.hasUncheckedCode = message.layers.authentication?.code.isEmpty == false
      message.doubt = .noKey
      message.provenEnd = blocks.upperBound - 1
    }
    // Records follow the configuration word for all that reads them.
    message.modeExtension = message.bytes.remove(at: message.body)
    message.deciphered = message.isOpened ? blocks.lowerBound - 1..<blocks.upperBound - 1 : 0..<0
  }

  /// The key of a telegram in mode 7; nil if its authentication code does not fit. The code of other modes is made as there.
  private func derivedKey(_ message: WirelessMessage, _ cipher: WirelessCipher) throws(DecodeError) -> [UInt8]? {
    guard let layer = message.layers.authentication, let counter = layer.counter, !layer.code.isEmpty else {
      throw DecodeError(.unsupportedSecurity, at: message.body, found: Int(message.mode ?? 0))
    }
    let code = message.bytes[layer.code]
    let numbers = [
      message.header.structure == .short ? message.layers.link : message.layers.address, message.layers.address,
    ].map(\.identification)
    for number in numbers {
      let suffix = Self.suffix(counter, number)
      guard let found = Self.code(message, layer, suffix, cipher) else { return nil }
      if found.starts(with: code) { return cipher.authenticationCode([0] + suffix) }
    }
    return nil
  }

  /// What the keys of a telegram in mode 7 are derived from, behind their first byte.
  static func suffix(_ counter: UInt32, _ number: UInt32) -> [UInt8] {
    littleEndian(counter) + littleEndian(number) + [UInt8](repeating: 7, count: 7)
  }

  /// The authentication code of a telegram in mode 7, in full length; nil without a key.
  static func code(
    _ message: WirelessMessage, _ layer: WirelessLayers.Authentication, _ suffix: [UInt8], _ cipher: WirelessCipher
  ) -> [UInt8]? {
    let text = message.bytes[layer.messageLength] + message.bytes[message.layers.start...]
    let key = cipher.authenticationCode([1] + suffix)
    return key.flatMap { cipher.with(key: $0).authenticationCode([layer.control] + suffix.prefix(4) + text) }
  }

  private static func littleEndian(_ number: UInt32) -> [UInt8] {
    [0, 8, 16, 24].map { UInt8(truncatingIfNeeded: number >> UInt32($0)) }
  }

  /// The enciphered blocks that the configuration word counts; all whole ones if it counts none.
  private func enciphered(_ message: WirelessMessage, from start: Int) throws(DecodeError) -> Range<Int> {
    let there = message.bytes.count - start
    let counted = Int(message.header.configuration >> 4 & 15) * Self.block
    guard counted <= there else {
      throw DecodeError(.truncated, at: message.bytes.count, expected: counted, found: there)
    }
    return start..<start + (counted > 0 ? counted : there / Self.block * Self.block)
  }

  /// Diehl's telegrams in modes 16 to 31, and behind CI 71. The high byte of the configuration word has the sum of the plain
  /// bytes.
  func openShiftRegister(_ message: inout WirelessMessage) throws(DecodeError) {
    message.security = .shiftRegister
    let key = known.cipher?.key
    let frame = message.bytes
    message.doubt = key == nil ? .noKey : .wrongKey
    message.provenEnd = frame.count
    if let opened = DiehlCipher.open(frame, key: key, isPlain: { DiehlCipher.areRecords($0, of: frame) }) {
      message.bytes = opened.bytes
      message.isOpened = key != nil
      message.publicKey = key == nil ? opened.key : nil
    } else {
      message.isStoredPlain = key == nil && DiehlCipher.areRecords(frame[DiehlCipher.start...], of: frame)
      guard message.isStoredPlain else { throw message.error(key == nil ? .noKey : .wrongKey) }
    }
  }

  /// The first counter block of a session.
  private func vector(_ layers: WirelessLayers, _ session: WirelessLayers.Session) -> WirelessCipher.Block {
    var vector = layers.address.vector(0)
    vector[8] = session.control & Self.unchangedControl
    for index in 0..<4 { vector[9 + index] = UInt8(truncatingIfNeeded: session.number >> UInt32(8 * index)) }
    return vector
  }

  /// Makes a session's check value anew.
  static func renewCheckValue(_ bytes: inout [UInt8], at place: Int) {
    let value = CRC16.en13757(bytes.span, place + 2..<bytes.count)
    (bytes[place], bytes[place + 1]) = (UInt8(value & 255), UInt8(value >> 8))
  }

  private static func fitsCheckValue(_ bytes: Span<UInt8>, at place: Int) -> Bool {
    checkValue(bytes, at: place) == Int(CRC16.en13757(bytes, place + 2..<bytes.count))
  }

  /// The check value of a session, the low byte first.
  private static func checkValue(_ bytes: Span<UInt8>, at place: Int) -> Int {
    Int(bytes[place]) | Int(bytes[place + 1]) << 8
  }
}
