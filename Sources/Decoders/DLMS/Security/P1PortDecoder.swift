/// Makes readings of what comes out of a P1 port: telegrams in plain, and enciphered ones (Luxembourg, some Austrian and
/// Polish meters) with the cipher of DLMS around the text.
///
/// A tag, a checksum behind the cipher or one within the text must vouch for an enciphered telegram.
package struct P1PortDecoder: MeterDecoder {
  private let protection: ProtectionRule
  private var decipherer: DLMSDecipherer
  private var decoder: P1Decoder

  /// - Parameters:
  ///   - cipher: with the meter's key; nil without a configured key.
  ///   - systemTitle: for meters that do not send it; nil for eight zeros, which Polish meters take.
  ///   - protection: that telegrams must have.
  ///   - utcOffset: minutes east of UTC of the meter's clock, as for `P1Decoder`.
  package init(
    _ cipher: DLMSCipher?, systemTitle: SystemTitle? = nil, protection: ProtectionRule = ProtectionRule(),
    utcOffset: Int16? = nil
  ) {
    self.protection = protection
    decipherer = DLMSDecipherer(cipher, systemTitle: systemTitle ?? SystemTitle(0), protection: protection)
    decoder = P1Decoder(utcOffset: utcOffset)
  }

  /// Decodes one telegram.
  package mutating func decode(_ frame: Span<UInt8>, into telegrams: inout [Telegram]) throws(DecodeError) {
    guard let block = P1CipherBlock(frame: frame) else {
      try protection.check(isEncrypted: false, hasTag: false)
      return try decoder.decode(frame, into: &telegrams)
    }
    guard frame.count <= DLMSFramer.limit else { throw DecodeError(.tooLong, at: 0, expected: DLMSFramer.limit) }
    let bytes = [UInt8](frame)
    var data = bytes
    let opened = try decipherer.open(try DLMSEnvelope(data.span, at: block.start), in: &data)
    let text = try text(of: opened, data.span, behind: block)
    decipherer.accept(opened)
    let first = telegrams.count
    try decoder.decode(text.span, into: &telegrams)
    for index in telegrams.indices.dropFirst(first) {
      telegrams[index].seal = opened.seal(bytes)
      // Without a tag, a checksum in the text or behind the cipher was there and right.
      telegrams[index].protection = opened.verification == .verified ? .authenticated : .checkValue
    }
  }

  /// Every frame is a whole telegram.
  package mutating func finish(into telegrams: inout [Telegram]) throws(DecodeError) {}

  /// The P1 telegram in a deciphered text: a whole one, or its lines alone behind an identification in plain.
  private mutating func text(
    of opened: DLMSOpened, _ data: Span<UInt8>, behind block: P1CipherBlock
  ) throws(DecodeError) -> [UInt8] {
    let isVerified = opened.verification == .verified
    guard let first = opened.text.first else {
      throw DecodeError(.truncated, at: opened.text.lowerBound, expected: 1)
    }
    guard isVerified || DLMSDecipherer.isPlausible(data, opened.text) else {
      throw decipherer.refuse(opened.title)
    }
    // The framer has held a checksum behind the cipher against the bytes before it.
    let isChecked = isVerified || P1Checksum.begins(behind: block.end, in: data)
    if data[first] == DLMSTag.text {
      return try Self.frame(data.extracting(opened.text), needsChecksum: !isChecked)
    }
    guard data[first].isDigit, data[0] == DLMSTag.text else {
      throw DecodeError(.unsupported, at: first, found: Int(data[first]))
    }
    let lines = data.extracting(opened.text)
    for index in lines.indices where !(0x20..<0x7F).contains(lines[index]) && !lines[index].isLineEnd {
      if isVerified { throw DecodeError(.badLine, at: first + index) }
      throw decipherer.refuse(opened.title)
    }
    guard isChecked else { throw DecodeError(.checksumMissing, at: opened.text.upperBound) }
    var text: [UInt8] = []
    text.append(data.extracting(0..<block.start + 1))
    // The cipher may begin without a mark of its own: then its place is that of the last line end.
    if let last = text.last, !last.isLineEnd { text.removeLast() }
    text.append(lines)
    if !Self.hasEnd(lines) { text += Array("!\r\n".utf8) }
    return text
  }

  /// Whether the lines bring the `!` that ends a telegram.
  private static func hasEnd(_ lines: Span<UInt8>) -> Bool {
    var last = lines.count
    while last > 0, lines[last - 1].isLineEnd || Hexadecimal.digit(lines[last - 1]) != nil { last -= 1 }
    return last > 0 && lines[last - 1] == UInt8(ascii: "!")
  }

  /// The P1 telegram in a text; throws if its checksum is wrong, or missing without another one.
  static func frame(_ text: Span<UInt8>, needsChecksum: Bool) throws(DecodeError) -> [UInt8] {
    var framer = P1Framer()
    framer.append(text)
    framer.finish()
    switch framer.next() {
    case .frame(let frame):
      let end = frame.lastIndex(of: UInt8(ascii: "!")) ?? 0
      guard !needsChecksum || P1Checksum.begins(behind: end, in: frame.span) else {
        throw DecodeError(.checksumMissing, at: end)
      }
      return frame
    case .rejected(_, let error): throw error
    case nil: throw DecodeError(.truncated, at: text.count, expected: 1)
    }
  }
}
