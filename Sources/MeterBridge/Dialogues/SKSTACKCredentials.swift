internal import Decoders

/// What the meter's owner got from the grid company. It leaves this program only inside two commands to the dongle.
struct SKSTACKCredentials: Equatable, Sendable {
  /// 32 hexadecimal digits.
  var identifier: Secret
  /// 12 characters.
  var password: Secret

  /// What the meter's beacon shows of the id: its last eight digits.
  var pairing: String { String(identifier.reveal.suffix(8)) }

  /// Characters in a row that give something away.
  private static let part = 6

  /// The bytes, or none of them where any part of a secret is among them, as text, as the hexadecimal of it, or as a
  /// meter has its id, two digits a byte.
  func conceal(_ bytes: [UInt8]) -> [UInt8] {
    let there = Self.upperCase(bytes)
    for secret in [identifier.reveal, password.reveal] {
      let plain = Self.upperCase(Array(secret.utf8))
      if Self.share(there, plain, length: Self.part) { return [] }
      // Two digits a character, wherever in the byte a cut may lie.
      if Self.share(there, Array(Hexadecimal.text(secret.utf8).utf8), length: 2 * Self.part) { return [] }
    }
    let digits = Hexadecimal.bytes(identifier.reveal.utf8) ?? []
    return Self.share(bytes, digits, length: Self.part) ? [] : bytes
  }

  /// The same one or two characters over and over: the zeros of an id say nothing, and stand everywhere.
  private static func isFilling(_ part: [UInt8]) -> Bool {
    (2..<part.count).allSatisfy { part[$0] == part[$0 - 2] }
  }

  private static func upperCase(_ bytes: [UInt8]) -> [UInt8] {
    bytes.map { (0x61...0x7A).contains($0) ? $0 - 0x20 : $0 }
  }

  /// Whether any `length` bytes in a row of the secret stand in the text.
  private static func share(_ text: [UInt8], _ secret: [UInt8], length: Int) -> Bool {
    guard text.count >= length, secret.count >= length else { return false }
    let parts = Set((0...(secret.count - length)).map { Array(secret[$0..<$0 + length]) }.filter { !isFilling($0) })
    return (0...(text.count - length)).contains { parts.contains(Array(text[$0..<$0 + length])) }
  }
}
