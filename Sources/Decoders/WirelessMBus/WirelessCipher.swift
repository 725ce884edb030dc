/// AES-128 as wireless M-Bus uses it, and the key of a meter.
///
/// This library does not contain a cipher: the caller hands it in. It never prints the key.
package struct WirelessCipher: Sendable {
  package enum Mode: Sendable { case decipherChained, encipherChained, counter }

  /// Works on `text` in place, with 16 bytes of key and of initial vector (in counter mode the first counter block).
  ///
  /// Chained text is whole blocks. False if the cipher fails.
  package typealias Run =
    @Sendable (_ mode: Mode, _ key: Span<UInt8>, _ vector: Span<UInt8>, _ text: inout MutableSpan<UInt8>) -> Bool

  /// A block of AES.
  package typealias Block = [16 of UInt8]

  let run: Run
  /// 16 bytes; nil for a meter without a configured key.
  let key: [UInt8]?

  package init(key: [UInt8]? = nil, run: @escaping Run) {
    self.key = key
    self.run = run
  }

  /// The same cipher with another key of 16 bytes.
  package func with(key: [UInt8]) -> WirelessCipher { WirelessCipher(key: key, run: run) }

  /// Deciphers or enciphers a part of some bytes in place. False without a key, or if the cipher fails.
  package func apply(_ mode: Mode, _ vector: Block, to bytes: inout [UInt8], _ range: Range<Int>) -> Bool {
    guard let key else { return false }
    var all = bytes.mutableSpan
    var text = all._mutatingExtracting(range)
    return run(mode, key.span, vector.span, &text)
  }

  /// AES-CMAC (RFC 4493) of some bytes; nil without a key.
  ///
  /// It is the last block of the chained cipher, with the last block of the text masked by the cipher of zeros.
  package func authenticationCode(_ message: [UInt8]) -> [UInt8]? {
    let zeros = Block(repeating: 0)
    var mask = [UInt8](repeating: 0, count: 16)
    guard apply(.encipherChained, zeros, to: &mask, 0..<16) else { return nil }
    Self.double(&mask)
    var text = message
    if message.isEmpty || message.count % 16 != 0 {
      Self.double(&mask)
      text.append(0x80)
      text += [UInt8](repeating: 0, count: (16 - text.count % 16) % 16)
    }
    for index in 0..<16 { text[text.count - 16 + index] ^= mask[index] }
    guard apply(.encipherChained, zeros, to: &text, 0..<text.count) else { return nil }
    return Array(text.suffix(16))
  }

  /// Multiplies by two in the field of 2¹²⁸.
  private static func double(_ block: inout [UInt8]) {
    let carry = block[0] >> 7
    for index in 0..<15 { block[index] = block[index] << 1 | block[index + 1] >> 7 }
    block[15] = block[15] << 1 ^ carry * 0x87
  }
}

extension WirelessCipher: CustomStringConvertible, CustomReflectable {
  /// Hides the key.
  package var description: String { "(hidden)" }
  /// Hides the key.
  package var customMirror: Mirror { Mirror(self, children: []) }
}
