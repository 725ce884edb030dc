/// How certain a telegram's origin is.
package enum DLMSVerification: UInt8, Sendable, BitwiseCopyable {
  /// The telegram is in plain.
  case plain
  /// Enciphered without a tag: an attacker who flips a bit of the cipher flips a bit of the text.
  case noTag
  /// It has a tag, which stays unchecked without an authentication key.
  case unchecked
  /// The tag fits.
  case verified

  /// The stable name in the output of `decode`.
  package var name: String {
    switch self {
    case .plain: "plain"
    case .noTag: "no_tag"
    case .unchecked: "unchecked"
    case .verified: "verified"
    }
  }
}

/// Data from the envelope of a telegram.
struct DLMSOpened {
  var title: SystemTitle
  var counter: UInt32
  var security: DLMSSecurity
  var verification: DLMSVerification
  /// The place of the text.
  var text: Range<Int>

  /// Whether it proves a key. Anyone may have written a text in plain whose tag nobody can check.
  var isProof: Bool { security.isEncrypted || verification == .verified }

  /// Nil for a telegram that proves nothing.
  func seal(_ frame: [UInt8]) -> TelegramSeal? {
    guard isProof else { return nil }
    return TelegramSeal(
      sender: title.bytes, counter: counter, isVerified: verification == .verified, frame: frame)
  }
}

/// Opens envelopes, and remembers the meters that it has opened and failures of the key.
struct DLMSDecipherer: Sendable {
  /// Failures in a row after which a key that once fitted counts as wrong.
  static let failures = 3
  /// The number of remembered meters.
  static let meterLimit = 16

  private let cipher: DLMSCipher?
  /// For meters that do not send a system title.
  private let systemTitle: SystemTitle?
  private let protection: ProtectionRule
  /// Meters whose telegrams the key has opened.
  private var known: [SystemTitle] = []
  private var failed = 0

  init(_ cipher: DLMSCipher?, systemTitle: SystemTitle?, protection: ProtectionRule) {
    self.cipher = cipher
    self.systemTitle = systemTitle
    self.protection = protection
  }

  /// Deciphers the text of an envelope in place. The caller tests its plausibility, and calls `accept` or `refuse`.
  mutating func open(_ envelope: DLMSEnvelope, in bytes: inout [UInt8]) throws(DecodeError) -> DLMSOpened {
    guard envelope.end <= bytes.count else {
      throw DecodeError(
        .lengthMismatch, at: envelope.text.lowerBound, expected: envelope.end - envelope.text.lowerBound,
        found: bytes.count - envelope.text.lowerBound)
    }
    let place = envelope.text.lowerBound - 5
    let security = envelope.security
    try protection.check(isEncrypted: security.isEncrypted, hasTag: security.isAuthenticated, at: place)
    guard security.isEncrypted || security.isAuthenticated else {
      throw DecodeError(.unsupportedSecurity, at: place, found: Int(security.byte))
    }
    guard let title = envelope.title ?? systemTitle else { throw DecodeError(.systemTitleMissing, at: 0) }
    guard let cipher else { throw DecodeError(.noKey, of: title) }
    var opened = DLMSOpened(
      title: title, counter: envelope.counter, security: security, verification: .noTag, text: envelope.text)
    if security.isAuthenticated {
      if let key = cipher.authenticationKey {
        try verify(envelope, title, cipher, key, in: &bytes)
        opened.verification = .verified
        return opened
      }
      opened.verification = .unchecked
    }
    if security.isEncrypted { decipher(envelope, title, cipher, in: &bytes) }
    return opened
  }

  /// The text is plausible: the key fits.
  mutating func accept(_ opened: DLMSOpened) {
    failed = 0
    if opened.isProof, !known.contains(opened.title), known.count < Self.meterLimit { known.append(opened.title) }
  }

  /// The text is not plausible: a wrong key, or damage if the key has fitted before.
  mutating func refuse(_ title: SystemTitle) -> DecodeError {
    failed = min(failed + 1, Self.failures)
    let isDamage = failed < Self.failures && known.contains(title)
    return DecodeError(isDamage ? .undecipherable : .wrongKey, of: title)
  }

  private func decipher(
    _ envelope: DLMSEnvelope, _ title: SystemTitle, _ cipher: DLMSCipher, in bytes: inout [UInt8]
  ) {
    let nonce = envelope.nonce(title)
    let nothing: [0 of UInt8] = []
    var all = bytes.mutableSpan
    var text = all._mutatingExtracting(envelope.text)
    _ = cipher.open(nonce.span, nothing.span, nothing.span, &text)
  }

  private mutating func verify(
    _ envelope: DLMSEnvelope, _ title: SystemTitle, _ cipher: DLMSCipher, _ key: [UInt8], in bytes: inout [UInt8]
  ) throws(DecodeError) {
    let nonce = envelope.nonce(title)
    var tag = [12 of UInt8](repeating: 0)
    for index in 0..<DLMSEnvelope.tagCount { tag[index] = bytes[envelope.tag.lowerBound + index] }
    var associated = [envelope.security.byte] + key
    guard envelope.security.isEncrypted else {
      // Text in plain is itself associated data.
      associated += bytes[envelope.text]
      var nothing: [UInt8] = []
      var text = nothing.mutableSpan
      if cipher.open(nonce.span, associated.span, tag.span, &text) { return }
      throw DecodeError(.wrongAuthenticationKey, of: title)
    }
    let sealed = Array(bytes[envelope.text])
    var all = bytes.mutableSpan
    var text = all._mutatingExtracting(envelope.text)
    if cipher.open(nonce.span, associated.span, tag.span, &text) { return }
    // The beginning of the text, without the tag, tells which of the two keys is wrong.
    bytes.replaceSubrange(envelope.text, with: sealed)
    decipher(envelope, title, cipher, in: &bytes)
    if !known.contains(title), Self.isPlausible(bytes.span, envelope.text) {
      throw DecodeError(.wrongAuthenticationKey, of: title)
    }
    throw refuse(title)
  }

  /// Whether a text begins like a notification or like a P1 telegram or its lines. One wrong key in 20 000 does so too.
  static func isPlausible(_ bytes: Span<UInt8>, _ text: Range<Int>) -> Bool {
    guard text.count > 6 else { return false }
    let start = text.lowerBound
    switch bytes[start] {
    case DLMSTag.dataNotification:
      return bytes[start + 5] == 0 || bytes[start + 5] == DLMSDateTime.count
        || bytes[start + 5] == AXDRTag.octetString && bytes[start + 6] == DLMSDateTime.count
    case DLMSTag.text: return (1...3).allSatisfy { bytes[start + $0].isLetter }
    case UInt8(ascii: "0")...UInt8(ascii: "9"):
      return bytes[start + 1] == UInt8(ascii: "-") && bytes[start + 2].isDigit && bytes[start + 3] == UInt8(ascii: ":")
    default: return false
    }
  }
}
