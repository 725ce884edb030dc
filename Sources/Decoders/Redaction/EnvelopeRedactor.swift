/// Opens the envelopes of a meter, and closes them with a key that is not a secret.
struct EnvelopeRedactor: Sendable {
  /// The meter's cipher; nil without a key.
  let cipher: DLMSCipher?
  /// For meters that do not send theirs.
  let systemTitle: SystemTitle?
  /// The cipher with the published key.
  let example: DLMSCipher?

  /// Deciphers the text of the envelope at a place.
  func open(_ data: inout [UInt8], at place: Int) throws(RedactionError) -> DLMSEnvelope {
    do throws(DecodeError) {
      let envelope = try DLMSEnvelope(data.span, at: place)
      guard envelope.security.isEncrypted else {
        guard envelope.end <= data.count else { throw DecodeError(.truncated, at: data.count, expected: 1) }
        return envelope
      }
      var decipherer = DLMSDecipherer(cipher, systemTitle: systemTitle, protection: ProtectionRule())
      let opened = try decipherer.open(envelope, in: &data)
      let first = data[opened.text.lowerBound]
      let isList = first == AXDRTag.array || first == AXDRTag.structure
      guard isList || DLMSDecipherer.isPlausible(data.span, opened.text) else { throw decipherer.refuse(opened.title) }
      return envelope
    } catch { throw .unreadable(error) }
  }

  /// Gives the sender another title, enciphers the text, and empties the tag, which nobody without the key can make.
  func close(
    _ data: inout [UInt8], _ envelope: DLMSEnvelope, _ pseudonyms: inout Pseudonyms
  ) throws(RedactionError) {
    var title = (systemTitle ?? SystemTitle(0)).redacted
    if let own = envelope.title {
      title = pseudonyms.title(own)
      // Security byte and counter stand between title, length and text.
      let start = Self.place(of: own, before: envelope.text.lowerBound, in: data)
      for index in 0..<8 { data[start + index] = title.byte(index) }
    }
    for index in envelope.tag { data[index] = 0 }
    guard envelope.security.isEncrypted else { return }
    guard let example else { throw .unreadable(DecodeError(.noKey, of: title)) }
    let nonce = envelope.nonce(title)
    let nothing: [0 of UInt8] = []
    var all = data.mutableSpan
    var text = all._mutatingExtracting(envelope.text)
    // Counter mode: to encipher is to decipher.
    _ = example.open(nonce.span, nothing.span, nothing.span, &text)
  }

  private static func place(of title: SystemTitle, before end: Int, in data: [UInt8]) -> Int {
    let bytes = (0..<8).map(title.byte)
    return (0...max(0, end - 8)).last { data[$0..<$0 + 8].elementsEqual(bytes) } ?? 0
  }
}

extension SystemTitle {
  /// What `capture` enciphers with for a meter that does not send its title: the same maker, number 1. A title of zeros is
  /// not a secret.
  package var redacted: SystemTitle { bytes == 0 ? self : SystemTitle(bytes & 0xFFFF_FF00_0000_0000 | 1) }
}

extension Pseudonyms {
  /// The maker's letters stay.
  mutating func title(_ title: SystemTitle) -> SystemTitle {
    let own = (0..<8).map(title.byte)
    let bytes = own.prefix(3) + bytes(Array(own.dropFirst(3)))
    return SystemTitle(bytes.reduce(0) { $0 << 8 | UInt64($1) })
  }
}
