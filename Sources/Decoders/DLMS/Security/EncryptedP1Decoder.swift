/// Makes readings of enciphered P1 telegrams (Luxembourg, some Austrian meters): the cipher of DLMS around the text.
///
/// The tag is optional. The checksum of the text must be present and correct.
package struct EncryptedP1Decoder: MeterDecoder {
  private var decipherer: DLMSDecipherer
  private var decoder: P1Decoder

  /// - Parameters:
  ///   - cipher: with the meter's key; nil without a configured key.
  ///   - systemTitle: for meters that do not send it.
  ///   - utcOffset: minutes east of UTC of the meter's clock, as for `P1Decoder`.
  ///   - counters: the frame counters of an earlier run.
  package init(
    _ cipher: DLMSCipher?, systemTitle: SystemTitle? = nil, utcOffset: Int16? = nil, counters: [DLMSFrameCounter] = []
  ) {
    decipherer = DLMSDecipherer(cipher, systemTitle: systemTitle, counters: counters)
    decoder = P1Decoder(utcOffset: utcOffset)
  }

  /// The frame counters to hand to `init` after a restart.
  package var counters: [DLMSFrameCounter] { decipherer.counters.all }

  /// Deciphers and decodes one telegram.
  package mutating func decode(_ frame: Span<UInt8>, into telegrams: inout [Telegram]) throws(DecodeError) {
    guard frame.count <= DLMSFramer.limit else { throw DecodeError(.tooLong, at: 0, expected: DLMSFramer.limit) }
    var data = [UInt8](capacity: frame.count) { copy in for index in frame.indices { copy.append(frame[index]) } }
    let opened = try decipherer.open(try DLMSEnvelope(data.span, at: 0), in: &data)
    guard let first = opened.text.first, data[first] == DLMSTag.text,
      DLMSDecipherer.isPlausible(data.span, opened.text)
    else {
      if let first = opened.text.first, DLMSDecipherer.isPlausible(data.span, opened.text) {
        throw DecodeError(.unsupported, at: first, found: Int(data[first]))
      }
      throw decipherer.refuse(opened.title)
    }
    let text = try Self.frame(data.span.extracting(opened.text))
    _ = try decipherer.accept(opened)
    try decoder.decode(text.span, into: &telegrams)
    if opened.verification == .verified { telegrams[telegrams.count - 1].protection = .authenticated }
  }

  /// Every frame is a whole telegram.
  package mutating func finish(into telegrams: inout [Telegram]) throws(DecodeError) {}

  /// The P1 telegram in a text; throws if its checksum is missing or wrong.
  static func frame(_ text: Span<UInt8>) throws(DecodeError) -> [UInt8] {
    var framer = P1Framer()
    framer.append(text)
    framer.finish()
    switch framer.next() {
    case .frame(let frame):
      let end = frame.lastIndex(of: UInt8(ascii: "!")) ?? 0
      guard end + 1 < frame.count, Hexadecimal.digit(frame[end + 1]) != nil else {
        throw DecodeError(.checksumMissing, at: end)
      }
      return frame
    case .rejected(_, let error): throw error
    case nil: throw DecodeError(.truncated, at: text.count, expected: 1)
    }
  }
}
