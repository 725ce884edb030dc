/// The protection that a meter's telegrams must have: what the configuration names, the wire must have.
///
/// It is one rule for every protocol. Without it, bytes in plain would pass for the meter's own.
package struct ProtectionRule: Hashable, Sendable, BitwiseCopyable {
  /// A key is configured.
  package var needsCipher = false
  /// A key that authenticates is configured.
  package var needsTag = false
  /// The meter mixes: telegrams in plain count too. What is enciphered must still have the configured tag.
  package var allowsPlain = false

  package init(needsCipher: Bool = false, needsTag: Bool = false, allowsPlain: Bool = false) {
    self.needsCipher = needsCipher
    self.needsTag = needsTag
    self.allowsPlain = allowsPlain
  }

  /// Throws `not_encrypted` for a text in plain, and `not_authenticated` for a cipher without a tag.
  ///
  /// Whether the tag fits is for the cipher to say.
  package func check(isEncrypted: Bool, hasTag: Bool, at offset: Int = 0) throws(DecodeError) {
    guard isEncrypted else {
      if needsCipher, !allowsPlain { throw DecodeError(.notEncrypted, at: offset) }
      return
    }
    if needsTag, !hasTag { throw DecodeError(.notAuthenticated, at: offset) }
  }
}
