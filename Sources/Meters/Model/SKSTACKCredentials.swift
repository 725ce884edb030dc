package import Base
internal import Decoders

/// The id and password from the grid company. They leave this program only inside two commands to the dongle.
package struct SKSTACKCredentials: Equatable, Sendable {
  /// 32 hexadecimal digits.
  package var identifier: Secret
  /// 12 characters.
  package var password: Secret

  /// This many characters of a secret in a row give it away.
  private static let part = 6

  package init(identifier: Secret, password: Secret) {
    self.identifier = identifier
    self.password = password
  }

  /// The last eight digits of the id, which the meter's beacon shows.
  package var pairing: String { String(identifier.reveal.suffix(8)) }

  /// Returns the bytes, or no bytes at all if they hold a part of a secret.
  ///
  /// The part may be text or hexadecimal text. A meter also stores the id with two digits in a byte.
  func conceal(_ bytes: [UInt8]) -> [UInt8] {
    let there = Self.upperCase(bytes)
    for secret in [identifier.reveal, password.reveal] {
      let plain = Self.upperCase(Array(secret.utf8))
      if Self.share(there, plain, length: Self.part) { return [] }
      // Two digits a character; a cut may lie inside a character.
      if Self.share(there, Array(Hexadecimal.text(secret.utf8).utf8), length: 2 * Self.part) { return [] }
    }
    let digits = Hexadecimal.bytes(identifier.reveal.utf8) ?? []
    return Self.share(bytes, digits, length: Self.part) ? [] : bytes
  }

  /// One or two characters that repeat. The zeros of an id give nothing away, and other data has them too.
  private static func isFilling(_ part: [UInt8]) -> Bool {
    (2..<part.count).allSatisfy { part[$0] == part[$0 - 2] }
  }

  private static func upperCase(_ bytes: [UInt8]) -> [UInt8] {
    bytes.map { (0x61...0x7A).contains($0) ? $0 - 0x20 : $0 }
  }

  /// Whether the text holds any `length` bytes in a row of the secret.
  private static func share(_ text: [UInt8], _ secret: [UInt8], length: Int) -> Bool {
    guard text.count >= length, secret.count >= length else { return false }
    let parts = Set((0...(secret.count - length)).map { Array(secret[$0..<$0 + length]) }.filter { !isFilling($0) })
    return (0...(text.count - length)).contains { parts.contains(Array(text[$0..<$0 + length])) }
  }
}
