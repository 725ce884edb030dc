/// The cipher of a meter: AES-128 in Galois/counter mode, with the meter's key inside.
///
/// This library does not contain a cipher: the caller hands it in. It never prints the keys.
package struct DLMSCipher: Sendable {
  /// Deciphers `text` in place.
  ///
  /// The tag has 12 bytes, the beginning of the full one. False means that text and associated data do not fit it, and the
  /// text is then useless. An empty tag deciphers in counter mode from the block after the nonce's first, unverified.
  package typealias Open =
    @Sendable (
      _ nonce: Span<UInt8>, _ associated: Span<UInt8>, _ tag: Span<UInt8>, _ text: inout MutableSpan<UInt8>
    ) -> Bool

  let open: Open
  /// The 16 bytes in the associated data; nil if unknown.
  let authenticationKey: [UInt8]?

  /// - Parameters:
  ///   - authenticationKey: 16 bytes; nil if the operator does not give it. Tags then stay unchecked.
  ///   - open: the cipher itself, with the encryption key.
  package init(authenticationKey: [UInt8]? = nil, open: @escaping Open) {
    self.authenticationKey = authenticationKey
    self.open = open
  }
}

extension DLMSCipher: CustomStringConvertible, CustomReflectable {
  /// Hides the key.
  package var description: String { "(hidden)" }
  /// Hides the key.
  package var customMirror: Mirror { Mirror(self, children: []) }
}

/// The security control byte (Green Book 9.2.7.2.4.1).
package struct DLMSSecurity: Hashable, Sendable, BitwiseCopyable {
  /// As on the wire.
  package var byte: UInt8

  /// A tag of 12 bytes follows the text.
  package var isAuthenticated: Bool { byte & 0x10 != 0 }
  /// The text is enciphered.
  package var isEncrypted: Bool { byte & 0x20 != 0 }
  /// The text is compressed.
  var isCompressed: Bool { byte & 0x80 != 0 }
}

/// The frame around enciphered application data: `DB 08 title(8) length security counter(4) text [tag(12)]`.
struct DLMSEnvelope {
  static let tagCount = 12

  /// Nil if the meter does not send it.
  var title: SystemTitle?
  var security: DLMSSecurity
  /// Rises with every telegram; part of the nonce.
  var counter: UInt32
  /// The text without the tag.
  var text: Range<Int>
  /// Empty without a tag.
  var tag: Range<Int>

  /// First byte behind it; it may lie behind the received bytes.
  var end: Int { tag.upperBound }

  /// The envelope at a place, by its head.
  init(_ bytes: Span<UInt8>, at start: Int) throws(DecodeError) {
    var position = start + 2
    guard position < bytes.count else { throw DecodeError(.truncated, at: bytes.count, expected: 1) }
    let titleCount = Int(bytes[start + 1])
    guard titleCount == 8 || titleCount == 0 else {
      throw DecodeError(.badFrame, at: start + 1, expected: 8, found: titleCount)
    }
    guard bytes.count - position > titleCount else {
      throw DecodeError(.truncated, at: bytes.count, expected: titleCount + 1)
    }
    title = titleCount == 8 ? SystemTitle(bytes, at: position) : nil
    position += titleCount
    var reader = AXDRReader(bytes, position..<bytes.count)
    let count = try reader.length()
    position = reader.position
    guard count <= DLMSFramer.limit - 16 else { throw DecodeError(.tooLong, at: start, expected: DLMSFramer.limit) }
    guard bytes.count - position >= 5 else { throw DecodeError(.truncated, at: bytes.count, expected: 5) }
    security = DLMSSecurity(byte: bytes[position])
    guard !security.isCompressed, security.byte & 0x0F <= 1 else {
      throw DecodeError(.unsupportedSecurity, at: position, found: Int(security.byte))
    }
    let tagCount = security.isAuthenticated ? Self.tagCount : 0
    guard count >= 5 + tagCount else {
      throw DecodeError(.lengthMismatch, at: position, expected: 5 + tagCount, found: count)
    }
    counter = 0
    for index in position + 1..<position + 5 { counter = counter << 8 | UInt32(bytes[index]) }
    let end = position + count
    text = position + 5..<end - tagCount
    tag = end - tagCount..<end
  }

  /// The twelve bytes that never repeat with one key: title and counter.
  func nonce(_ title: SystemTitle) -> [12 of UInt8] {
    var nonce = [12 of UInt8](repeating: 0)
    for index in 0..<8 { nonce[index] = title.byte(index) }
    for index in 0..<4 { nonce[8 + index] = UInt8(truncatingIfNeeded: counter >> UInt32(24 - 8 * index)) }
    return nonce
  }
}
